// One form: uncontrolled fields, checked on submit (never while typing), all faults at once, values always kept.
// Faults that the server finds land at the same fields as those found here.
// SPDX-License-Identifier: Apache-2.0
import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { ApiError } from '../api/problem';

/** Message of each field; the name '' carries a message that belongs to no field. */
export type FieldErrors = Record<string, string>;

export interface FormState {
  errors: FieldErrors;
  /** Counts the submits, so that the error summary takes focus each time. */
  attempt: number;
  busy: boolean;
}

export interface FormOptions {
  /** Names whose values are a list: groups of check boxes. */
  lists?: string[];
  /** Server field name -> name in this form, where they differ. */
  rename?: Record<string, string>;
}

/** Reads a form into a plain object: lists as arrays, everything else as one value. */
export function readForm(form: HTMLFormElement, listNames: string[] = []): Record<string, unknown> {
  const data = new FormData(form);
  const values: Record<string, unknown> = Object.fromEntries(data);
  for (const name of listNames) values[name] = data.getAll(name);
  return values;
}

/** First message of each field. */
export function faultsOf(issues: readonly v.BaseIssue<unknown>[]): FieldErrors {
  const errors: FieldErrors = {};
  for (const issue of issues) {
    const name = String(issue.path?.[0]?.key ?? '');
    errors[name] ??= issue.message;
  }
  return errors;
}

/** Faults of an answer by field; an answer without fields becomes one message for the whole form. */
export function faultsOfProblem(error: unknown, rename: Record<string, string> = {}): FieldErrors {
  if (!(error instanceof ApiError)) {
    return {
      '': 'Connex could not be reached. Check your connection, then send the form again. What you typed is kept.',
    };
  }
  const list = error.problem.errors ?? [];
  if (!list.length) return { '': error.problem.detail ?? error.problem.title };
  const errors: FieldErrors = {};
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
      return faultsOfProblem(error, options.rename);
    }
  };

  const onSubmit = async (event: Event) => {
    event.preventDefault();
    if (running.current) return; // a second press of the button while the first is on its way
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
      errors = faultsOf(checked.issues);
    }
    running.current = false;
    setState((s) => ({ errors, attempt: s.attempt + 1, busy: false }));
  };

  const setErrors = (errors: FieldErrors) =>
    setState((s) => ({ errors, attempt: s.attempt + 1, busy: false }));

  return { ...state, onSubmit, setErrors };
}

/**
 * A key for Idempotency-Key that stays the same while the same thing is sent again (a retry after a lost answer must not
 * file a second appeal) and changes when the form's content does.
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
