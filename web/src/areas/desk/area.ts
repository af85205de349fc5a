// The contractor's desk, where analysts decide access requests and redeterminations.
// SPDX-License-Identifier: Apache-2.0
import { type Area, below } from '../area';

export const area: Area = {
  routes: [
    { path: '/desk/redeterminations/:appeal_id', load: () => import('./desk-appeal') },
    { path: '/desk/:part?/:access_id?', load: () => import('./desk') },
    { path: '/worklist/:rest*', movedTo: '/desk' },
  ],
  navigation: (me) =>
    me.kind === 'analyst'
      ? [
          {
            label: 'Access requests',
            words: 'Approve or decline Local Security Officers',
            href: '/desk/access-requests',
            is: below('/desk/access-requests'),
          },
          {
            label: 'Redeterminations',
            words: 'Review and decide appeals',
            href: '/desk/redeterminations',
            is: below('/desk/redeterminations'),
          },
        ]
      : [],
  attention: {
    desk_redetermination: {
      rank: 'deadline',
      more: 'redeterminations',
      href: (item) => `/desk/redeterminations${item.subject_id ? `/${item.subject_id}` : ''}`,
    },
    desk_access_request: {
      rank: 'request',
      more: 'access requests',
      href: () => '/desk/access-requests',
    },
  },
};
