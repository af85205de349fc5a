// Remittances.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import { accountEntry, accountOf } from '../provider_account/address';

export const area: Area = {
  routes: [
    {
      path: '/provider-accounts/:provider_account_id/remittances',
      load: () => import('./remittances'),
    },
    {
      path: '/provider-accounts/:provider_account_id/remittances/:remittance_id',
      load: () => import('./remittance'),
    },
  ],
  navigation: (me, path) =>
    accountEntry(me, path, {
      label: 'Remittances',
      words: 'See what was paid, claim by claim',
      screen: 'remittances',
      needs: 'financials',
    }),
  attention: {
    new_remittance: {
      rank: 'news',
      more: 'remittances',
      href: (item) =>
        accountOf(item, `/remittances${item.subject_id ? `/${item.subject_id}` : ''}`),
    },
  },
};
