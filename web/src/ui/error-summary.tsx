// The list of everything that must be mended in a form. It takes focus, its links lead to the fields, and the page's
// title says that there is an error.
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'preact/hooks';
import type { FieldErrors, FormState } from './form';

export const fieldId = (name: string) => `field-${name}`;

/** Moves focus to a field, or to the first control of a group. */
export function focusField(name: string): boolean {
  const found = document.getElementById(fieldId(name));
  if (!found) return false;
  const control = found.matches('input,select,textarea,button') ? found : found.querySelector<HTMLElement>('input,select,textarea,button');
  (control ?? found).focus();
  (control ?? found).scrollIntoView({ block: 'center' });
  return true;
}

const PREFIX = 'Error: ';

export function ErrorSummary({ form, also }: { form: FormState; also?: FieldErrors }) {
  const box = useRef<HTMLDivElement>(null);
  const all = { ...also, ...form.errors };
  const names = Object.keys(all);

  useEffect(() => {
    const plain = document.title.startsWith(PREFIX) ? document.title.slice(PREFIX.length) : document.title;
    document.title = names.length ? PREFIX + plain : plain;
    if (names.length) box.current?.focus();
  }, [form.attempt, names.length > 0]);

  if (!names.length) return null;
  return (
    <div class="c-summary" ref={box} tabIndex={-1} aria-labelledby="error-summary-heading">
      <div role="alert">
        <h2 id="error-summary-heading" class="c-summary__heading">
          {names.length === 1 ? 'There is something to mend' : `There are ${names.length} things to mend`}
        </h2>
        <ul class="c-summary__list">
          {names.map((name) => (
            <li key={name}>
              {name && document.getElementById(fieldId(name))
                ? <a href={`#${fieldId(name)}`} onClick={(e) => { e.preventDefault(); e.stopPropagation(); focusField(name); }}>{all[name]}</a>
                : all[name]}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
