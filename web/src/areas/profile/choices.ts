// What the forms about a person offer.
// SPDX-License-Identifier: Apache-2.0
import type { Option } from '../../ui/fields';

export const ROLES: readonly Option[] = [
  ['billing', 'Billing'],
  ['coding', 'Coding'],
  ['administration', 'Administration or office management'],
  ['physician', 'Physician or practitioner'],
  ['nurse', 'Nurse'],
  ['clearinghouse', 'Billing service or clearinghouse'],
  ['other', 'Other'],
];

export const CARRIERS: readonly Option[] = [
  ['att', 'AT&T'],
  ['tmobile', 'T-Mobile'],
  ['verizon', 'Verizon'],
  ['us_cellular', 'UScellular'],
  ['other', 'Another carrier'],
];

export const TIME_ZONES: readonly Option[] = [
  ['America/New_York', 'Eastern'],
  ['America/Chicago', 'Central'],
  ['America/Denver', 'Mountain'],
  ['America/Phoenix', 'Mountain, Arizona'],
  ['America/Los_Angeles', 'Pacific'],
  ['America/Anchorage', 'Alaska'],
  ['Pacific/Honolulu', 'Hawaii'],
  ['America/Puerto_Rico', 'Atlantic'],
  ['Pacific/Guam', 'Chamorro'],
];
