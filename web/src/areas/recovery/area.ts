// Ways back in for people who cannot log in.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import CantLogIn from './cant-log-in';

export const area: Area = {
  routes: [
    { path: '/cant-log-in', screen: CantLogIn },
    { path: '/cant-log-in/user-id', load: () => import('./forgot-user-id'), open: true },
    { path: '/cant-log-in/password', load: () => import('./forgot-password'), open: true },
  ],
};
