// Lists that several forms offer, and words for the codes of the API.
// SPDX-License-Identifier: Apache-2.0
import type { Option } from './fields';

const NAMES =
  'AL Alabama|AK Alaska|AS American Samoa|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|FL Florida|GA Georgia|GU Guam|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|MP Northern Mariana Islands|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VI Virgin Islands|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming';

export const STATES: readonly Option[] = NAMES.split('|').map(
  (s) => [s.slice(0, 2), s.slice(3)] as const,
);

export const LINES_OF_BUSINESS: readonly Option[] = [
  ['part_a', 'Part A'],
  ['part_b', 'Part B'],
  ['hhh', 'Home Health and Hospice'],
];

export const FUNCTIONS = [
  ['provider_profile', 'Provider Profile'],
  ['claims', 'Claims'],
  ['eligibility', 'Eligibility Lookup'],
  ['financials', 'Financials'],
] as const;

export type FunctionName = (typeof FUNCTIONS)[number][0];

/** The functions' names, such as "Claims, Eligibility Lookup". */
export const functionWords = (names: readonly string[] | null | undefined): string =>
  FUNCTIONS.filter(([name]) => names?.includes(name))
    .map(([, words]) => words)
    .join(', ') || 'None';

/** The words for a code; the code itself when the list does not have it. */
export const wordsOf = (
  options: readonly (readonly [string, string, ...unknown[]])[],
  value: string | null | undefined,
): string => options.find(([key]) => key === value)?.[1] ?? value ?? '';
