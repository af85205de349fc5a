// The list of the errors in a form. It takes focus, its links lead to the fields, and the page's title says that there is an
// error.
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'preact/hooks';
import type { FieldErrors, FormState } from './form';
import { count } from './format';

export const fieldId = (name: string) => `field-${name}`;

/** The control of a field: by its id, or the first of a group of radio buttons or check boxes by its name. */
const controlOf = (name: string): HTMLElement | null =>
  document.getElementById(fieldId(name)) ??
  document.querySelector<HTMLElement>(`input[name="${CSS.escape(name)}"]`);

/** Names in the order of their fields on the page. A name without a field comes first. */
function inPageOrder(names: string[]): string[] {
  const found = names.map((name) => ({ name, at: name ? controlOf(name) : null }));
  return found
    .sort((a, b) => {
      if (!a.at || !b.at) return Number(!!a.at) - Number(!!b.at);
      return a.at.compareDocumentPosition(b.at) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
    })
    .map(({ name }) => name);
}

/** Moves focus to a field, or to the first control of a group. */
export function focusField(name: string): boolean {
  const control = controlOf(name);
  control?.focus();
  control?.scrollIntoView({ block: 'center' });
  return !!control;
}

const PREFIX = 'Error: ';

export function ErrorSummary({ form, also }: { form: FormState; also?: FieldErrors }) {
  const box = useRef<HTMLDivElement>(null);
  const all = { ...also, ...form.errors };
  const names = inPageOrder(Object.keys(all));

  useEffect(() => {
    const plain = document.title.startsWith(PREFIX)
      ? document.title.slice(PREFIX.length)
      : document.title;
    document.title = names.length ? PREFIX + plain : plain;
    if (names.length) box.current?.focus();
  }, [form.attempt, names.length > 0]);

  if (!names.length) return null;
  return (
    <div class="c-summary" ref={box} tabIndex={-1} aria-labelledby="error-summary-heading">
      <div role="alert">
        <h2 id="error-summary-heading" class="c-summary__heading">
          Fix {count(names.length, 'problem')}
        </h2>
        <ul class="c-summary__list">
          {names.map((name) => (
            <li key={name}>
              {name && controlOf(name) ? (
                <a
                  href={`#${controlOf(name)!.id}`}
                  onClick={(e) => {
                    e.preventDefault();
                    e.stopPropagation();
                    focusField(name);
                  }}
                >
                  {all[name]}
                </a>
              ) : (
                all[name]
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
