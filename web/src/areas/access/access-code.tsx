// Manage account: entering the access code from the letter, which makes the first LSO active (LSO-05, LSO-06).
// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import * as v from 'valibot';
import { api, ok } from '../../api/client';
import { Facts, Note, Waiting } from '../../ui/bits';
import { code } from '../../ui/clean';
import { ErrorSummary } from '../../ui/error-summary';
import { Field, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { Page } from '../../ui/page';
import { ManageAccount } from '../profile/manage-account';
import { SESSION } from '../session/session';

const schema = v.object({
  access_code: v.pipe(
    v.optional(v.string(), ''),
    v.transform(code),
    v.minLength(1, 'Enter the access code from the letter.'),
  ),
});

export default function AccessCode() {
  const { query: url, route } = useLocation();
  const client = useQueryClient();
  const list = useQuery({
    queryKey: ['access', { limit: 100 }],
    queryFn: () => ok(api.GET('/api/v1/access', { params: { query: { limit: 100 } } })),
  });
  const access = list.data?.items.find((a) => a.access_id === url.access);
  const form = useForm(schema, async (body) => {
    await ok(
      api.POST('/api/v1/access/{access_id}/activation', {
        params: { path: { access_id: access!.access_id } },
        body,
      }),
    );
    for (const queryKey of [['access'], ['home'], ['provider-accounts'], SESSION])
      await client.invalidateQueries({ queryKey });
    route('/account/provider-access?done=active');
  });
  return (
    <ManageAccount>
      <Page title="Enter the access code" narrow>
        <Waiting query={list} />
        {list.data && access?.status !== 'awaiting_code' ? (
          <Note tone="warn">
            <p>
              You have no request that needs this access code. See the status of your requests under{' '}
              <a href="/account/provider-access">My provider access</a>.
            </p>
          </Note>
        ) : null}
        {access?.status === 'awaiting_code' ? (
          <form noValidate onSubmit={form.onSubmit}>
            <ErrorSummary form={form} />
            <Facts
              items={[
                ['Provider', access.name],
                ['PTAN', access.ptan],
                ['NPI', access.npi],
              ]}
            />
            <Field
              form={form}
              name="access_code"
              label="Access code"
              size="medium"
              hint="From the letter to the provider’s billing address. It arrives in 7 to 10 business days. You can leave out spaces and dashes."
            />
            <div class="c-actions">
              <Submit form={form}>Activate</Submit>
              <a class="ds-c-button" href="/account/provider-access">
                Cancel
              </a>
            </div>
          </form>
        ) : null}
      </Page>
    </ManageAccount>
  );
}
