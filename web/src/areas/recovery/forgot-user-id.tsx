// Forgotten user ID. The answer is the same for every address (FGT-01), so that it does not show who has an account.
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Field, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { Page } from '../../ui/page';

export default function ForgotUserId() {
  const [answer, setAnswer] = useState<string>();
  const form = useForm(v.object({ email: check.email() }), async (body) => {
    setAnswer((await ok(api.POST('/api/v1/recovery/user-id', { body }))).message);
  });
  return (
    <Page
      title="I forgot my user ID"
      narrow
      crumbs={[
        ['/', 'Log in'],
        ['/cant-log-in', 'Can’t log in'],
      ]}
    >
      {answer ? (
        <>
          <Note tone="success" heading="Check your e-mail">
            <p>{answer}</p>
          </Note>
          <p>
            <a href="/">Log in</a>
          </p>
        </>
      ) : (
        <form noValidate onSubmit={form.onSubmit}>
          <ErrorSummary form={form} />
          <Field
            form={form}
            name="email"
            label="E-mail address"
            type="email"
            autoComplete="email"
            hint="The address in your Connex profile"
          />
          <div class="c-actions">
            <Submit form={form}>Send my user ID</Submit>
          </div>
        </form>
      )}
    </Page>
  );
}
