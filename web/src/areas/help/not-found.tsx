// An address that leads nowhere.
// SPDX-License-Identifier: Apache-2.0
import { Page } from '../../ui/page';

export default function NotFound() {
  return (
    <Page title="This page is not here" narrow>
      <p>
        The address may have been typed or copied in part. Check it, or start from the{' '}
        <a href="/home">home page</a>.
      </p>
    </Page>
  );
}
