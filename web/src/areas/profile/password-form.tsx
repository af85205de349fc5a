// The form that changes the password, under Manage account and after a log-in with an expired password (PWD-01).
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { ErrorSummary } from '../../ui/error-summary';
import { SecretField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import {
  currentPassword,
  newPassword,
  PASSWORD_HINT,
  PASSWORDS_DIFFER,
  samePasswords,
} from '../../ui/password';

const schema = v.pipe(
  v.object({ current_password: currentPassword('Enter your current password.'), ...newPassword }),
  v.forward(v.partialCheck([['password'], ['password_again']], samePasswords, PASSWORDS_DIFFER), [
    'password_again',
  ]),
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
        label="Confirm new password"
        autoComplete="new-password"
      />
      <div class="c-actions">
        <Submit form={form}>Change password</Submit>
      </div>
    </form>
  );
}
