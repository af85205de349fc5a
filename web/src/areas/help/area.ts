// Help, and the page for an address that does not exist.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import Help from './help';
import NotFound from './not-found';

export const area: Area = {
  routes: [
    { path: '/help', screen: Help },
    { path: '/:rest*', screen: NotFound },
  ],
  footer: [
    { label: 'Help', href: '/help' },
    { label: 'Accessibility', href: '/help#accessibility' },
    { label: 'Privacy', href: '/help#privacy' },
  ],
};
