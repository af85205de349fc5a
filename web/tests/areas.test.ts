// Rules of single pages: where a choice of provider account leads, what home shows first, what a registration sends.
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ApiError, words } from '../src/api/problem';
import { areas, attentionOf, navigationOf, tabsOf } from '../src/areas';
import { accessBody, accessSchema } from '../src/areas/access/access-schema';
import { appealOutcome, linesWords } from '../src/areas/appeal/words';
import { errorsOfFiles } from '../src/areas/attachment/attachment';
import { reasonsOf } from '../src/areas/claim/claim-parts';
import { groupsOf } from '../src/areas/home/home';
import { changeOf } from '../src/areas/profile/profile-form';
import { after } from '../src/areas/provider_account/account';
import { accountSchema, individualSchema } from '../src/areas/registration/schemas';
import { methodWords } from '../src/areas/remittance/words';
import { errorsOf } from '../src/ui/form';
import { type State, stateFor } from '../src/ui/states';
import { urlWith } from '../src/ui/url-state';

const errors = (schema: v.GenericSchema<any, any>, value: unknown) => {
  const result = v.safeParse(schema, value);
  return result.success ? {} : errorsOf(result.issues);
};

describe('after a choice of provider account', () => {
  test('the same page of the new account, never a record of the old one', () => {
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
  test('each item leads to its page', () => {
    const hrefOf = (one: ReturnType<typeof item>) => attentionOf(one.kind)!.href(one);
    const without = (kind: any) => ({ ...item(kind), subject_id: null }) as any;
    expect(hrefOf(item('appeal_deadline'))).toBe('/provider-accounts/3/claims/12');
    expect(hrefOf(without('appeal_deadline'))).toBe('/provider-accounts/3/claims?status=denied');
    expect(hrefOf(item('appeal_decided'))).toBe('/provider-accounts/3/redeterminations/12');
    expect(hrefOf(item('access_code_to_enter'))).toBe('/account/access-code?access=12');
    expect(hrefOf(item('access_to_decide'))).toBe('/user-management?status=requested');
    expect(hrefOf(item('access_decided'))).toBe('/account/provider-access');
    expect(hrefOf(item('new_remittance'))).toBe('/provider-accounts/3/remittances/12');
    expect(hrefOf(without('new_remittance'))).toBe('/provider-accounts/3/remittances');
    expect(hrefOf(item('desk_redetermination'))).toBe('/desk/redeterminations/12');
    expect(hrefOf(item('desk_access_request'))).toBe('/desk/access-requests');
  });
  test('an item about several provider accounts leads to the page to choose one', () => {
    for (const kind of ['appeal_deadline', 'appeal_decided', 'new_remittance']) {
      const rest = { ...item(kind), subject_id: null, provider_account_id: null } as any;
      expect(attentionOf(rest.kind)!.href(rest)).toBe('/provider-accounts');
    }
  });
  test('a kind that this client does not know is news, and breaks nothing', () => {
    const groups = groupsOf([item('a_new_kind'), item('desk_access_request')]);
    expect(groups.map((g) => g[0]!.kind)).toEqual(['desk_access_request', 'a_new_kind']);
    expect(attentionOf('a_new_kind' as any)).toBeUndefined();
  });
});

describe('areas', () => {
  const labels = (entries: { label: string }[]) => entries.map((entry) => entry.label);
  const office: any = {
    kind: 'office',
    is_lso: true,
    functions: ['claims', 'eligibility', 'financials'],
    provider_account: { provider_account_id: '3', functions: ['eligibility', 'financials'] },
  };
  const analyst: any = { kind: 'analyst', is_lso: false, functions: [], provider_account: null };

  test('each person has the entries of their kind and of their functions', () => {
    expect(labels(navigationOf(office, '/home'))).toEqual([
      'Home',
      'Eligibility',
      'Remittances',
      'Manage account',
      'User management',
    ]);
    expect(labels(navigationOf(analyst, '/home'))).toEqual([
      'Home',
      'Access requests',
      'Redeterminations',
      'Manage account',
    ]);
    expect(labels(tabsOf(office))).toEqual([
      'Profile',
      'Password',
      'My provider access',
      'Tokens for scripts',
    ]);
    expect(labels(tabsOf(analyst))).toEqual(['Profile', 'Password']);
  });
  test('an entry leads to the provider account of the address, and is current on its own pages only', () => {
    const current = (path: string) =>
      labels(navigationOf(office, path).filter((entry) => entry.is(path)));
    expect(navigationOf(office, '/provider-accounts/8/claims')[1]!.href).toBe(
      '/provider-accounts/8/eligibility',
    );
    expect(navigationOf({ ...office, provider_account: null }, '/home')[1]!.href).toBe(
      '/provider-accounts?then=eligibility',
    );
    expect(current('/provider-accounts/3/remittances/5')).toEqual(['Remittances']);
    expect(current('/account/tokens')).toEqual(['Manage account']);
    expect(current('/accounts')).toEqual([]);
    const tabs = (path: string) => labels(tabsOf(office).filter((tab) => tab.is(path)));
    expect(tabs('/account')).toEqual(['Profile']);
    expect(tabs('/account/access-code')).toEqual(['My provider access']);
  });
  test('each path is served by one area, and the page for a wrong address comes last', () => {
    const paths = areas.flatMap((area) => area.routes.map((route) => route.path));
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.at(-1)).toBe('/:rest*');
  });
});

test('a field of the profile that was emptied is cleared with null; others are sent as they are', () => {
  const value: any = { first_name: 'A', work_phone: undefined, mobile_phone: '3175550142' };
  expect(changeOf(value)).toEqual({
    first_name: 'A',
    work_phone: null,
    mobile_phone: '3175550142',
    mobile_carrier: null,
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
  test('passwords must match (REG-04) and be long enough', () => {
    const form = {
      user_id: 'ABCD123',
      password: 'quiet river stones',
      password_again: 'quiet river stone',
    };
    expect(Object.keys(errors(accountSchema, form))).toEqual(['password_again']);
    expect(
      errors(accountSchema, { ...form, password: 'short', password_again: 'short' }).password,
    ).toMatch(/15 characters/);
    const long = 'a'.repeat(15);
    expect(errors(accountSchema, { ...form, password: long, password_again: long })).toEqual({});
    expect(
      Object.keys(errors(accountSchema, { ...form, password: long.slice(1), password_again: '' })),
    ).toEqual(['password', 'password_again']);
  });
  test('e-mail addresses must match, in upper or lower case (REG-05)', () => {
    const form = {
      first_name: 'A',
      last_name: 'B',
      job_role: 'billing',
      email: 'a@b.com',
      email_again: 'A@b.com',
    };
    expect(errors(individualSchema, form)).toEqual({});
    expect(Object.keys(errors(individualSchema, { ...form, email_again: 'c@b.com' }))).toEqual([
      'email_again',
    ]);
  });
  test('an LSO must enter the check, everyone else the CSN (REG-12, LSO-08)', () => {
    expect(Object.keys(errors(accessSchema, access))).toEqual(['csn']);
    expect(Object.keys(errors(accessSchema, { ...access, local_security_officer: 'yes' }))).toEqual(
      ['check_number', 'check_amount'],
    );
  });
  test('only the fields of that kind are sent (REG-12, LSO-09)', () => {
    const typed = { ...access, csn: '7K3M-9Q2X', check_number: '881', check_amount: '12.5' };
    const user = accessBody(v.parse(accessSchema, typed));
    expect(user).toMatchObject({ lso: false, csn: '7K3M-9Q2X' });
    expect(user).not.toHaveProperty('check_number');
    const officer = accessBody(v.parse(accessSchema, { ...typed, local_security_officer: 'yes' }));
    expect(officer).toMatchObject({ lso: true, check_number: '881', check_amount: '12.50' });
    expect(officer).not.toHaveProperty('csn');
  });
});

test('every adjustment and remark of a claim is listed with its place, its code, and its meaning', () => {
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

test('a code that this client does not know is shown as words', () => {
  const states: Record<string, State> = { paid: ['Paid', 'good'] };
  expect(stateFor(states, 'paid')).toEqual(['Paid', 'good']);
  expect(stateFor(states, 'sent_back')).toEqual(['Sent back', 'plain']);
  expect(appealOutcome('partially_favorable')).toBe('Partially favorable');
  expect(appealOutcome('remanded')).toBe('Remanded');
});

test('payment methods in words; an unknown code stays as it is (X12 835 BPR04)', () => {
  expect(['CHK', 'ACH', 'XYZ', null].map(methodWords)).toEqual(['Check', 'EFT', 'XYZ', '']);
});

test('the words for one line, several lines, and the whole claim', () => {
  expect([linesWords([2]), linesWords([1, 2]), linesWords([]), linesWords(undefined)]).toEqual([
    'Line 2',
    'Lines 1, 2',
    'The whole claim',
    'The whole claim',
  ]);
});

test('a file that is not a PDF, too large, or empty is named before it is sent', () => {
  const file = (name: string, size: number) => ({ name, size }) as File;
  expect(errorsOfFiles([file('a.pdf', 10), file('scan.tiff', 10)]).attachment_ids).toMatch(
    /scan\.tiff is not a PDF/,
  );
  expect(errorsOfFiles([file('big.pdf', 60e6)]).attachment_ids).toMatch(/50 MB/);
  expect(errorsOfFiles([file('none.pdf', 0)]).attachment_ids).toMatch(/empty/);
  expect(errorsOfFiles([file('A.PDF', 10)])).toEqual({});
});

test('a problem is shown by its detail; any other error says what to do', () => {
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

test('an empty filter is removed from the address', () => {
  expect(
    urlWith(
      '/claims',
      { status: 'denied', limit: '50' },
      { status: undefined, from: '2026-01-01' },
    ),
  ).toBe('/claims?limit=50&from=2026-01-01');
});
