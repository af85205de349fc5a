// Rules of single screens: where a choice of provider account leads, what home shows first, what a registration sends.
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ApiError, words } from '../src/api/problem';
import { accessBody } from '../src/areas/account/access-fields';
import { accessSchema, accountSchema, individualSchema } from '../src/areas/account/registration';
import { faultsOfFiles } from '../src/areas/appeal/draft';
import { linesWords } from '../src/areas/appeal/words';
import { reasonsOf } from '../src/areas/claim/claim-parts';
import { groupsOf, hrefOf } from '../src/areas/home/home';
import { after } from '../src/areas/provider-account/account';
import { methodWords } from '../src/areas/remittance/words';
import { faultsOf } from '../src/ui/form';
import { urlWith } from '../src/ui/url-state';

const faults = (schema: v.GenericSchema<any, any>, value: unknown) => {
  const result = v.safeParse(schema, value);
  return result.success ? {} : faultsOf(result.issues);
};

describe('after a choice of provider account', () => {
  test('the same screen of the new account, never a record of the old one', () => {
    expect(after('7', { back: '/provider-accounts/3/claims/353424' })).toBe(
      '/provider-accounts/7/claims',
    );
    expect(after('7', { then: 'eligibility' })).toBe('/provider-accounts/7/eligibility');
    expect(after('7', { back: '/account/tokens' })).toBe('/account/tokens');
  });
  test('never another site', () => {
    for (const back of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
    ])
      expect(after('7', { back })).toBe('/home');
    expect(after('7', { then: '../../evil' })).toBe('/home');
  });
});

describe('home', () => {
  const item = (kind: any, due_on: string | null = null) => ({
    kind,
    due_on,
    count: 1,
    words: '',
    provider_account_id: '3',
    provider_account_name: null,
    subject_id: '12',
  });
  test('deadlines first, the nearest on top; news last', () => {
    const groups = groupsOf([
      item('new_remittance'),
      item('appeal_deadline', '2026-12-24'),
      item('access_to_decide'),
      item('appeal_deadline', '2026-12-01'),
    ]);
    expect(groups.map((g) => g[0]!.kind)).toEqual([
      'appeal_deadline',
      'access_to_decide',
      'new_remittance',
    ]);
    expect(groups[0]!.map((i) => i.due_on)).toEqual(['2026-12-01', '2026-12-24']);
  });
  test('each item leads to what it is about', () => {
    expect(hrefOf(item('appeal_deadline'))).toBe('/provider-accounts/3/claims/12');
    expect(hrefOf(item('access_code_to_enter'))).toBe('/account/access-code?access=12');
    expect(hrefOf({ ...item('new_remittance'), subject_id: null })).toBe(
      '/provider-accounts/3/remittances',
    );
  });
});

describe('registration', () => {
  const access = {
    local_security_officer: 'no',
    npi: '1234567893',
    ptan: 'g1',
    tin_last5: '12345',
    line_of_business: 'part_b',
    state: 'MA',
    functions: ['claims'],
  };
  test('passwords must be equal (REG-04), and long enough', () => {
    const form = {
      user_id: 'ABCD123',
      password: 'quiet river stones',
      password_again: 'quiet river stone',
    };
    expect(Object.keys(faults(accountSchema, form))).toEqual(['password_again']);
    expect(
      faults(accountSchema, { ...form, password: 'short', password_again: 'short' }).password,
    ).toMatch(/15 characters/);
  });
  test('e-mail addresses must be equal, whatever the case of letters (REG-05)', () => {
    const form = {
      first_name: 'A',
      last_name: 'B',
      job_role: 'billing',
      email: 'a@b.com',
      email_again: 'A@b.com',
    };
    expect(faults(individualSchema, form)).toEqual({});
    expect(Object.keys(faults(individualSchema, { ...form, email_again: 'c@b.com' }))).toEqual([
      'email_again',
    ]);
  });
  test('the check is asked of an LSO, the CSN of everyone else (REG-12, LSO-08)', () => {
    expect(Object.keys(faults(accessSchema, access))).toEqual(['csn']);
    expect(Object.keys(faults(accessSchema, { ...access, local_security_officer: 'yes' }))).toEqual(
      ['check_number', 'check_amount'],
    );
  });
  test('nothing is sent that the other kind would send (REG-12, LSO-09)', () => {
    const typed = { ...access, csn: '7K3M-9Q2X', check_number: '881', check_amount: '12.5' };
    const user = accessBody(v.parse(accessSchema, typed));
    expect(user).toMatchObject({ lso: false, csn: '7K3M-9Q2X' });
    expect(user).not.toHaveProperty('check_number');
    const officer = accessBody(v.parse(accessSchema, { ...typed, local_security_officer: 'yes' }));
    expect(officer).toMatchObject({ lso: true, check_number: '881', check_amount: '12.50' });
    expect(officer).not.toHaveProperty('csn');
  });
});

test('every adjustment and remark of a claim has its place, its code and its words', () => {
  const adjustment = {
    group_code: 'CO',
    group_words: 'Contractual',
    reason_code: '50',
    reason_words: 'Not necessary',
    amount: '240.00',
    quantity: null,
  };
  const line = { line_no: 2, adjustments: [adjustment], remarks: [{ code: 'N115', words: null }] };
  expect(
    reasonsOf({
      adjustments: [],
      remarks: [{ code: 'MA01', words: 'May appeal' }],
      lines: [line as any],
    }).map((r) => [r.where, r.code, r.words, r.amount]),
  ).toEqual([
    ['Claim', 'MA01', 'May appeal', null],
    ['Line 2', 'CO-50', 'Not necessary (Contractual)', '240.00'],
    ['Line 2', 'N115', '', null],
  ]);
});

test('how a payment was made is said in words; a code of its own stays (X12 835 BPR04)', () => {
  expect(['CHK', 'ACH', 'XYZ', null].map(methodWords)).toEqual(['Check', 'EFT', 'XYZ', '']);
});

test('one line is said as one; no line named is the whole claim', () => {
  expect([linesWords([2]), linesWords([1, 2]), linesWords([]), linesWords(undefined)]).toEqual([
    'Line 2',
    'Lines 1, 2',
    'The whole claim',
    'The whole claim',
  ]);
});

test('a file that is no PDF, too large or empty is named before it is sent', () => {
  const file = (name: string, size: number) => ({ name, size }) as File;
  expect(faultsOfFiles([file('a.pdf', 10), file('scan.tiff', 10)]).attachment_ids).toMatch(
    /scan\.tiff is not a PDF/,
  );
  expect(faultsOfFiles([file('big.pdf', 60e6)]).attachment_ids).toMatch(/50 MB/);
  expect(faultsOfFiles([file('none.pdf', 0)]).attachment_ids).toMatch(/empty/);
  expect(faultsOfFiles([file('A.PDF', 10)])).toEqual({});
});

test('a problem speaks with its detail; anything else says what to do', () => {
  expect(
    words(
      new ApiError({
        title: 'Conflict',
        status: 409,
        detail: 'A redetermination was filed already.',
      }),
    ),
  ).toBe('A redetermination was filed already.');
  expect(words(new TypeError('Failed to fetch'))).toMatch(/Check your connection/);
});

test('an emptied filter leaves the address', () => {
  expect(
    urlWith(
      '/claims',
      { status: 'denied', limit: '50' },
      { status: undefined, from: '2026-01-01' },
    ),
  ).toBe('/claims?limit=50&from=2026-01-01');
});
