// Forgotten password: user ID, code by e-mail, new password (FGT-02, FGT-03). The user ID can be typed hidden (FGT-04), and
// the answer is the same whether it exists or not.
// SPDX-License-Identifier: Apache-2.0
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Field, SecretField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { Page } from '../../ui/page';
import { newPassword, PASSWORD_HINT, PASSWORDS_DIFFER, samePasswords } from '../../ui/password';

const crumbs: [string, string][] = [
  ['/', 'Log in'],
  ['/cant-log-in', 'Can’t log in'],
];

export default function ForgotPassword() {
  const [sent, setSent] = useState<{ userId: string; message: string }>();
  if (!sent) return <AskCode next={(userId, message) => setSent({ userId, message })} />;
  return <NewPassword {...sent} again={() => setSent(undefined)} />;
}

function AskCode({ next }: { next: (userId: string, message: string) => void }) {
  const form = useForm(v.object({ user_id: check.userId() }), async (body) => {
    const { message } = await ok(api.POST('/api/v1/recovery/password-code', { body }));
    next(body.user_id, message);
  });
  return (
    <Page title="Change your password" narrow crumbs={crumbs} key="ask">
      <form noValidate onSubmit={form.onSubmit}>
        <ErrorSummary form={form} />
        <SecretField
          form={form}
          name="user_id"
          label="User ID"
          autoComplete="username"
          hint="Four letters and three digits"
        />
        <div class="c-actions">
          <Submit form={form}>Send me a code</Submit>
        </div>
      </form>
    </Page>
  );
}

const schema = v.pipe(
  v.object({ code: check.securityCode(), ...newPassword }),
  v.forward(v.partialCheck([['password'], ['password_again']], samePasswords, PASSWORDS_DIFFER), [
    'password_again',
  ]),
);

interface NewPasswordProps {
  userId: string;
  message: string;
  again: () => void;
}

function NewPassword({ userId, message, again }: NewPasswordProps) {
  const { route } = useLocation();
  const form = useForm(schema, async (value) => {
    await ok(api.POST('/api/v1/recovery/password', { body: { user_id: userId, ...value } }));
    route('/?password=changed');
  });
  return (
    <Page title="Choose a new password" narrow crumbs={crumbs} key="new">
      <Note tone="success" heading="Check your e-mail">
        <p>{message}</p>
      </Note>
      <form noValidate onSubmit={form.onSubmit}>
        <ErrorSummary form={form} />
        <Field
          form={form}
          name="code"
          label="Code from the e-mail"
          size="small"
          inputMode="numeric"
          autoComplete="one-time-code"
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
          <Submit form={form}>Set new password</Submit>
          <button type="button" class="ds-c-button" onClick={again}>
            Send another code
          </button>
        </div>
      </form>
    </Page>
  );
}
