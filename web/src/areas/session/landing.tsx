// The landing page: what Connex is, and the log-in. The government notice stands before the first use; what a lock means is
// said before it happens.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { attest, AttestationDialog, attestedVersion } from '../../ui/attestation';
import { Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Field, SecretField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { Page } from '../../ui/page';
import { begin, useSession } from './session';

const schema = v.object({
  user_id: check.userId(),
  password: v.pipe(v.optional(v.string(), ''), v.minLength(1, 'Enter your password.')),
});

/** @param back shown in place of another screen, which comes back after the log-in */
export default function Landing({ back }: { back?: boolean }) {
  const { query, route } = useLocation();
  const me = useSession();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const answer = useRef<(version: number | undefined) => void>();

  useEffect(() => {
    if (me.data && !back) route('/home', true); // which shows the step that is owed, if any
  }, [me.data, back]);

  const form = useForm(schema, async (value) => {
    if (!attestedVersion()) {
      setAsking(true);
      const accepted = await new Promise<number | undefined>((resolve) => {
        answer.current = resolve;
      });
      setAsking(false);
      if (!accepted) return { '': 'Connex can be used only after you accept the attestation.' };
      attest(accepted);
    }
    await ok(api.POST('/api/v1/session', { body: value }));
    await begin(client);
    return undefined;
  });

  return (
    <Page title={back ? 'Log in to continue' : 'Connex provider portal'}>
      {query.created === 'yes' ? (
        <Note tone="success" heading="Your account is created">
          <p>Log in now. The first time, Connex asks you to verify your e-mail address.</p>
        </Note>
      ) : null}
      {query.logged_out === 'yes' ? (
        <Note tone="success">
          <p>You are logged out.</p>
        </Note>
      ) : null}
      {query.password === 'changed' ? (
        <Note tone="success">
          <p>Your password is changed. Log in with the new one.</p>
        </Note>
      ) : null}
      <div class="c-landing">
        <section aria-labelledby="about-connex">
          <h2 id="about-connex">For provider offices that bill Medicare</h2>
          <p>
            Look up a patient’s eligibility, follow claims and remittances, file redeterminations
            with their evidence, and see every deadline in one place.
          </p>
          <ul class="c-list">
            <li>
              One account for each person; one or more provider accounts (PTAN, NPI and TIN) behind
              it.
            </li>
            <li>Your Local Security Officer decides who of your office sees what.</li>
            <li>Open at all hours. Scripts may use the same functions with a token.</li>
          </ul>
        </section>
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
            <SecretField
              form={form}
              name="password"
              label="Password"
              autoComplete="current-password"
            />
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
        </section>
      </div>
      <AttestationDialog
        open={asking}
        onAccept={(version) => answer.current?.(version)}
        onDecline={() => answer.current?.(undefined)}
      />
    </Page>
  );
}
