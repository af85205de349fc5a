// Access to provider accounts: a person's own requests, and the Local Security Officer's decisions.
// SPDX-License-Identifier: Apache-2.0
import { type Area, below } from '../area';

const OWN = ['/account/provider-access', '/account/request-access', '/account/access-code'];

export const area: Area = {
  routes: [
    { path: '/account/provider-access', load: () => import('./provider-access') },
    { path: '/account/request-access', load: () => import('./request-access') },
    { path: '/account/access-code', load: () => import('./access-code') },
    { path: '/user-management/:access_id?', load: () => import('./user-management') },
  ],
  navigation: (me) =>
    me.is_lso
      ? [
          {
            label: 'User management',
            words: 'Approve and change the access of people in your office',
            href: '/user-management',
            is: below('/user-management'),
          },
        ]
      : [],
  tabs: (me) =>
    me.kind === 'office'
      ? [
          {
            label: 'My provider access',
            href: '/account/provider-access',
            is: (path) => OWN.includes(path),
          },
        ]
      : [],
  attention: {
    access_to_decide: {
      rank: 'request',
      more: 'requests',
      href: () => '/user-management?status=requested',
    },
    access_code_to_enter: {
      rank: 'request',
      more: 'access codes to enter',
      href: ({ subject_id }) =>
        subject_id ? `/account/access-code?access=${subject_id}` : '/account/provider-access',
    },
    access_decided: {
      rank: 'news',
      more: 'decisions on requests',
      href: () => '/account/provider-access',
    },
  },
};
