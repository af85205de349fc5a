// Redeterminations, the first level of appeal.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import { accountEntry, accountOf } from '../provider_account/address';

export const area: Area = {
  routes: [
    {
      path: '/provider-accounts/:provider_account_id/claims/:claim_id/redetermination',
      load: () => import('./file-appeal'),
    },
    {
      path: '/provider-accounts/:provider_account_id/redeterminations',
      load: () => import('./appeals'),
    },
    {
      path: '/provider-accounts/:provider_account_id/redeterminations/:appeal_id',
      load: () => import('./appeal'),
    },
  ],
  navigation: (me, path) =>
    accountEntry(me, path, {
      label: 'Redeterminations',
      words: 'Follow the appeals that you filed',
      screen: 'redeterminations',
      needs: 'claims',
    }),
  attention: {
    appeal_deadline: {
      rank: 'deadline',
      more: 'deadlines',
      href: (item) =>
        accountOf(item, item.subject_id ? `/claims/${item.subject_id}` : '/claims?status=denied'),
    },
    appeal_decided: {
      rank: 'news',
      more: 'decisions on redeterminations',
      href: (item) =>
        accountOf(item, `/redeterminations${item.subject_id ? `/${item.subject_id}` : ''}`),
    },
  },
};
