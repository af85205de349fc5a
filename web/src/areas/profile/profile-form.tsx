// The form that changes the profile.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import * as v from 'valibot';
import { api, ifMatch, ok, type Schemas } from '../../api/client';
import { Facts } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Field, SelectField, Submit } from '../../ui/fields';
import { type FormState, useForm } from '../../ui/form';
import { phone } from '../../ui/format';
import { SESSION } from '../session/session';
import { TIME_ZONES } from './choices';
import { MobileFields, NameFields, UpdatesTick, WorkPhoneField } from './person-fields';

const schema = v.object({
  first_name: check.personName('Enter your first name.'),
  last_name: check.personName('Enter your last name.'),
  job_role: check.chosen<Schemas['RegistrationNew']['job_role']>('Choose your role.'),
  email: check.email(),
  work_phone: check.optionalPhone(),
  mobile_phone: check.optionalPhone(),
  mobile_carrier: check.optional(),
  time_zone: check.chosen('Choose your time zone.'),
  email_updates: check.ticked,
});

/** The change as it is sent: a field that was emptied is null, which clears it; an absent one would be kept. */
export const changeOf = (value: v.InferOutput<typeof schema>) => ({
  ...value,
  work_phone: value.work_phone ?? null,
  mobile_phone: value.mobile_phone ?? null,
  mobile_carrier: value.mobile_carrier ?? null,
});

interface ProfileFormProps {
  profile: Schemas['Profile'];
  done: (changed: boolean) => void;
}

export function ProfileForm({ profile, done }: ProfileFormProps) {
  const client = useQueryClient();
  const form = useForm(schema, async (value) => {
    const change = api.PATCH('/api/v1/profile', {
      params: { header: ifMatch(profile.version) },
      body: changeOf(value),
    });
    client.setQueryData(['profile'], await ok(change));
    await client.invalidateQueries({ queryKey: SESSION });
    done(true);
  });
  const was = {
    first_name: profile.first_name,
    last_name: profile.last_name,
    job_role: profile.job_role,
    work_phone: phone(profile.work_phone),
    mobile_phone: phone(profile.mobile_phone),
    mobile_carrier: profile.mobile_carrier ?? '',
  };
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <Facts items={[['User ID', profile.user_id]]} />
      <NameFields form={form} was={was} />
      <Field
        form={form}
        name="email"
        label="E-mail address"
        type="email"
        value={profile.email}
        autoComplete="email"
        hint="If you change it, you verify the new address the next time you log in."
      />
      <UpdatesTick form={form} checked={profile.email_updates} />
      <WorkPhoneField form={form} was={was} />
      <MobileFields form={form} was={was} />
      <TimeZoneField form={form} zone={profile.time_zone} />
      <div class="c-actions">
        <Submit form={form}>Save</Submit>
        <button type="button" class="ds-c-button" onClick={() => done(false)}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** Offers the person's own time zone even when it is not one of the usual ones. */
function TimeZoneField({ form, zone }: { form: FormState; zone: string }) {
  const usual = TIME_ZONES.some(([key]) => key === zone);
  return (
    <SelectField
      form={form}
      name="time_zone"
      label="Time zone"
      hint="Times are shown in this time zone."
      options={usual ? TIME_ZONES : [...TIME_ZONES, [zone, zone]]}
      value={zone}
    />
  );
}
