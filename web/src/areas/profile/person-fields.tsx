// The fields of a person, in the registration and in the profile.
// SPDX-License-Identifier: Apache-2.0
import { Field, SelectField, Tick } from '../../ui/fields';
import type { FormState } from '../../ui/form';
import { CARRIERS, ROLES } from './choices';

interface FieldsProps {
  form: FormState;
  was: Record<string, string | undefined>;
}

export function NameFields({ form, was }: FieldsProps) {
  return (
    <>
      <Field
        form={form}
        name="first_name"
        label="First name"
        value={was.first_name}
        autoComplete="given-name"
      />
      <Field
        form={form}
        name="last_name"
        label="Last name"
        value={was.last_name}
        autoComplete="family-name"
      />
      <SelectField form={form} name="job_role" label="Role" options={ROLES} value={was.job_role} />
    </>
  );
}

export function WorkPhoneField({ form, was }: FieldsProps) {
  return (
    <Field
      form={form}
      name="work_phone"
      label="Work phone"
      optional
      type="tel"
      value={was.work_phone}
      autoComplete="tel"
      hint="Include the area code and any extension, such as (317) 555‑0142 x12."
    />
  );
}

export function MobileFields({ form, was }: FieldsProps) {
  return (
    <>
      <Field
        form={form}
        name="mobile_phone"
        label="Mobile phone"
        optional
        type="tel"
        value={was.mobile_phone}
        autoComplete="tel"
      />
      <SelectField
        form={form}
        name="mobile_carrier"
        label="Mobile phone carrier"
        optional
        options={CARRIERS}
        value={was.mobile_carrier}
      />
    </>
  );
}

export function UpdatesTick({ form, checked }: { form: FormState; checked: boolean }) {
  return (
    <Tick
      form={form}
      name="email_updates"
      label="Send me news about the portal and Medicare by e-mail"
      checked={checked}
    />
  );
}
