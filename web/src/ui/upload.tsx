// Choosing files for a form, one by one or several at once. Each is shown with its name and size and can be removed. The
// server checks the content.
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { fieldId } from './error-summary';
import type { FormState } from './form';
import { fileSize } from './format';

interface UploadProps {
  form: FormState;
  name: string;
  label: string;
  hint: string;
  accept: string;
  files: File[];
  setFiles: (files: File[]) => void;
}

const same = (a: File, b: File) =>
  a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;

export function Upload({ form, name, label, hint, accept, files, setFiles }: UploadProps) {
  const id = fieldId(name);
  const error = form.errors[name];
  const [said, say] = useState('');

  const add = (list: FileList | null) => {
    const fresh = [...(list ?? [])].filter((f) => !files.some((g) => same(f, g)));
    if (!fresh.length) return;
    setFiles([...files, ...fresh]);
    say(`Added ${fresh.map((f) => f.name).join(', ')}`);
  };
  const remove = (file: File) => {
    setFiles(files.filter((f) => f !== file));
    say(`Removed ${file.name}`);
    document.getElementById(id)?.focus();
  };

  return (
    <div
      class="c-upload"
      onDragOver={(e) => e.preventDefault()}
      onDrop={(e) => {
        e.preventDefault();
        add(e.dataTransfer?.files ?? null);
      }}
    >
      <label class="ds-c-label" for={id}>
        {label}
      </label>
      <p class="ds-c-hint" id={`${id}-hint`}>
        {hint}
      </p>
      {error ? (
        <p class="ds-c-inline-error c-inline-error" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
      <input
        type="file"
        id={id}
        multiple
        accept={accept}
        class="c-upload__input"
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={error ? `${id}-error ${id}-hint` : `${id}-hint`}
        onChange={(e) => {
          add(e.currentTarget.files);
          e.currentTarget.value = '';
        }}
      />
      {files.length ? (
        <ul class="c-upload__list" role="list" aria-label="Selected files">
          {files.map((file) => (
            <li key={file.name + file.size + file.lastModified}>
              <span class="c-upload__name">{file.name}</span>{' '}
              <span class="c-quiet">{fileSize(file.size)}</span>{' '}
              <button
                type="button"
                class="ds-c-button ds-c-button--ghost ds-c-button--small"
                onClick={() => remove(file)}
              >
                Remove<span class="ds-u-visibility--screen-reader"> {file.name}</span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <span role="status" class="ds-u-visibility--screen-reader">
        {said}
      </span>
    </div>
  );
}
