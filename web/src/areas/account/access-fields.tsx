// The request for one provider account: which one, which functions, and the proof. Used by registration and Manage account.
// SPDX-License-Identifier: Apache-2.0
import type * as v from 'valibot';
import type { Schemas } from '../../api/client';
import { FUNCTIONS, STATES } from '../../ui/choices';
import { Choices, Field, SelectField } from '../../ui/fields';
import type { FormState } from '../../ui/form';
import { LINES_OF_BUSINESS } from './choices';
import type { accessSchema } from './registration';

/** The provider account asked for, the functions, and the proof. Used here and in Manage Account. */
export function AccessFields({
  form,
  was,
  officer,
  asked,
}: {
  form: FormState;
  was?: Partial<v.InferOutput<typeof accessSchema>>;
  officer: boolean;
  asked: boolean;
}) {
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
        label="TIN, last five digits"
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
        hint="Tick all that apply."
        options={FUNCTIONS}
        values={was?.functions}
      />
      {asked && officer ? (
        <>
          <Field
            form={form}
            name="check_number"
            label="Check or EFT number"
            value={was?.check_number}
            size="medium"
            hint="Of a Medicare payment to this provider account, issued in the past 90 days"
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
      ) : null}
      {asked && !officer ? (
        <Field
          form={form}
          name="csn"
          label="CSN (customer service number)"
          value={was?.csn}
          size="medium"
          hint="Your Local Security Officer sees it under Manage Account and can tell you."
        />
      ) : null}
    </>
  );
}

/** What is sent: the payment only for an LSO (REG-12), the CSN only for everyone else (LSO-09). */
export function accessBody(business: v.InferOutput<typeof accessSchema>): Schemas['AccessNew'] {
  const { local_security_officer, check_number, check_amount, csn, ...rest } = business;
  const officer = local_security_officer === 'yes';
  return {
    ...rest,
    lso: officer,
    ...(officer ? { check_number, check_amount } : { csn }),
  } as Schemas['AccessNew'];
}
