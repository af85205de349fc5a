// The design system's form fields, connected to useForm: one name gives the id, the message, and the hint.
// SPDX-License-Identifier: Apache-2.0
import { ChoiceList, TextField } from '@cmsgov/design-system/preact';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { fieldId } from './error-summary';
import type { FormState } from './form';

interface Common {
  form: FormState;
  name: string;
  label: string;
  hint?: string;
  /** True is shown in the label; 'quiet' is not, for search forms, where every field is optional. */
  optional?: boolean | 'quiet';
}

interface FieldProps extends Common {
  value?: string;
  type?: 'text' | 'email' | 'password' | 'tel';
  autoComplete?: string;
  inputMode?: 'text' | 'numeric' | 'decimal' | 'email' | 'tel';
  size?: 'small' | 'medium';
  maxLength?: number;
  rows?: number;
  onInput?: (value: string) => void;
}

const labelOf = (label: string, optional?: boolean | 'quiet') =>
  optional === true ? `${label} (optional)` : label;

export function Field({
  form,
  name,
  label,
  hint,
  optional,
  value,
  type = 'text',
  rows,
  onInput,
  ...rest
}: FieldProps) {
  return (
    <TextField
      id={fieldId(name)}
      name={name}
      label={labelOf(label, optional)}
      hint={hint}
      type={type}
      errorMessage={form.errors[name]}
      errorPlacement="top"
      defaultValue={value}
      multiline={rows !== undefined}
      rows={rows}
      spellcheck={rows !== undefined}
      autoCapitalize="none"
      autoCorrect="off"
      aria-required={optional ? undefined : 'true'}
      onChange={onInput && ((e: { target: HTMLInputElement }) => onInput(e.target.value))}
      {...rest}
      autoComplete={rest.autoComplete ?? 'off'}
    />
  );
}

/** A date in one box, such as 03/07/1948, 3-7-1948, or 03071948. */
export function DateField(props: Omit<FieldProps, 'type' | 'size'>) {
  return (
    <Field
      {...props}
      hint={props.hint ?? 'Month, day, and year, such as 03/07/1948'}
      size="medium"
      inputMode="text"
    />
  );
}

/** A secret that can be shown while typing. Password managers and pasting work. */
export function SecretField({ form, name, label, hint, autoComplete, value, onInput }: FieldProps) {
  const [shown, setShown] = useState(false);
  return (
    <div class="c-secret">
      <Field
        form={form}
        name={name}
        label={label}
        hint={hint}
        value={value}
        onInput={onInput}
        type={shown ? 'text' : 'password'}
        autoComplete={autoComplete}
      />
      <button
        type="button"
        class="ds-c-button ds-c-button--ghost ds-c-button--small c-secret__toggle"
        aria-pressed={shown}
        aria-controls={fieldId(name)}
        onClick={() => setShown(!shown)}
      >
        {shown ? 'Hide' : 'Show'}
        <span class="ds-u-visibility--screen-reader"> {label.toLowerCase()}</span>
      </button>
    </div>
  );
}

export type Option = readonly [value: string, label: string];

interface SelectProps extends Common {
  options: readonly Option[];
  value?: string;
  /** The text of the empty choice; '' leaves it out when one of the options is always chosen. */
  empty?: string;
  onSelect?: (value: string) => void;
}

export function SelectField({
  form,
  name,
  label,
  hint,
  optional,
  options,
  value,
  empty = 'Choose one',
  onSelect,
}: SelectProps) {
  const id = fieldId(name);
  const error = form.errors[name];
  return (
    <div>
      <label class="ds-c-label" for={id}>
        {labelOf(label, optional)}
      </label>
      {hint ? (
        <p class="ds-c-hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p class="ds-c-inline-error c-inline-error" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
      <select
        class={`ds-c-field c-select${error ? ' ds-c-field--error' : ''}`}
        id={id}
        name={name}
        aria-invalid={error ? 'true' : undefined}
        aria-required={optional ? undefined : 'true'}
        aria-describedby={
          [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined
        }
        onChange={(e) => onSelect?.(e.currentTarget.value)}
      >
        {empty ? <option value="">{empty}</option> : null}
        {options.map(([key, words]) => (
          <option key={key} value={key} selected={key === value}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

interface ChoicesProps extends Common {
  type: 'radio' | 'checkbox';
  options: readonly (readonly [value: string, label: string, hint?: string])[];
  values?: readonly string[];
  onPick?: (value: string, checked: boolean) => void;
}

export function Choices({
  form,
  name,
  label,
  hint,
  optional,
  type,
  options,
  values = [],
  onPick,
}: ChoicesProps) {
  return (
    <ChoiceList
      id={fieldId(name)}
      name={name}
      type={type}
      label={labelOf(label, optional)}
      hint={hint}
      size="small"
      errorMessage={form.errors[name]}
      errorPlacement="top"
      onChange={
        onPick && ((e: { target: HTMLInputElement }) => onPick(e.target.value, e.target.checked))
      }
      choices={options.map(([value, words, more], i) => ({
        id: `${fieldId(name)}-${i}`,
        value,
        label: words,
        hint: more,
        defaultChecked: values.includes(value),
      }))}
    />
  );
}

/** A single check box. */
export function Tick({
  form,
  name,
  label,
  checked,
  hint,
}: {
  form: FormState;
  name: string;
  label: string;
  checked?: boolean;
  hint?: string;
}) {
  const id = fieldId(name);
  const error = form.errors[name];
  return (
    <div class="c-tick">
      {error ? (
        <p class="ds-c-inline-error c-inline-error" id={`${id}-error`}>
          {error}
        </p>
      ) : null}
      <div class="ds-c-choice-wrapper">
        <input
          class={`ds-c-choice ds-c-choice--small${error ? ' ds-c-choice--error' : ''}`}
          type="checkbox"
          id={id}
          name={name}
          value="yes"
          defaultChecked={checked}
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={
            [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined
          }
        />
        <label class="ds-c-label" for={id}>
          {label}
        </label>
        {hint ? (
          <p class="ds-c-hint" id={`${id}-hint`}>
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  );
}

/** The button that sends a form. It is never disabled; a second press while the first is under way does nothing. */
export function Submit({
  form,
  children,
  busy = 'Sending…',
}: {
  form: FormState;
  children: ComponentChildren;
  busy?: string;
}) {
  return (
    <>
      <button type="submit" class="ds-c-button ds-c-button--solid">
        {form.busy ? busy : children}
      </button>
      <span class="ds-u-visibility--screen-reader" role="status">
        {form.busy ? busy : ''}
      </span>
    </>
  );
}
