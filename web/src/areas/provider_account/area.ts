// Choosing the provider account to work for.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import { Chosen } from './chosen';

export const area: Area = {
  routes: [{ path: '/provider-accounts', load: () => import('./chooser') }],
  banner: Chosen,
};
