// What the desk's pages show to a person who is not an analyst.
// SPDX-License-Identifier: Apache-2.0
import { Note } from '../../ui/bits';
import { Page } from '../../ui/page';

export function NotAnalyst() {
  return (
    <Page title="Contractor’s desk" narrow>
      <Note tone="warn">
        <p>
          Only the contractor’s analysts can use this page. Go to your <a href="/home">home page</a>
          .
        </p>
      </Note>
    </Page>
  );
}
