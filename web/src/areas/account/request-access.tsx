// Manage account: asking for one more provider account, as a standard user (CSN) or as its LSO (check or EFT).
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, ok } from '../../api/client';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Submit } from '../../ui/fields';
import { useForm, useIdempotencyKey } from '../../ui/form';
import { Page } from '../../ui/page';
import { AccessFields, accessBody } from './access-fields';
import { accessSchema } from './registration';

export function RequestAccess() {
  const { route } = useLocation();
  const client = useQueryClient();
  const key = useIdempotencyKey();
  const [officer, setOfficer] = useState('');
  const form = useForm(
    accessSchema,
    async (value) => {
      const body = accessBody(value);
      await ok(
        api.POST('/api/v1/access', { params: { header: { 'Idempotency-Key': key(body) } }, body }),
      );
      await client.invalidateQueries({ queryKey: ['access'] });
      route('/account/provider-access?done=requested');
    },
    { lists: ['functions'], rename: { lso: 'local_security_officer' } },
  );
  return (
    <Page
      title="Request access"
      narrow
      lead="For one provider account at a time: its PTAN, NPI and TIN."
    >
      <form noValidate onSubmit={form.onSubmit}>
        <ErrorSummary form={form} />
        <Choices
          form={form}
          type="radio"
          name="local_security_officer"
          label="Will you be a Local Security Officer (LSO) of this provider account?"
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
  );
}
