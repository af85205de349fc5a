// Eligibility of a patient.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import { accountEntry } from '../provider_account/address';

export const area: Area = {
  routes: [
    {
      path: '/provider-accounts/:provider_account_id/eligibility',
      load: () => import('./eligibility'),
    },
  ],
  navigation: (me, path) =>
    accountEntry(me, path, {
      label: 'Eligibility',
      words: 'Check a patient’s Medicare coverage',
      screen: 'eligibility',
      needs: 'eligibility',
    }),
};
