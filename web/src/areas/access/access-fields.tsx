// The fields of a request for access, in the registration and under Manage account: which provider account, which
// functions, and the proof.
// SPDX-License-Identifier: Apache-2.0
import { FUNCTIONS, LINES_OF_BUSINESS, STATES } from '../../ui/choices';
import { Choices, Field, SelectField } from '../../ui/fields';
import type { FormState } from '../../ui/form';
import type { AccessForm } from './access-schema';

interface FieldsProps {
  form: FormState;
  was?: Partial<AccessForm>;
  /** Whether the person will be a Local Security Officer. */
  officer: boolean;
  /** Whether the person has answered that question: the proof depends on the answer. */
  asked: boolean;
}

export function AccessFields({ form, was, officer, asked }: FieldsProps) {
  return (
    <>
      <Field
        form={form}
        name="npi"
        label="NPI"
        value={was?.npi}
        size="medium"
        inputMode="numeric"
        hint="Ten digits"
      />
      <Field
        form={form}
        name="ptan"
        label="PTAN"
        value={was?.ptan}
        size="medium"
        hint="From the Medicare enrollment letter"
      />
      <Field
        form={form}
        name="tin_last5"
        label="Last five digits of the TIN"
        value={was?.tin_last5}
        size="small"
        inputMode="numeric"
      />
      <SelectField
        form={form}
        name="line_of_business"
        label="Line of business"
        options={LINES_OF_BUSINESS}
        value={was?.line_of_business}
      />
      <SelectField form={form} name="state" label="State" options={STATES} value={was?.state} />
      <Choices
        form={form}
        type="checkbox"
        name="functions"
        label="Functions you need"
        hint="Select all that apply."
        options={FUNCTIONS}
        values={was?.functions}
      />
      {asked && officer ? <PaymentFields form={form} was={was} /> : null}
      {asked && !officer ? (
        <Field
          form={form}
          name="csn"
          label="CSN (customer service number)"
          value={was?.csn}
          size="medium"
          hint="Your Local Security Officer can find it under Manage account."
        />
      ) : null}
    </>
  );
}

function PaymentFields({ form, was }: Pick<FieldsProps, 'form' | 'was'>) {
  return (
    <>
      <Field
        form={form}
        name="check_number"
        label="Check or EFT number"
        value={was?.check_number}
        size="medium"
        hint="Of a Medicare payment to this provider account that was issued in the past 90 days"
      />
      <Field
        form={form}
        name="check_amount"
        label="Check or EFT amount"
        value={was?.check_amount}
        size="medium"
        inputMode="decimal"
        hint="Such as 1,234.56"
      />
    </>
  );
}
