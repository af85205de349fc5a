// A form: every error at once, focus in the summary, values kept, no disabled button, one key for a retry.
// SPDX-License-Identifier: Apache-2.0
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import * as v from 'valibot';
import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from '../src/api/problem';
import * as check from '../src/ui/checks';
import { ErrorSummary } from '../src/ui/error-summary';
import { Choices, Field, SecretField, SelectField, Submit } from '../src/ui/fields';
import { errorsOfProblem, useForm, useIdempotencyKey } from '../src/ui/form';

afterEach(cleanup);

const schema = v.object({
  npi: check.npi(),
  state: check.chosen('Choose the state.'),
  functions: check.some('Tick at least one function.'),
  secret: v.pipe(v.optional(v.string(), ''), v.minLength(1, 'Enter the password.')),
});

function Form({ onValid }: { onValid: (value: unknown) => Promise<void> }) {
  const form = useForm(schema, onValid, { lists: ['functions'], rename: { provider_npi: 'npi' } });
  return (
    <form onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <Field form={form} name="npi" label="NPI" />
      <SelectField form={form} name="state" label="State" options={[['MA', 'Massachusetts']]} />
      <Choices
        form={form}
        type="checkbox"
        name="functions"
        label="Functions"
        options={[['claims', 'Claims']]}
      />
      <SecretField form={form} name="secret" label="Password" />
      <Submit form={form}>Send</Submit>
    </form>
  );
}

const send = () => fireEvent.submit(document.querySelector('form')!);
const type = (name: string, value: string) =>
  fireEvent.input(document.getElementById(`field-${name}`)!, { target: { value } });
const fill = () => {
  type('npi', ' 1234 567-893 ');
  fireEvent.change(document.getElementById('field-state')!, { target: { value: 'MA' } });
  fireEvent.click(screen.getByLabelText('Claims'));
  type('secret', 'correct horse battery');
};

test('an empty form names every error at once, and the summary takes focus', async () => {
  const onValid = vi.fn(async () => {});
  render(<Form onValid={onValid} />);
  document.title = 'Page - Connex';
  send();
  await screen.findByText('Fix 4 problems');
  expect(onValid).not.toHaveBeenCalled();
  await waitFor(() => expect(document.activeElement?.classList.contains('c-summary')).toBe(true));
  expect(document.title).toBe('Error: Page - Connex');
  expect(document.getElementById('field-npi')!.getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByRole('button', { name: 'Send' }).hasAttribute('disabled')).toBe(false);
});

test('a link of the summary leads to its field, also into a group', async () => {
  render(<Form onValid={async () => {}} />);
  send();
  fireEvent.click(await screen.findByRole('link', { name: 'Tick at least one function.' }));
  expect((document.activeElement as HTMLInputElement).value).toBe('claims');
  fireEvent.click(screen.getByRole('link', { name: 'Choose the state.' }));
  expect(document.activeElement?.id).toBe('field-state');
});

test('what is typed stays after errors, and arrives cleaned', async () => {
  const onValid = vi.fn(async (_value: unknown) => {});
  render(<Form onValid={onValid} />);
  type('npi', ' 1234 567-893 ');
  send();
  await screen.findByText('Fix 3 problems');
  expect((document.getElementById('field-npi') as HTMLInputElement).value).toBe(' 1234 567-893 ');
  fill();
  send();
  await waitFor(() =>
    expect(onValid).toHaveBeenCalledWith({
      npi: '1234567893',
      state: 'MA',
      functions: ['claims'],
      secret: 'correct horse battery',
    }),
  );
  await waitFor(() => expect(document.querySelector('.c-summary')).toBeNull());
  await waitFor(() => expect(document.title).toBe('Page - Connex'));
});

test('errors from the server are shown at their fields, under the form’s own names', async () => {
  render(
    <Form
      onValid={async () => {
        throw new ApiError({
          title: 'Fix these fields',
          status: 422,
          errors: [
            { field: 'provider_npi', message: 'This NPI is not on file.' },
            { field: 'elsewhere', message: 'Log in again first.' },
          ],
        });
      }}
    />,
  );
  fill();
  send();
  const link = await screen.findByRole('link', { name: 'This NPI is not on file.' });
  expect(link.getAttribute('href')).toBe('#field-npi');
  expect(screen.queryByRole('link', { name: 'Log in again first.' })).toBeNull();
  expect(screen.getByText('Log in again first.')).toBeTruthy();
});

test('an answer that lists only its first errors says that there are more', () => {
  const answer = (detail: string) =>
    errorsOfProblem(
      new ApiError({
        title: 'Fix these',
        status: 422,
        detail,
        errors: [{ field: 'npi', message: 'A' }],
      }),
    );
  expect(answer('Correct the fields named in errors and 3 more. Nothing was saved.')).toEqual({
    '': '3 more problems not listed here',
    npi: 'A',
  });
  expect(answer('Fix these fields.')).toEqual({ npi: 'A' });
});

test('a server that cannot be reached says what to do, and the form can be sent again', async () => {
  const onValid = vi.fn(async () => {
    throw new TypeError('fetch failed');
  });
  render(<Form onValid={onValid} />);
  fill();
  send();
  await screen.findByText(/cannot be reached/);
  send();
  await waitFor(() => expect(onValid).toHaveBeenCalledTimes(2));
});

test('a second press while the first is under way sends nothing', async () => {
  let release = () => {};
  const onValid = vi.fn(
    () =>
      new Promise<void>((done) => {
        release = done;
      }),
  );
  render(<Form onValid={onValid} />);
  fill();
  send();
  await screen.findByRole('button', { name: 'Sending…' });
  send();
  release();
  await screen.findByRole('button', { name: 'Send' });
  expect(onValid).toHaveBeenCalledTimes(1);
});

test('the Idempotency-Key stays for a retry and changes with the content', () => {
  const keys: string[] = [];
  function Keys() {
    const key = useIdempotencyKey();
    keys.push(key({ reason: 'a' }), key({ reason: 'a' }), key({ reason: 'b' }));
    return null;
  }
  render(<Keys />);
  expect(keys[0]).toBe(keys[1]);
  expect(keys[2]).not.toBe(keys[0]);
});

test('a password can be shown and hidden', () => {
  render(<Form onValid={async () => {}} />);
  const field = () => document.getElementById('field-secret') as HTMLInputElement;
  expect(field().type).toBe('password');
  fireEvent.click(screen.getByRole('button', { name: 'Show password' }));
  expect(field().type).toBe('text');
});
