// Changing the password: in Manage Account, and when a new one is owed after log-in (PWD-01).
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { ErrorSummary } from '../../ui/error-summary';
import { SecretField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { PASSWORD_MIN, passwordCheck } from './registration';

export const PASSWORD_HINT = `At least ${PASSWORD_MIN} characters, without your name or user ID. Any characters will do; you may paste it.`;

export const newPassword = {
  password: passwordCheck(),
  password_again: v.pipe(
    v.optional(v.string(), ''),
    v.minLength(1, 'Type the new password once more.'),
  ),
};

const schema = v.pipe(
  v.object({
    current_password: v.pipe(
      v.optional(v.string(), ''),
      v.minLength(1, 'Enter your current password.'),
    ),
    ...newPassword,
  }),
  v.forward(
    v.partialCheck(
      [['password'], ['password_again']],
      (form) => !form.password_again || form.password === form.password_again,
      'The two passwords differ. Type the same password in both boxes.',
    ),
    ['password_again'],
  ),
);

export function PasswordForm({ done }: { done: () => unknown }) {
  const [round, setRound] = useState(0);
  const form = useForm(schema, async (body) => {
    await ok(api.POST('/api/v1/profile/password', { body }));
    setRound(round + 1); // empties the boxes
    await done();
  });
  return (
    <form noValidate onSubmit={form.onSubmit} key={round}>
      <ErrorSummary form={form} />
      <SecretField
        form={form}
        name="current_password"
        label="Current password"
        autoComplete="current-password"
      />
      <SecretField
        form={form}
        name="password"
        label="New password"
        autoComplete="new-password"
        hint={PASSWORD_HINT}
      />
      <SecretField
        form={form}
        name="password_again"
        label="New password once more"
        autoComplete="new-password"
      />
      <div class="c-actions">
        <Submit form={form}>Change password</Submit>
      </div>
    </form>
  );
}
