// The landing page with the log-in.
// SPDX-License-Identifier: Apache-2.0
import type { Area } from '../area';
import Landing from './landing';

export const area: Area = { routes: [{ path: '/', screen: Landing }] };
