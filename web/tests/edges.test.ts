// Values that a symmetric example would not tell apart: day and month, and every digit of an NPI.
// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import * as check from '../src/ui/checks';
import * as format from '../src/ui/format';

test('a date is month, day, year', () => {
  expect(format.date('2026-11-21')).toBe('11/21/2026');
  expect(format.period('2026-11-01', '2026-12-30')).toBe('11/01/2026 to 12/30/2026');
});

test('an NPI with any one digit changed is none', () => {
  const npi = '1234567893';
  for (let at = 0; at < 10; at++)
    for (const digit of '0123456789')
      expect(check.isNpi(npi.slice(0, at) + digit + npi.slice(at + 1))).toBe(digit === npi[at]);
});
