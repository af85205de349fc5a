// How a payment was made, in words (X12 835 BPR04).
// SPDX-License-Identifier: Apache-2.0
const METHOD: Record<string, string> = {
  ACH: 'EFT',
  BOP: 'As the bank chose',
  CHK: 'Check',
  FWT: 'Wire transfer',
  NON: 'No payment',
};

/** A code that we do not know is shown as it came. */
export const methodWords = (code: string | null): string => (code ? (METHOD[code] ?? code) : '');
