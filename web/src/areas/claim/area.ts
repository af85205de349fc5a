// Claims.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import { accountEntry } from '../provider_account/address';

export const area: Area = {
  routes: [
    { path: '/provider-accounts/:provider_account_id/claims', load: () => import('./claims') },
    {
      path: '/provider-accounts/:provider_account_id/claims/:claim_id',
      load: () => import('./claim'),
    },
  ],
  navigation: (me, path) =>
    accountEntry(me, path, {
      label: 'Claims',
      words: 'Find a claim and see how it was paid',
      screen: 'claims',
      needs: 'claims',
    }),
};
