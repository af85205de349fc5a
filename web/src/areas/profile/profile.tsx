// Manage account: the profile. The user ID never changes (REG-03); a changed e-mail address must be verified (EML-03).
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Id, Note, Waiting } from '../../ui/bits';
import { wordsOf } from '../../ui/choices';
import { phone } from '../../ui/format';
import { Page } from '../../ui/page';
import { CARRIERS, ROLES, TIME_ZONES } from './choices';
import { ManageAccount } from './manage-account';
import { ProfileForm } from './profile-form';

export default function Profile() {
  const query = useQuery({ queryKey: ['profile'], queryFn: () => ok(api.GET('/api/v1/profile')) });
  const [editing, setEditing] = useState(false);
  const [saved, setSaved] = useState(false);
  const profile = query.data;
  return (
    <ManageAccount>
      <Page title="Profile" narrow key={String(editing)}>
        <Waiting query={query} />
        {saved && !editing ? (
          <Note tone="success">
            <p>Your profile has been saved.</p>
          </Note>
        ) : null}
        {profile && !editing ? (
          <Shown
            profile={profile}
            edit={() => {
              setSaved(false);
              setEditing(true);
            }}
          />
        ) : null}
        {profile && editing ? (
          <ProfileForm
            profile={profile}
            done={(changed) => {
              setSaved(changed);
              setEditing(false);
            }}
          />
        ) : null}
      </Page>
    </ManageAccount>
  );
}

function Shown({ profile, edit }: { profile: Schemas['Profile']; edit: () => void }) {
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
          ['Mobile phone carrier', wordsOf(CARRIERS, profile.mobile_carrier)],
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
