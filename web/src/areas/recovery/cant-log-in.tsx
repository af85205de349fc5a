// Can't log in: which way out.
// SPDX-License-Identifier: Apache-2.0
import { Page } from '../../ui/page';

export default function CantLogIn() {
  return (
    <Page title="Can’t log in" narrow crumbs={[['/', 'Log in']]}>
      <ul class="c-areas" role="list">
        <li>
          <a href="/cant-log-in/user-id">
            <strong>I forgot my user ID</strong> It is mailed to your e-mail address.
          </a>
        </li>
        <li>
          <a href="/cant-log-in/password">
            <strong>Change or forgot my password</strong> A code is mailed to you; then you choose a
            new password. This also opens a locked account.
          </a>
        </li>
      </ul>
      <p>
        Your user ID is four letters and three digits. For anything else, ask the Local Security
        Officer of your office.
      </p>
    </Page>
  );
}
