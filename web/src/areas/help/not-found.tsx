// The page for an address that does not exist.
// SPDX-License-Identifier: Apache-2.0
import { Page } from '../../ui/page';

export default function NotFound() {
  return (
    <Page title="Page not found" narrow>
      <p>
        The address may be incomplete or mistyped. Check it, or start from the{' '}
        <a href="/home">home page</a>.
      </p>
    </Page>
  );
}
