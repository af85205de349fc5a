// The home page.
// SPDX-License-Identifier: Apache-2.0
import { type Area, below } from '../area';

export const area: Area = {
  routes: [{ path: '/home', load: () => import('./home') }],
  navigation: () => [{ label: 'Home', href: '/home', is: below('/home') }],
};
