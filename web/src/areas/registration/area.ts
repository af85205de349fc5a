// Creating an account.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import { attestationQuery } from '../session/attestation';

export const area: Area = {
  routes: [
    {
      path: '/create-account/:step?',
      load: () => import('./create-account'),
      open: true,
      ahead: attestationQuery,
    },
  ],
};
