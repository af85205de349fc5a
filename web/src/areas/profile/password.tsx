// Manage account: changing the password.
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { Note } from '../../ui/bits';
import { Page } from '../../ui/page';
import { ManageAccount } from './manage-account';
import { PasswordForm } from './password-form';

export default function Password() {
  const [done, setDone] = useState(false);
  return (
    <ManageAccount>
      <Page title="Change password" narrow>
        {done ? (
          <Note tone="success">
            <p>Your password has been changed.</p>
          </Note>
        ) : null}
        <PasswordForm done={() => setDone(true)} />
      </Page>
    </ManageAccount>
  );
}
