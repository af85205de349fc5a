// The person's own profile and password.
// SPDX-License-Identifier: Apache-2.0
import { type Area, below, exactly } from '../area';

export const area: Area = {
  routes: [
    { path: '/account', load: () => import('./profile') },
    { path: '/account/password', load: () => import('./password') },
  ],
  navigation: (me) => [
    {
      label: 'Manage account',
      words:
        me.kind === 'analyst'
          ? 'Your profile and password'
          : 'Your profile, password, provider access, and tokens for scripts',
      href: '/account',
      is: below('/account'),
    },
  ],
  tabs: () => [
    { label: 'Profile', href: '/account', is: exactly('/account') },
    { label: 'Password', href: '/account/password', is: exactly('/account/password') },
  ],
  menu: [{ label: 'Manage account', href: '/account' }],
};
