// Money never passes through floating point; days never through a time zone; instants are the user's.
// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import * as format from '../src/ui/format';

test.each([
  ['0.00', '$0.00'],
  ['1234.5', '$1,234.50'],
  ['-20.10', '\u2212$20.10'],
  ['90071992547409.93', '$90,071,992,547,409.93'],
  ['999999', '$999,999.00'],
])('money %s is %s', (amount, expected) => expect(format.money(amount)).toBe(expected));

test('no amount shows nothing, not $0.00', () => expect(format.money(null)).toBe(''));

test('a day stays the same day in every time zone', () => {
  format.setTimeZone('Pacific/Honolulu');
  expect(format.date('2026-01-01')).toBe('01/01/2026');
});

test('an instant is shown in the user’s own time zone, with its name', () => {
  format.setTimeZone('America/Chicago');
  expect(format.instant('2026-11-22T01:30:00Z')).toMatch(/11\/21\/2026, 7:30\sPM CST/);
  format.setTimeZone('No/Such_Zone');
  expect(format.instant('2026-11-22T01:30:00Z')).toMatch(/2026/);
  format.setTimeZone(undefined);
});

test('days until a deadline count from the user’s own day', () => {
  format.setTimeZone('America/New_York');
  const lateEvening = new Date('2026-11-22T04:30:00Z'); // 11:30 PM on the 21st in New York
  expect(format.daysUntil('2026-11-22', lateEvening)).toBe(1);
  expect(format.daysUntil('2026-11-21', lateEvening)).toBe(0);
  expect([format.daysLeft(1), format.daysLeft(0), format.daysLeft(-3)]).toEqual([
    '1 day left',
    'today',
    '3 days ago',
  ]);
});
