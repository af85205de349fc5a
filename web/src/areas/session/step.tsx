// The steps of the log-in after the password, before anything else opens: e-mail verification (EML-01), the security code of
// the day (MFA-01), and a new password (PWD-01).
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { words } from '../../api/problem';
import { Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Field, Submit } from '../../ui/fields';
import { StepHeading } from '../../ui/focus';
import { useForm } from '../../ui/form';
import { instant } from '../../ui/format';
import { Page } from '../../ui/page';
import { PasswordForm } from '../profile/password-form';
import { begin, type Me, SESSION, useSession } from './session';

export default function Step() {
  const me = useSession();
  switch (me.data?.next) {
    case 'verify_email':
      return <VerifyEmail me={me.data} />;
    case 'security_code':
      return <SecurityCode me={me.data} />;
    case 'change_password':
      return <ChangePassword />;
    default:
      return null;
  }
}

const codeSchema = v.object({ code: check.securityCode() });

/** Sends a code and says where it went. */
function useSent(send: () => Promise<{ sent_to: string; expires_at: string }>) {
  const [state, setState] = useState<{
    busy: boolean;
    sent?: { sent_to: string; expires_at: string };
    error?: unknown;
  }>({ busy: false });
  const run = async () => {
    if (state.busy) return;
    setState({ ...state, busy: true });
    try {
      setState({ busy: false, sent: await send() });
      document.getElementById('field-code')?.focus();
    } catch (error) {
      setState({ busy: false, error });
    }
  };
  return { ...state, run, forget: () => setState({ busy: false }) };
}

function SentNote({ state }: { state: ReturnType<typeof useSent> }) {
  if (state.error)
    return (
      <Note tone="error">
        <p>{words(state.error)}</p>
      </Note>
    );
  if (!state.sent) return null;
  return (
    <Note tone="success" heading="The code was sent">
      <p>
        We sent it to <strong>{state.sent.sent_to}</strong>. You can use it until{' '}
        {instant(state.sent.expires_at)}.
      </p>
      <p>
        Earlier codes no longer work. If you do not get the e-mail within a few minutes, check your
        junk folder.
      </p>
    </Note>
  );
}

interface CodeFormProps {
  label: string;
  button: string;
  verify: (code: string) => Promise<unknown>;
}

function CodeForm({ label, button, verify }: CodeFormProps) {
  const client = useQueryClient();
  const form = useForm(codeSchema, async ({ code }) => {
    await verify(code);
    await begin(client);
  });
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <Field
        form={form}
        name="code"
        label={label}
        size="small"
        inputMode="numeric"
        autoComplete="one-time-code"
        hint="From the e-mail. You can paste it."
      />
      <div class="c-actions">
        <Submit form={form} busy="Checking…">
          {button}
        </Submit>
      </div>
    </form>
  );
}

function VerifyEmail({ me }: { me: Me }) {
  const [changing, setChanging] = useState(false);
  const state = useSent(() => ok(api.POST('/api/v1/session/email-code', { body: {} })));
  const changed = () => {
    state.forget();
    setChanging(false);
  };
  return (
    <Page title="Verify your e-mail address" narrow key="verify_email">
      <p>
        Connex sends your security codes and receipts to this address, so you must show once that
        you receive them. Use your own address, one that you read every day.
      </p>
      {changing ? (
        <ChangeEmail me={me} changed={changed} cancel={() => setChanging(false)} />
      ) : (
        <>
          <p>
            E-mail address on file: <strong>{me.email}</strong>
          </p>
          <div class="c-actions">
            <button type="button" class="ds-c-button ds-c-button--solid" onClick={state.run}>
              {state.busy ? 'Sending…' : state.sent ? 'Send a new code' : 'Send verification code'}
            </button>
            <button type="button" class="ds-c-button" onClick={() => setChanging(true)}>
              Change e-mail address
            </button>
          </div>
        </>
      )}
      <h2>Enter the code</h2>
      <SentNote state={state} />
      <CodeForm
        label="Verification code"
        button="Verify code"
        verify={(code) => ok(api.POST('/api/v1/session/email-verification', { body: { code } }))}
      />
    </Page>
  );
}

interface ChangeEmailProps {
  me: Me;
  changed: () => void;
  cancel: () => void;
}

function ChangeEmail({ me, changed, cancel }: ChangeEmailProps) {
  const client = useQueryClient();
  const form = useForm(v.object({ email: check.email() }), async ({ email }) => {
    await ok(api.POST('/api/v1/session/email-code', { body: { email } }));
    changed();
    await client.refetchQueries({ queryKey: SESSION });
  });
  return (
    <form noValidate onSubmit={form.onSubmit} class="c-panel">
      <StepHeading>Change the e-mail address</StepHeading>
      <ErrorSummary form={form} />
      <Field
        form={form}
        name="email"
        label="New e-mail address"
        type="email"
        autoComplete="email"
        value={me.email}
      />
      <div class="c-actions">
        <Submit form={form}>Update and send code</Submit>
        <button type="button" class="ds-c-button" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function SecurityCode({ me }: { me: Me }) {
  const state = useSent(() =>
    ok(api.POST('/api/v1/session/security-code', { body: { method: 'email' } })),
  );
  return (
    <Page title="Security code" narrow key="security_code">
      <p>
        Every log-in needs a security code in addition to your password. You can use a code until
        11:59 p.m. Eastern time on the day it was sent, for any number of log-ins. If you already
        have today’s code, enter it below.
      </p>
      <Choices
        form={{ errors: {}, attempt: 0, busy: false }}
        type="radio"
        name="method"
        label="Send the code by"
        options={[['email', `E-mail to ${me.email}`]]}
        values={['email']}
      />
      <div class="c-actions">
        <button type="button" class="ds-c-button ds-c-button--solid" onClick={state.run}>
          {state.busy ? 'Sending…' : state.sent ? 'Send a new code' : 'Send security code'}
        </button>
      </div>
      <h2>Enter the code</h2>
      <SentNote state={state} />
      <CodeForm
        label="Security code"
        button="Verify code"
        verify={(code) =>
          ok(api.POST('/api/v1/session/security-code-verification', { body: { code } }))
        }
      />
    </Page>
  );
}

function ChangePassword() {
  const client = useQueryClient();
  return (
    <Page
      title="Choose a new password"
      narrow
      key="change_password"
      lead="Your password has expired or was temporary. Choose a new one to continue."
    >
      <PasswordForm done={() => client.refetchQueries({ queryKey: SESSION })} />
    </Page>
  );
}
