// Checks that forms share, with messages that say how to correct the field. The server checks everything again.
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import * as clean from './clean';

const typed = v.optional(v.string(), '');

/** One line of text that is required. */
export const required = (message: string) =>
  v.pipe(typed, v.transform(clean.text), v.minLength(1, message));

/** One line of text that may be empty. Empty becomes undefined, so that it is not sent. */
export const optional = () =>
  v.pipe(
    typed,
    v.transform((s) => clean.text(s) || undefined),
  );

/** A person's name, which goes into e-mail: no sentence, no address. The server has the same check. */
export const personName = (empty: string) =>
  v.pipe(
    typed,
    v.transform(clean.text),
    v.minLength(1, empty),
    v.regex(
      /^[\p{L}\p{M} .,'‘’\u2010\u2011·・-]+$/u,
      'Use only letters, spaces, apostrophes, hyphens, commas, and periods.',
    ),
    v.check((s) => !/\.\p{L}\p{M}*\p{L}/u.test(s), 'Enter a space after a period, as in St. John.'),
  );

export const longText = (message: string) =>
  v.pipe(typed, v.transform(clean.lines), v.minLength(1, message));
export const optionalLongText = () =>
  v.pipe(
    typed,
    v.transform((s) => clean.lines(s) || undefined),
  );

/** One of the choices offered. */
export const chosen = <T extends string>(message: string) =>
  v.pipe(
    typed,
    v.minLength(1, message),
    v.transform((s) => s as T),
  );

/** At least one of a group of check boxes. */
export const some = <T extends string>(message: string) =>
  v.pipe(
    v.array(v.string()),
    v.minLength(1, message),
    v.transform((list) => list as T[]),
  );

export const ticked = v.pipe(
  v.optional(v.string()),
  v.transform((s) => s === 'yes'),
);

const identifier = (empty: string, pattern: RegExp, wrong: string) =>
  v.pipe(typed, v.transform(clean.identifier), v.minLength(1, empty), v.regex(pattern, wrong));

export const userId = () =>
  identifier(
    'Enter your user ID: four letters and three digits, such as ABCD123.',
    /^[A-Z]{4}[0-9]{3}$/,
    'A user ID is four letters and three digits, such as ABCD123. Check it and try again.',
  );

export const medicareNumber = () =>
  identifier(
    'Enter the Medicare Number from the patient’s card.',
    /^[0-9A-Z]{11}$/,
    'A Medicare Number has 11 letters and digits, such as 1EG4-TE5-MK73. Check the card and try again.',
  );

/** NPI: ten digits whose last is a check digit (Luhn over 80840 and the number, 45 CFR 162.406). */
export function isNpi(npi: string): boolean {
  if (!/^\d{10}$/.test(npi)) return false;
  const sum = [...npi].reverse().reduce((total, digit, i) => {
    const n = Number(digit) * (i % 2 ? 2 : 1);
    return total + (n > 9 ? n - 9 : n);
  }, 24); // 24 is what the prefix 80840 adds
  return sum % 10 === 0;
}
export const npi = () =>
  v.pipe(
    typed,
    v.transform(clean.identifier),
    v.minLength(1, 'Enter the NPI: ten digits.'),
    v.check(isNpi, 'This is not an NPI. Check all ten digits against your enrollment letter.'),
  );
export const ptan = () =>
  identifier(
    'Enter the PTAN from your enrollment letter.',
    /^[0-9A-Z]{1,15}$/,
    'A PTAN has letters and digits only. Compare it with your enrollment letter.',
  );
export const tinEnd = () =>
  identifier(
    'Enter the last five digits of the TIN.',
    /^\d{5}$/,
    'Enter exactly five digits: the last five of the TIN.',
  );

export const securityCode = () =>
  identifier(
    'Enter the code from the e-mail.',
    /^[0-9A-Z]{4,12}$/,
    'Enter the code as it is in the e-mail, digits only.',
  );

const blankOr =
  <T>(parse: (s: string) => T | null) =>
  (s: string) =>
    clean.text(s) === '' ? undefined : parse(s);

/** Runs a parser that returns null for what it cannot read. The message says how to write it. */
const parsed = <T>(parse: (s: string) => T | null | undefined, wrong: string) =>
  v.rawTransform<string, T | undefined>(({ dataset, addIssue, NEVER }) => {
    const value = parse(dataset.value);
    if (value !== null) return value;
    addIssue({ message: wrong });
    return NEVER;
  });

const DATE_WRONG = 'Enter the month, day, and year, such as 03/07/1948.';
export const date = (empty: string) =>
  v.pipe(
    typed,
    v.check((s) => clean.text(s) !== '', empty),
    parsed(clean.date, DATE_WRONG),
    v.transform((d) => d as string),
  );
export const optionalDate = () => v.pipe(typed, parsed(blankOr(clean.date), DATE_WRONG));

/** The first and last date of a filter. Either can be empty. */
interface Days {
  from?: string | undefined;
  to?: string | undefined;
}
export const daysInOrder = ({ from, to }: Days): boolean => !from || !to || from <= to;
export const DAYS_REVERSED = 'The last date is before the first. Enter a later date.';

const AMOUNT_WRONG = 'Enter an amount in dollars and cents, such as 1,234.56.';
export const amount = (empty: string) =>
  v.pipe(
    typed,
    v.check((s) => clean.text(s) !== '', empty),
    parsed(clean.amount, AMOUNT_WRONG),
    v.transform((d) => d as string),
  );
export const optionalAmount = () => v.pipe(typed, parsed(blankOr(clean.amount), AMOUNT_WRONG));

const PHONE_WRONG = 'Enter a telephone number with the area code, such as (317) 555-0142.';
export const phone = (empty: string) =>
  v.pipe(
    typed,
    v.check((s) => clean.text(s) !== '', empty),
    parsed(clean.phone, PHONE_WRONG),
    v.transform((d) => d as string),
  );
export const optionalPhone = () => v.pipe(typed, parsed(blankOr(clean.phone), PHONE_WRONG));

export const email = (empty = 'Enter your e-mail address.') =>
  v.pipe(
    typed,
    v.transform((s) => clean.text(s).replace(/\s/g, '')),
    v.minLength(1, empty),
    v.regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'Enter an e-mail address such as name@example.com.'),
  );
