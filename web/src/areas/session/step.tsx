// What a person owes after the password was right, before anything else opens: a verified e-mail address (EML-01), the
// day's security code (MFA-01), a new password (PWD-01).
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
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
import { PasswordForm } from '../account/password-form';
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

/** Sending a code, and where it went. */
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

function SentNote({
  state,
  children,
}: {
  state: ReturnType<typeof useSent>;
  children?: ComponentChildren;
}) {
  if (state.error)
    return (
      <Note tone="error">
        <p>{words(state.error)}</p>
      </Note>
    );
  if (!state.sent) return null;
  return (
    <Note tone="success" heading="The code is on its way">
      <p>
        It was mailed to <strong>{state.sent.sent_to}</strong> and can be used until{' '}
        {instant(state.sent.expires_at)}.
      </p>
      {children}
    </Note>
  );
}

function CodeForm({
  label,
  button,
  verify,
}: {
  label: string;
  button: string;
  verify: (code: string) => Promise<unknown>;
}) {
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
        hint="From the mail; you may paste it."
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
  const client = useQueryClient();
  const [changing, setChanging] = useState(false);
  const state = useSent(() => ok(api.POST('/api/v1/session/email-code', { body: {} })));
  const change = useForm(v.object({ email: check.email() }), async ({ email }) => {
    await ok(api.POST('/api/v1/session/email-code', { body: { email } }));
    state.forget();
    setChanging(false);
    await client.refetchQueries({ queryKey: SESSION });
  });
  return (
    <Page title="Verify your e-mail address" narrow key="verify_email">
      <p>
        Your security codes and receipts go to this address, so Connex checks once that mail arrives
        there. Use an address of your own that you can read every day.
      </p>
      {changing ? (
        <form noValidate onSubmit={change.onSubmit} class="c-panel">
          <StepHeading>Change the e-mail address</StepHeading>
          <ErrorSummary form={change} />
          <Field
            form={change}
            name="email"
            label="New e-mail address"
            type="email"
            autoComplete="email"
            value={me.email}
          />
          <div class="c-actions">
            <Submit form={change}>Update and send the code there</Submit>
            <button type="button" class="ds-c-button" onClick={() => setChanging(false)}>
              Keep the old address
            </button>
          </div>
        </form>
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
      <SentNote state={state}>
        <p>
          A code sent before is void. If no mail comes within a few minutes, look in the junk
          folder.
        </p>
      </SentNote>
      <CodeForm
        label="Verification code"
        button="Verify code"
        verify={(code) => ok(api.POST('/api/v1/session/email-verification', { body: { code } }))}
      />
    </Page>
  );
}

function SecurityCode({ me }: { me: Me }) {
  const state = useSent(() =>
    ok(api.POST('/api/v1/session/security-code', { body: { method: 'email' } })),
  );
  return (
    <Page title="Security code" narrow key="security_code">
      <p>
        Every log-in needs a security code besides the password. A code is good until 11:59 PM
        Eastern time of the day it was sent, also for further log-ins of that day. If you still have
        today’s code, enter it below.
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
      <SentNote state={state}>
        <p>
          An older code is void now. If no mail comes within a few minutes, look in the junk folder.
        </p>
      </SentNote>
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
      lead="Your password is older than the contractor allows, or was a temporary one. Choose a new one to go on."
    >
      <PasswordForm done={() => client.refetchQueries({ queryKey: SESSION })} />
    </Page>
  );
}
