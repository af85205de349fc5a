// Manage account: the profile. The user ID never changes (REG-03); a changed e-mail address is verified again (EML-03).
// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ifMatch, ok, type Schemas } from '../../api/client';
import { Facts, Id, Note, Waiting } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Field, SelectField, Submit, Tick } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { phone } from '../../ui/format';
import { Page } from '../../ui/page';
import { SESSION } from '../session/session';
import { CARRIERS, ROLES, TIME_ZONES, wordsOf } from './choices';

type Mine = Schemas['Profile'];

export function Profile() {
  const query = useQuery({ queryKey: ['profile'], queryFn: () => ok(api.GET('/api/v1/profile')) });
  const [editing, setEditing] = useState(false);
  const [saved, setSaved] = useState(false);
  return (
    <Page title="Profile" narrow key={String(editing)}>
      <Waiting query={query} />
      {saved && !editing ? (
        <Note tone="success">
          <p>Your profile is saved.</p>
        </Note>
      ) : null}
      {query.data && !editing ? (
        <Shown
          profile={query.data}
          edit={() => {
            setSaved(false);
            setEditing(true);
          }}
        />
      ) : null}
      {query.data && editing ? (
        <Edit
          profile={query.data}
          done={(changed) => {
            setSaved(changed);
            setEditing(false);
          }}
        />
      ) : null}
    </Page>
  );
}

function Shown({ profile, edit }: { profile: Mine; edit: () => void }) {
  return (
    <>
      <Facts
        items={[
          ['User ID', <Id copy="user ID">{profile.user_id}</Id>],
          ['Name', `${profile.first_name} ${profile.last_name}`],
          ['Role', wordsOf(ROLES, profile.job_role)],
          ['E-mail address', profile.email],
          ['News by e-mail', profile.email_updates ? 'Yes' : 'No'],
          ['Work phone', phone(profile.work_phone)],
          ['Mobile phone', phone(profile.mobile_phone)],
          ['Mobile carrier', wordsOf(CARRIERS, profile.mobile_carrier)],
          ['Time zone', wordsOf(TIME_ZONES, profile.time_zone)],
        ]}
      />
      <div class="c-actions">
        <button type="button" class="ds-c-button ds-c-button--solid" onClick={edit}>
          Edit profile
        </button>
      </div>
    </>
  );
}

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

function Edit({ profile, done }: { profile: Mine; done: (changed: boolean) => void }) {
  const client = useQueryClient();
  const zones = TIME_ZONES.some(([key]) => key === profile.time_zone)
    ? TIME_ZONES
    : [...TIME_ZONES, [profile.time_zone, profile.time_zone] as const];
  const form = useForm(schema, async (value) => {
    // an emptied field is sent empty, so that it is taken out and not kept
    const body = {
      ...value,
      work_phone: value.work_phone ?? '',
      mobile_phone: value.mobile_phone ?? '',
      mobile_carrier: value.mobile_carrier ?? '',
    };
    client.setQueryData(
      ['profile'],
      await ok(
        api.PATCH('/api/v1/profile', { params: { header: ifMatch(profile.version) }, body }),
      ),
    );
    await client.invalidateQueries({ queryKey: SESSION });
    done(true);
  });
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <Facts items={[['User ID', profile.user_id]]} />
      <Field
        form={form}
        name="first_name"
        label="First name"
        value={profile.first_name}
        autoComplete="given-name"
      />
      <Field
        form={form}
        name="last_name"
        label="Last name"
        value={profile.last_name}
        autoComplete="family-name"
      />
      <SelectField
        form={form}
        name="job_role"
        label="Role"
        options={ROLES}
        value={profile.job_role}
      />
      <Field
        form={form}
        name="email"
        label="E-mail address"
        type="email"
        value={profile.email}
        autoComplete="email"
        hint="After a change you verify the new address at your next log-in."
      />
      <Tick
        form={form}
        name="email_updates"
        label="Send me news of the portal and of Medicare by e-mail"
        checked={profile.email_updates}
      />
      <Field
        form={form}
        name="work_phone"
        label="Work phone"
        optional
        type="tel"
        value={phone(profile.work_phone)}
        autoComplete="tel"
      />
      <Field
        form={form}
        name="mobile_phone"
        label="Mobile phone"
        optional
        type="tel"
        value={phone(profile.mobile_phone)}
        autoComplete="tel"
      />
      <SelectField
        form={form}
        name="mobile_carrier"
        label="Mobile phone carrier"
        optional
        options={CARRIERS}
        value={profile.mobile_carrier ?? ''}
      />
      <SelectField
        form={form}
        name="time_zone"
        label="Time zone"
        hint="Times are shown in it."
        options={zones}
        value={profile.time_zone}
      />
      <div class="c-actions">
        <Submit form={form}>Save</Submit>
        <button type="button" class="ds-c-button" onClick={() => done(false)}>
          Cancel
        </button>
      </div>
    </form>
  );
}
