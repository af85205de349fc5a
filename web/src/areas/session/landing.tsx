// The landing page: what Connex is, and the log-in. The attestation comes before the first use (AC-8).
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Field, SecretField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { Page } from '../../ui/page';
import { currentPassword } from '../../ui/password';
import { attest, AttestationDialog, attestedVersion } from './attestation';
import { begin, useSession } from './session';

const schema = v.object({
  user_id: check.userId(),
  password: currentPassword('Enter your password.'),
});

/** @param back whether it is shown in place of another page, which returns after the log-in */
export default function Landing({ back }: { back?: boolean }) {
  const { query, route } = useLocation();
  const me = useSession();

  useEffect(() => {
    if (me.data && !back) route('/home', true); // which shows the next step of the log-in, if there is one
  }, [me.data, back]);

  return (
    <Page title={back ? 'Log in to continue' : 'Connex provider portal'}>
      <Notes query={query} />
      <div class="c-landing">
        <About />
        <LogIn />
      </div>
    </Page>
  );
}

function Notes({ query }: { query: Record<string, string | undefined> }) {
  return (
    <>
      {query.created === 'yes' ? (
        <Note tone="success" heading="Your account has been created">
          <p>You can log in now. The first time, Connex asks you to verify your e-mail address.</p>
        </Note>
      ) : null}
      {query.logged_out === 'yes' ? (
        <Note tone="success">
          <p>You have been logged out.</p>
        </Note>
      ) : null}
      {query.password === 'changed' ? (
        <Note tone="success">
          <p>Your password has been changed. Log in with the new one.</p>
        </Note>
      ) : null}
    </>
  );
}

function About() {
  return (
    <section aria-labelledby="about-connex">
      <h2 id="about-connex">For provider offices that bill Medicare</h2>
      <p>
        Check a patient’s eligibility, follow claims and remittances, file redeterminations with
        supporting documents, and see every deadline in one place.
      </p>
      <ul class="c-list">
        <li>
          Each person has one account. It can have several provider accounts (PTAN, NPI, and TIN).
        </li>
        <li>Your Local Security Officer decides who in your office can see what.</li>
        <li>Connex is open 24 hours a day. Scripts can use the same functions with a token.</li>
      </ul>
    </section>
  );
}

function LogIn() {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const answer = useRef<(version: number | undefined) => void>();
  const form = useForm(schema, async (value) => {
    if (!attestedVersion()) {
      setAsking(true);
      const accepted = await new Promise<number | undefined>((resolve) => {
        answer.current = resolve;
      });
      setAsking(false);
      if (!accepted) return { '': 'You can use Connex only after you accept the attestation.' };
      attest(accepted);
    }
    await ok(api.POST('/api/v1/session', { body: value }));
    await begin(client);
    return undefined;
  });
  return (
    <section class="c-card" aria-labelledby="log-in">
      <h2 id="log-in">Log in</h2>
      <form noValidate onSubmit={form.onSubmit}>
        <ErrorSummary form={form} />
        <Field
          form={form}
          name="user_id"
          label="User ID"
          autoComplete="username"
          hint="Four letters and three digits"
        />
        <SecretField form={form} name="password" label="Password" autoComplete="current-password" />
        <div class="c-actions">
          <Submit form={form} busy="Logging in…">
            Log in
          </Submit>
        </div>
      </form>
      <ul class="c-links" role="list">
        <li>
          <a href="/create-account">Create account</a>
        </li>
        <li>
          <a href="/cant-log-in">Can’t log in</a>
        </li>
        <li>
          <a href="/help">Help</a>
        </li>
      </ul>
      <AttestationDialog
        open={asking}
        onAccept={(version) => answer.current?.(version)}
        onDecline={() => answer.current?.(undefined)}
      />
    </section>
  );
}
