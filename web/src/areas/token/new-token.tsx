// The form that creates a token.
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import * as v from 'valibot';
import { api, idempotent, ok } from '../../api/client';
import { Waiting } from '../../ui/bits';
import * as check from '../../ui/checks';
import { FUNCTIONS, type FunctionName } from '../../ui/choices';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, DateField, Field, Submit } from '../../ui/fields';
import { StepHeading } from '../../ui/focus';
import { useForm, useIdempotencyKey } from '../../ui/form';
import { date } from '../../ui/format';

const DAYS = 90;
const inDays = (n: number) => date(new Date(Date.now() + n * 86_400_000).toISOString());

const schema = v.object({
  name: check.required('Enter a name for the token, such as the name of the script.'),
  functions: check.some<FunctionName>('Select at least one function.'),
  provider_account_ids: check.some<string>('Select at least one provider account.'),
  expires_on: check.date('Enter the last day of the token.'),
});

export interface NewSecret {
  name: string;
  /** Null when the answer was repeated: the first answer, which had it, was lost. */
  secret: string | null;
}

interface NewTokenProps {
  done: (made: NewSecret) => void;
  cancel: () => void;
}

export function NewToken({ done, cancel }: NewTokenProps) {
  const accounts = useQuery({
    queryKey: ['provider-accounts', { limit: 100 }],
    queryFn: () => ok(api.GET('/api/v1/provider-accounts', { params: { query: { limit: 100 } } })),
  });
  const key = useIdempotencyKey();
  const form = useForm(
    schema,
    async (body) => {
      const { secret } = await ok(
        api.POST('/api/v1/tokens', { params: { header: idempotent(key(body)) }, body }),
      );
      done({ name: body.name, secret });
    },
    { lists: ['functions', 'provider_account_ids'] },
  );
  if (!accounts.data) return <Waiting query={accounts} />;
  return (
    <form noValidate onSubmit={form.onSubmit} class="c-panel">
      <StepHeading>New token</StepHeading>
      <ErrorSummary form={form} />
      <Field
        form={form}
        name="name"
        label="Name"
        hint="What the token is for, such as “nightly claim status”"
        maxLength={100}
      />
      <Choices form={form} type="checkbox" name="functions" label="Functions" options={FUNCTIONS} />
      <Choices
        form={form}
        type="checkbox"
        name="provider_account_ids"
        label="Provider accounts"
        options={[...accounts.data.items]
          .sort((a, b) => a.name.localeCompare(b.name))
          .map((a) => [a.provider_account_id, a.name, `PTAN ${a.ptan}, NPI ${a.npi}`] as const)}
      />
      <DateField
        form={form}
        name="expires_on"
        label="Last day"
        value={inDays(DAYS)}
        hint="Such as 03/31/2027"
      />
      <div class="c-actions">
        <Submit form={form}>Create the token</Submit>
        <button type="button" class="ds-c-button" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
