// Tokens for scripts.
// SPDX-License-Identifier: Apache-2.0
import { type Area, exactly } from '../area';

export const area: Area = {
  routes: [{ path: '/account/tokens', load: () => import('./tokens') }],
  tabs: (me) =>
    me.kind === 'office'
      ? [{ label: 'Tokens for scripts', href: '/account/tokens', is: exactly('/account/tokens') }]
      : [],
};
