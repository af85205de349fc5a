// Can't log in: the two ways back in.
// SPDX-License-Identifier: Apache-2.0
import { Page } from '../../ui/page';

export default function CantLogIn() {
  return (
    <Page title="Can’t log in" narrow crumbs={[['/', 'Log in']]}>
      <ul class="c-areas" role="list">
        <li>
          <a href="/cant-log-in/user-id">
            <strong>I forgot my user ID</strong> We send it to your e-mail address.
          </a>
        </li>
        <li>
          <a href="/cant-log-in/password">
            <strong>I forgot my password, or want to change it</strong> We send you a code, and you
            choose a new password. This also unlocks a locked account.
          </a>
        </li>
      </ul>
      <p>
        Your user ID is four letters and three digits. For other questions, ask the Local Security
        Officer in your office.
      </p>
    </Page>
  );
}
