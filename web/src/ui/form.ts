// A form: uncontrolled fields that are checked on submit and never while typing. All errors are shown at once, and values
// are always kept. Errors from the server are shown at the same fields as those found here.
// SPDX-License-Identifier: Apache-2.0
import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { ApiError } from '../api/problem';
import { count } from './format';

/** The message for each field; '' is the name of a message that belongs to no field. */
export type FieldErrors = Record<string, string>;

export interface FormState {
  errors: FieldErrors;
  /** Counts the submits, so that the error summary takes focus each time. */
  attempt: number;
  busy: boolean;
}

export interface FormOptions {
  /** The names of groups of check boxes, whose values are lists. */
  lists?: string[];
  /** The names in this form of the server's fields, where they differ. */
  rename?: Record<string, string>;
}

/** Reads a form into a plain object: a list as an array, everything else as one value. */
export function readForm(form: HTMLFormElement, listNames: string[] = []): Record<string, unknown> {
  const data = new FormData(form);
  const values: Record<string, unknown> = Object.fromEntries(data);
  for (const name of listNames) values[name] = data.getAll(name);
  return values;
}

/** The first message for each field. */
export function errorsOf(issues: readonly v.BaseIssue<unknown>[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const issue of issues) {
    const name = String(issue.path?.[0]?.key ?? '');
    errors[name] ??= issue.message;
  }
  return errors;
}

/** How a problem's `detail` says that its list of errors is not complete (the server lists 20). */
const MORE = /\band (\d+) more\b/;

/** The errors of an answer by field. An answer that names no field becomes one message for the whole form. */
export function errorsOfProblem(error: unknown, rename: Record<string, string> = {}): FieldErrors {
  if (!(error instanceof ApiError)) {
    return {
      '': 'Connex cannot be reached. Check your connection, then try again. What you entered is still here.',
    };
  }
  const { errors: list = [], detail, title } = error.problem;
  if (!list.length) return { '': detail ?? title };
  const errors: FieldErrors = {};
  const more = Number(MORE.exec(detail ?? '')?.[1] ?? 0);
  if (more) errors[''] = `${count(more, 'more problem')} not listed here`;
  for (const one of list) {
    const field = one.field ?? '';
    errors[rename[field] ?? field] ??= one.message;
  }
  return errors;
}

export function useForm<S extends v.GenericSchema<any, any> | v.GenericSchemaAsync<any, any>>(
  schema: S,
  onValid: (value: v.InferOutput<S>) => void | FieldErrors | Promise<FieldErrors | void>,
  options: FormOptions = {},
) {
  const [state, setState] = useState<FormState>({ errors: {}, attempt: 0, busy: false });
  const running = useRef(false);

  const send = async (value: v.InferOutput<S>): Promise<FieldErrors> => {
    try {
      return (await onValid(value)) || {};
    } catch (error) {
      return errorsOfProblem(error, options.rename);
    }
  };

  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (running.current) return; // a second press of the button while the first request is under way
    running.current = true;
    const checked = await v.safeParseAsync(
      schema,
      readForm(event.target as HTMLFormElement, options.lists),
    );
    let errors: FieldErrors;
    if (checked.success) {
      setState((s) => ({ ...s, busy: true }));
      errors = await send(checked.output);
    } else {
      errors = errorsOf(checked.issues);
    }
    running.current = false;
    setState((s) => ({ errors, attempt: s.attempt + 1, busy: false }));
  };

  const setErrors = (errors: FieldErrors) =>
    setState((s) => ({ errors, attempt: s.attempt + 1, busy: false }));

  return { ...state, onSubmit, setErrors };
}

/**
 * Gives the Idempotency-Key for what is sent. It stays the same while the same content is sent again, so that a retry after a
 * lost answer does not create a second thing, and changes with the content.
 */
export function useIdempotencyKey() {
  const last = useRef({ body: '', key: '' });
  return (body: unknown): string => {
    const words = JSON.stringify(body);
    if (words !== last.current.body || !last.current.key)
      last.current = { body: words, key: crypto.randomUUID() };
    return last.current.key;
  };
}
