// Creating an account: REG-01 to REG-14, and the part of LSO-01 to LSO-09 that applies to it.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, faults, password } from '../support/client.mjs';
import { one, rows, withSetting } from '../support/instance.mjs';
import { codeIn, mailAfter } from '../support/mail.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

let serial = Date.now() % 10000;
const newId = () => `R${[...Array(3).keys()].map((i) => String.fromCharCode(65 + (Math.floor((serial + Date.now()) / 26 ** i) % 26))).join('')}${String(serial++ % 1000).padStart(3, '0')}`;
const good = 'four tall pines lean east';

/** What the four steps send for the first person of a provider account, who must become its LSO. */
function form(account, more = {}) {
  const user_id = newId();
  return {
    attestation_version: 1, user_id, password: good, password_again: good, first_name: 'Rosalind', last_name: 'O\u2019Dell-Ñuñez', job_role: 'billing',
    email: `${user_id.toLowerCase()}@tests.example`, email_again: `${user_id.toLowerCase()}@tests.example`, lso: true,
    npi: account.npi, ptan: account.ptan, tin_last5: account.tin_last5, line_of_business: account.line_of_business, state: account.state,
    functions: ['claims', 'eligibility'], check_number: account.check_number, check_amount: account.check_amount, ...more,
  };
}
const register = (body) => new Client().post('/api/v1/registrations', body);
const accounts = (user_id) => one(`SELECT count(*)::int AS n FROM connex.user_account WHERE user_id = upper(:'user_id')`, { user_id }).n;

test('REG-10, REG-14: the four steps make an account with one request, and the person can log in', async () => {
  const account = makeProviderAccount();
  const body = form(account, { user_id: newId().toLowerCase(), work_phone: '(207) 555-0123 Ext.45', mobile_phone: '207-555-0199', mobile_carrier: 'Any', time_zone: 'America/Chicago' });
  let answer;
  const mail = await mailAfter(body.email, /request for access/, async () => { answer = await register(body); });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual(answer.body, { user_id: body.user_id.toUpperCase(), access_status: 'requested' }); // REG-02: upper-cased
  assert.match(mail.text, new RegExp(`NPI ${account.npi}`));
  const kept = one(`SELECT u.first_name, u.last_name, u.work_phone, u.email_updates, u.time_zone, u.email_verified_at, c.password_hash,
      (SELECT count(*)::int FROM connex.agreement_acceptance a WHERE a.user_account_id = u.user_account_id) AS accepted,
      (SELECT json_agg(json_build_object('status', a.status, 'lso', a.lso, 'lso_requested', a.lso_requested, 'functions', a.functions, 'wanted', a.functions_requested, 'paid', a.payment_id IS NOT NULL))
         FROM connex.access a WHERE a.user_account_id = u.user_account_id) AS access
    FROM connex.user_account u JOIN connex.credential c USING (user_account_id) WHERE u.user_id = :'id'`, { id: answer.body.user_id });
  assert.equal(kept.last_name, 'O\u2019Dell-Ñuñez');
  assert.equal(kept.work_phone, '2075550123x45');
  assert.equal(kept.email_updates, true); // REG-09
  assert.equal(kept.time_zone, 'America/Chicago');
  assert.equal(kept.email_verified_at, null);
  assert.equal(kept.accepted, 1); // REG-01
  assert.match(kept.password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.deepEqual(kept.access, [{ status: 'requested', lso: false, lso_requested: true, functions: [], wanted: ['claims', 'eligibility'], paid: true }]); // REG-11
  const client = await password({ user_id: answer.body.user_id, password: good });
  assert.equal((await client.get('/api/v1/session')).body.next, 'verify_email');
});

test('REG-13: a new account opens no function of its provider account before it is approved', async () => {
  const account = makeProviderAccount();
  const body = form(account);
  assert.equal((await register(body)).status, 201);
  const client = await password({ user_id: body.user_id, password: good });
  const code = codeIn(await mailAfter(body.email, /Email Confirmation/, () => client.post('/api/v1/session/email-code', {})));
  await client.expect(200, 'POST', '/api/v1/session/email-verification', { body: { code } });
  const day = codeIn(await mailAfter(body.email, /Your Security Code/, () => client.post('/api/v1/session/security-code', { method: 'email' })));
  await client.expect(200, 'POST', '/api/v1/session/security-code-verification', { body: { code: day } });
  assert.deepEqual((await client.expect(200, 'GET', '/api/v1/provider-accounts')).body.items, []);
  assert.equal((await client.expect(403, 'GET', `/api/v1/provider-accounts/${account.provider_account_id}`)).body.code, 'no_access');
  const mine = (await client.expect(200, 'GET', '/api/v1/access')).body.items;
  assert.deepEqual([mine.length, mine[0].status, mine[0].csn], [1, 'requested', null]); // LSO-02
});

test('REG-06: an empty registration is answered with every required field at once, and stores nothing', async () => {
  const answer = await register({});
  assert.equal(answer.status, 422);
  assert.deepEqual(Object.keys(faults(answer)).sort(), ['attestation_version', 'email', 'email_again', 'first_name', 'functions', 'job_role', 'last_name', 'line_of_business',
    'lso', 'npi', 'password', 'password_again', 'ptan', 'state', 'tin_last5', 'user_id']);
});

test('REG-02: ABCD123 is a user ID; ABC1234, ABCD12, ABCDE123, 123ABCD and look-alikes are not', async () => {
  const account = makeProviderAccount();
  for (const user_id of ['ABC1234', 'ABCD12', 'ABCDE123', '123ABCD', 'АBCD123', 'ABCD１２３４', 'AB CD 12'])
    assert.equal(faults(await register(form(account, { user_id }))).user_id !== undefined, true, user_id);
});

test('REG-03, REG-05, SHR-01: a user ID or e-mail address that is taken is refused at its field', async () => {
  const other = makeUser();
  const answer = await register(form(makeProviderAccount(), { user_id: other.user_id.toLowerCase(), email: other.email.toUpperCase(), email_again: other.email }));
  assert.equal(answer.status, 422);
  assert.deepEqual(faults(answer), { user_id: 'taken', email: 'taken' });
});

test('REG-04, REG-05: what is typed twice must be the same', async () => {
  const body = form(makeProviderAccount(), { password_again: `${good}.`, email_again: 'another@tests.example' });
  const answer = await register(body);
  assert.deepEqual(faults(answer), { password_again: 'not_equal', email_again: 'not_equal' });
  assert.equal(accounts(body.user_id), 0);
});

test('PWD-04: a password that is too short, a pattern, or the person\'s name, user ID, or a common word is refused in plain words', async () => {
  const body = form(makeProviderAccount());
  for (const [given, code] of [['short but real', 'password_short'], [`rosalind takes the bus`, 'password_own_name'], [`about ${body.user_id} today`, 'password_own_name'],
    ['aaaaaaaaaaaaaaaaaaaa', 'password_pattern'], ['password password 1', 'password_common']]) {
    const answer = await register({ ...body, password: given, password_again: given });
    assert.deepEqual(faults(answer), { password: code }, given);
  }
  assert.equal(accounts(body.user_id), 0);
});

test('REG-08: the TIN field takes exactly the last five digits', async () => {
  const account = makeProviderAccount();
  for (const tin_last5 of ['1234', '123456', '123456789', '12a45']) assert.ok(faults(await register(form(account, { tin_last5 }))).tin_last5, tin_last5);
});

test('NPI, PTAN, TIN, line of business, and state must match one provider account; any mismatch gets the same neutral message', async () => {
  const [one_, other] = [makeProviderAccount(), makeProviderAccount()];
  const messages = [];
  for (const wrong of [{ npi: other.npi }, { ptan: other.ptan }, { tin_last5: other.tin_last5 === one_.tin_last5 ? '00000' : other.tin_last5 }, { line_of_business: 'hhh' }, { state: 'NY' }]) {
    const answer = await register(form(one_, wrong));
    assert.deepEqual(faults(answer), { npi: 'no_match' }, JSON.stringify(wrong));
    messages.push(answer.body.errors[0].message);
  }
  assert.equal(new Set(messages).size, 1);
});

test('LSO-03: a check of 90 days is proof and one of 91 days is not; a wrong amount and an unknown number get the same neutral message', async () => {
  assert.equal((await register(form(makeProviderAccount({ days: 90 })))).status, 201);
  const account = makeProviderAccount({ days: 91 });
  const recent = makeProviderAccount();
  const answers = [await register(form(account)), await register(form(recent, { check_amount: '1234.57' })), await register(form(recent, { check_number: 'NOSUCH1' })),
    await register(form(recent, { check_number: account.check_number, check_amount: account.check_amount }))];
  for (const answer of answers) assert.deepEqual(faults(answer), { check_number: 'no_match' });
  assert.equal(new Set(answers.map(({ body }) => body.errors[0].message)).size, 1);
});

test('REG-12: an LSO needs a check number and an amount; from anyone else they prove nothing', async () => {
  const answer = await register(form(makeProviderAccount(), { check_number: undefined, check_amount: undefined }));
  assert.deepEqual(faults(answer), { check_number: 'required', check_amount: 'required' });
  const account = makeProviderAccount({ csn: `CSN${Date.now() % 1000000}A` });
  grantAccess(makeUser(), account, { lso: true });
  const standard = form(account, { lso: false, csn: account.csn });
  assert.equal((await register(standard)).status, 201);
  const kept = rows(`SELECT lso_requested, payment_id FROM connex.access JOIN connex.user_account USING (user_account_id) WHERE user_id = :'id'`, { id: standard.user_id });
  assert.deepEqual(kept, [{ lso_requested: false, payment_id: null }]); // LSO-09
});

test('LSO-01: a standard user is refused before there is an LSO', async () => {
  const answer = await register(form(makeProviderAccount(), { lso: false, check_number: undefined, check_amount: undefined, csn: 'ANYTHING99' }));
  assert.deepEqual(faults(answer), { lso: 'no_lso' });
});

test('LSO-08: a standard user must give the CSN of this provider account; LSO-17: its LSOs get mail', async () => {
  const [account, other] = [makeProviderAccount({ csn: `CSN${Date.now() % 1000000}B` }), makeProviderAccount({ csn: `CSN${Date.now() % 1000000}C` })];
  const officer = makeUser();
  grantAccess(officer, account, { lso: true });
  grantAccess(makeUser(), other, { lso: true });
  const standard = (csn) => form(account, { lso: false, check_number: undefined, check_amount: undefined, csn });
  for (const csn of [undefined, 'WRONG12345', other.csn]) assert.deepEqual(faults(await register(standard(csn))), { csn: 'no_match' });
  const body = standard(account.csn.toLowerCase().replace(/^(...)/, '$1-'));
  const mail = await mailAfter(officer.email, /waits for you/, async () => assert.equal((await register(body)).status, 201));
  assert.match(mail.text, /Rosalind/);
  assert.doesNotMatch(mail.text, new RegExp(account.csn));
  await withSetting('csn_required', 'false', async () => assert.equal((await register(standard(undefined))).status, 201));
});

test('REG-01: an attestation that is not the one in force is refused', async () => {
  assert.deepEqual(faults(await register(form(makeProviderAccount(), { attestation_version: 99 }))), { attestation_version: 'stale' });
});

test('the same registration twice at the same time makes one account', async () => {
  const body = form(makeProviderAccount());
  const answers = await Promise.all(Array.from({ length: 6 }, () => register(body)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1, answers.map(({ status }) => status).join());
  assert.equal(accounts(body.user_id), 1);
  for (const answer of answers) assert.ok([201, 422, 409, 503].includes(answer.status));
});

test('a registration that is sent again with its key gets the same answer, and makes one account', async () => {
  const body = form(makeProviderAccount()), key = randomUUID();
  const keyed = (more = {}, one = key) => new Client().post('/api/v1/registrations', { ...body, ...more }, { key: one });
  const first = await keyed();
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers['idempotency-replayed'], undefined);
  const again = await keyed();
  assert.deepEqual([again.status, again.text, again.headers['idempotency-replayed'], again.headers.location], [201, first.text, 'true', first.headers.location]);
  assert.equal(accounts(body.user_id), 1);
  // Another body or another key is another request: neither is told anything about the first one.
  for (const other of [await keyed({ password: 'six green otters sing', password_again: 'six green otters sing' }), await keyed({}, randomUUID())]) {
    assert.deepEqual(faults(other), { user_id: 'taken', email: 'taken' });
    assert.equal(other.headers['idempotency-replayed'], undefined);
  }
  const kept = rows(`SELECT reply::text, body_hash = sha256(:'body'::bytea) AS plain FROM connex.idempotency WHERE key LIKE '% ' || :'key' || ' %'`, { key, body: JSON.stringify(body) });
  assert.deepEqual(kept, [{ reply: first.text, plain: false }], 'what is kept does not help to guess the password');
});

test('six registrations with one key at the same time make one account, and all get its answer', async () => {
  const body = form(makeProviderAccount()), key = randomUUID();
  const answers = await Promise.all(Array.from({ length: 6 }, () => new Client().post('/api/v1/registrations', body, { key })));
  assert.deepEqual(answers.map(({ status }) => status), Array(6).fill(201), answers.map(({ text }) => text).join());
  assert.equal(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length, 5);
  assert.equal(accounts(body.user_id), 1);
});

test('a refused registration leaves its key free', async () => {
  const body = form(makeProviderAccount()), key = randomUUID();
  const post = (more) => new Client().post('/api/v1/registrations', { ...body, ...more }, { key });
  assert.equal((await post({ attestation_version: 99 })).status, 422);
  assert.equal((await post({ attestation_version: 99 })).status, 422);
  assert.equal((await post({})).status, 201);
});

test('a name is a name: Unicode is kept as it was typed, mark-up and control characters are refused', async () => {
  const account = makeProviderAccount();
  assert.equal((await register(form(account, { first_name: 'A\u0000B' }))).status, 400);
  for (const first_name of ['<script>', 'Line\nBreak', 'Tab\tbed', 'A\u0007B', 'A\u202eB']) assert.ok(faults(await register(form(account, { first_name }))).first_name, JSON.stringify(first_name));
});

test('an e-mail address cannot carry another header or a second address', async () => {
  const account = makeProviderAccount();
  for (const email of ['a@tests.example\r\nBcc: b@tests.example', 'a@tests.example,b@tests.example', 'a@tests.example b', 'gmаil@tests.example', 'no-at-sign', '@tests.example'])
    assert.ok(faults(await register(form(account, { email, email_again: email }))).email, JSON.stringify(email));
});
