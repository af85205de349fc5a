// The words for the payment methods of X12 835 BPR04.
// SPDX-License-Identifier: Apache-2.0
const METHOD: Record<string, string> = {
  ACH: 'EFT',
  BOP: 'Chosen by the bank',
  CHK: 'Check',
  FWT: 'Wire transfer',
  NON: 'No payment',
};

/** A code without words is shown as it is. */
export const methodWords = (code: string | null): string => (code ? (METHOD[code] ?? code) : '');
