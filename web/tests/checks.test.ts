// Checks of the forms: what is rejected, and with which message.
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import * as check from '../src/ui/checks';
import { errorsOf } from '../src/ui/form';

const message = (schema: v.GenericSchema<any, any>, value: unknown) => {
  const result = v.safeParse(v.object({ field: schema }), { field: value });
  return result.success ? undefined : errorsOf(result.issues).field;
};
const output = (schema: v.GenericSchema<any, any>, value: unknown) => v.parse(schema, value);

test('NPI: Luhn with the prefix 80840 (45 CFR 162.406)', () => {
  expect(check.isNpi('1234567893')).toBe(true);
  expect(check.isNpi('1234567898')).toBe(false);
  expect(output(check.npi(), ' 1234-567 893')).toBe('1234567893');
});

test('user ID: four letters and three digits, lower case accepted (REG-02)', () => {
  expect(output(check.userId(), 'abcd123 ')).toBe('ABCD123');
  for (const wrong of ['ABC1234', 'ABCD12', 'ABCDE123', '123ABCD'])
    expect(message(check.userId(), wrong)).toMatch(/four letters/);
});

test('TIN: exactly the last five digits (REG-08)', () => {
  expect(output(check.tinEnd(), '1 2-345')).toBe('12345');
  expect(message(check.tinEnd(), '123456789')).toMatch(/exactly five/);
});

test('a name is letters and its own signs: no address, no digits', () => {
  for (const name of [
    "O'Dell",
    'O’Dell-Ñuñez',
    'St. John',
    'J.R.',
    'Martin, Jr.',
    'Nguyễn',
    '小林',
    'Anne\u2010Marie',
  ])
    expect(output(check.personName('Enter it.'), ` ${name} `)).toBe(name);
  for (const name of ['Ann: see', 'a/b', 'a@b', '<b>', 'Ann 2', 'Ann!', 'Ann (x)', '：', '€'])
    expect(message(check.personName('Enter it.'), name)).toMatch(/letters/);
  for (const name of ['Visit evil.example', 'St.John'])
    expect(message(check.personName('Enter it.'), name)).toMatch(/after a period/);
  expect(message(check.personName('Enter it.'), ' ')).toBe('Enter it.');
});

test('a field left empty is undefined, so that it is not sent', () => {
  expect(output(check.optional(), '  ')).toBeUndefined();
  expect(output(check.optionalDate(), '')).toBeUndefined();
  expect(output(check.optionalPhone(), '')).toBeUndefined();
});

describe('messages say what to do, in plain words', () => {
  const all: [string, v.GenericSchema<any, any>][] = Object.entries({
    userId: check.userId(),
    medicareNumber: check.medicareNumber(),
    npi: check.npi(),
    ptan: check.ptan(),
    tin: check.tinEnd(),
    code: check.securityCode(),
    date: check.date('Enter the date of birth.'),
    amount: check.amount('Enter the amount.'),
    phone: check.phone('Enter a telephone number.'),
    email: check.email(),
  });
  test.each(all)('%s', (_name, schema) => {
    for (const value of [undefined, '', '???', '\u200b']) {
      const words = message(schema, value);
      expect(words).toMatch(/\.$/);
      expect(words).not.toMatch(/invalid|please|sorry|forbidden|must not/i);
    }
  });
});
