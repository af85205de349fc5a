// Eligibility of a patient on a date: a form, and the answer below it. Nothing of it goes into the address.
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok, type Schemas } from '../../api/client';
import { PrintButton } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { DateField, Field, Submit } from '../../ui/fields';
import { type FormState, useForm } from '../../ui/form';
import { Page } from '../../ui/page';
import { AccountScreen } from '../provider_account/account-screen';
import { Answer } from './answer';

const schema = v.object({
  mbi: check.medicareNumber(),
  last_name: check.required(
    'Enter the last name: at least its first six letters, or the whole name if it is shorter.',
  ),
  first_name: check.required('Enter the first name, or its first letter.'),
  birth_on: check.date('Enter the date of birth.'),
  on: check.optionalDate(),
});

const TITLE = 'Eligibility';

export default function Eligibility() {
  return (
    <AccountScreen title={TITLE} needs="eligibility">
      {(account) => <EligibilityOf account={account} />}
    </AccountScreen>
  );
}

function EligibilityOf({ account }: { account: string }) {
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<Schemas['Eligibility']>();
  const result = useRef<HTMLElement>(null);
  const form = useForm(schema, async (body) => {
    setAnswer(undefined);
    setAnswer(
      await ok(
        api.POST('/api/v1/provider-accounts/{provider_account_id}/eligibility-lookups', {
          params: { path: { provider_account_id: account } },
          body,
        }),
      ),
    );
  });
  useEffect(() => {
    result.current?.focus();
  }, [answer]);
  const next = () => {
    setRound(round + 1); // empties the boxes
    setAnswer(undefined);
    form.setErrors({});
  };
  return (
    <Page title={TITLE} actions={answer?.found ? <PrintButton /> : undefined}>
      <form noValidate onSubmit={form.onSubmit} key={round} class="c-no-print">
        <ErrorSummary form={form} />
        <PatientFields form={form} />
        <div class="c-actions">
          <Submit form={form} busy="Looking up…">
            Look up
          </Submit>
          <button type="button" class="ds-c-button" onClick={next}>
            Next patient
          </button>
        </div>
      </form>
      {answer ? (
        <section ref={result} tabIndex={-1} aria-labelledby="answer" class="c-answer">
          <Answer answer={answer} />
        </section>
      ) : null}
    </Page>
  );
}

function PatientFields({ form }: { form: FormState }) {
  return (
    <div class="c-columns c-columns--narrow">
      <Field
        form={form}
        name="mbi"
        label="Medicare Number (MBI)"
        hint="From the card. You can leave out spaces and dashes."
      />
      <Field
        form={form}
        name="last_name"
        label="Last name"
        hint="At least the first six letters, as on the card"
      />
      <Field form={form} name="first_name" label="First name" hint="At least the first letter" />
      <DateField form={form} name="birth_on" label="Date of birth" />
      <DateField
        form={form}
        name="on"
        label="Date of service"
        optional
        hint="Leave empty for today, or enter a date such as 03/07/2026."
      />
    </div>
  );
}
