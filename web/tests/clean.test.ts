// What people paste is cleaned, not rejected.
// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from 'vitest';
import * as clean from '../src/ui/clean';

describe('identifiers', () => {
  test.each([
    ['1eg4-te5-mk73', '1EG4TE5MK73'],
    ['  1EG4 TE5 MK73 ', '1EG4TE5MK73'],
    ['1EG4\u2013TE5\u00a0MK73', '1EG4TE5MK73'],
    ['\ufeff1EG4\u200bTE5\u00adMK73', '1EG4TE5MK73'],
    ['１２３４５６７８９３', '1234567893'],
  ])('%j becomes %s', (typed, expected) => expect(clean.identifier(typed)).toBe(expected));
});

describe('dates', () => {
  test.each([
    ['03/07/1948', '1948-03-07'],
    ['3-7-1948', '1948-03-07'],
    ['03071948', '1948-03-07'],
    ['1948-03-07', '1948-03-07'],
    [' 3 / 7 / 1948 '.replace(/ \/ /g, '/'), '1948-03-07'],
    ['02/29/2024', '2024-02-29'],
  ])('%j is %s', (typed, expected) => expect(clean.date(typed)).toBe(expected));
  test.each(['02/29/2023', '13/01/2020', '7/1948', '', 'yesterday', '00/10/2020'])(
    '%j is no day',
    (typed) => expect(clean.date(typed)).toBeNull(),
  );
});

describe('amounts keep their cents', () => {
  test.each([
    ['$1,234.5', '1234.50'],
    ['1234', '1234.00'],
    [' 0.07 ', '0.07'],
  ])('%j is %s', (typed, expected) => expect(clean.amount(typed)).toBe(expected));
  test.each(['-5', '1.234', 'ten', ''])('%j is no amount', (typed) =>
    expect(clean.amount(typed)).toBeNull(),
  );
});

describe('telephone numbers', () => {
  test.each([
    ['(317) 555-0142', '3175550142'],
    ['+1 317.555.0142 ext. 12', '3175550142x12'],
    ['317 555 0142 x7', '3175550142x7'],
  ])('%j is %s', (typed, expected) => expect(clean.phone(typed)).toBe(expected));
  test.each(['555-0142', 'none'])('%j is none', (typed) => expect(clean.phone(typed)).toBeNull());
});
