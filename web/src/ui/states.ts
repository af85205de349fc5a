// The states of things, each with its words and its mark.
// SPDX-License-Identifier: Apache-2.0
import type { Tone } from './bits';

export type State = readonly [words: string, tone: Tone];

/** A code of the API as words: "in_review" becomes "In review". */
const spoken = (code: string): string => {
  const words = code.replace(/_/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The words for a code. The API may add codes that this version of the client does not know (see the contract). */
export const wordFor = (table: Readonly<Record<string, string>>, code: string): string =>
  table[code] ?? spoken(code);

export const stateFor = (table: Readonly<Record<string, State>>, code: string): State =>
  table[code] ?? [spoken(code), 'plain'];
