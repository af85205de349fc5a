// Lists of the account's forms.
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

export const LINES_OF_BUSINESS: readonly Option[] = [
  ['part_a', 'Part A'],
  ['part_b', 'Part B'],
  ['hhh', 'Home Health and Hospice'],
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

/** Words of a choice; the value itself when the list does not know it. */
export const wordsOf = (
  options: readonly (readonly [string, string, ...unknown[]])[],
  value: string | null | undefined,
): string => options.find(([key]) => key === value)?.[1] ?? value ?? '';
