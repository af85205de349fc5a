// Manage account: requesting access to another provider account, with the CSN or, as its LSO, with a check or EFT.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, idempotent, ok } from '../../api/client';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Submit } from '../../ui/fields';
import { useForm, useIdempotencyKey } from '../../ui/form';
import { Page } from '../../ui/page';
import { ManageAccount } from '../profile/manage-account';
import { AccessFields } from './access-fields';
import { accessBody, accessSchema } from './access-schema';

export default function RequestAccess() {
  const { route } = useLocation();
  const client = useQueryClient();
  const key = useIdempotencyKey();
  const [officer, setOfficer] = useState('');
  const form = useForm(
    accessSchema,
    async (value) => {
      const body = accessBody(value);
      await ok(api.POST('/api/v1/access', { params: { header: idempotent(key(body)) }, body }));
      await client.invalidateQueries({ queryKey: ['access'] });
      route('/account/provider-access?done=requested');
    },
    { lists: ['functions'], rename: { lso: 'local_security_officer' } },
  );
  return (
    <ManageAccount>
      <Page
        title="Request access"
        narrow
        lead="Request one provider account at a time. You need its NPI, PTAN, and the last five digits of its TIN."
      >
        <form noValidate onSubmit={form.onSubmit}>
          <ErrorSummary form={form} />
          <Choices
            form={form}
            type="radio"
            name="local_security_officer"
            label="Will you be a Local Security Officer (LSO) for this provider account?"
            options={[
              ['yes', 'Yes'],
              ['no', 'No'],
            ]}
            values={officer ? [officer] : []}
            onPick={(value) => setOfficer(value)}
          />
          <AccessFields form={form} officer={officer === 'yes'} asked={officer !== ''} />
          <div class="c-actions">
            <Submit form={form}>Send request</Submit>
            <a class="ds-c-button" href="/account/provider-access">
              Cancel
            </a>
          </div>
        </form>
      </Page>
    </ManageAccount>
  );
}
