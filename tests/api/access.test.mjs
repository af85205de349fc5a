// Access to provider accounts, from the request to the removal: LSO-01 to LSO-17 and FN-01, FN-02.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { faults, forgetCode, logIn } from '../support/client.mjs';
import { one, rows, shifted, sql, withSetting } from '../support/instance.mjs';
import { mailAfter } from '../support/mail.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

const analyst = makeUser({ kind: 'analyst' });
const csn = () => `T${String(Number(process.hrtime.bigint() % 1000000000n)).padStart(9, '0')}`;
const wanted = (account, more = {}) => ({
  npi: account.npi, ptan: account.ptan, tin_last5: account.tin_last5, line_of_business: account.line_of_business, state: account.state,
  lso: false, functions: ['claims', 'eligibility'], ...more,
});
const asOfficer = (account, more = {}) => wanted(account, { lso: true, check_number: account.check_number, check_amount: account.check_amount, ...more });
const ask = (client, body, key) => client.post('/api/v1/access', body, key ? { key } : {});
const decide = (client, row, body, version = row.version) => client.post(`/api/v1/user-management/access/${row.access_id}/decision`, body, { ifMatch: version });
const deskDecide = (client, row, body, version = row.version) => client.post(`/api/v1/desk/access-requests/${row.access_id}/decision`, body, { ifMatch: version });
/** User Management: what the LSO may see, by the filters in the body. */
const managed = (client, filter = {}, options = {}) => client.expect(200, 'POST', '/api/v1/user-management/access-searches', { body: filter, ...options });
const activate = (client, row, access_code) => client.post(`/api/v1/access/${row.access_id}/activation`, { access_code });

/** The code as it will be printed: the letter's row holds it until the PDF is made. */
function letterCode(access_id) {
  return one(`SELECT secret FROM connex.letter WHERE access_id = :'id'::bigint`, { id: access_id }).secret;
}
/** Delays letters by an hour, so that the test can look at them. */
function holdLetters() {
  sql(`CREATE OR REPLACE FUNCTION connex.test_hold_letter() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.run_at := clock_timestamp() + interval ''1 hour''; RETURN NEW; END';
       CREATE OR REPLACE TRIGGER test_hold_letter BEFORE INSERT ON connex.job FOR EACH ROW EXECUTE FUNCTION connex.test_hold_letter();`);
}
function releaseLetters() {
  sql(`DROP TRIGGER IF EXISTS test_hold_letter ON connex.job; DROP FUNCTION IF EXISTS connex.test_hold_letter();
       UPDATE connex.job SET run_at = clock_timestamp() WHERE state = 'waiting'; NOTIFY connex_jobs;`);
}
/** An LSO of a provider account, made without the screens. */
function officerOf(account) {
  const user = makeUser();
  grantAccess(user, account, { lso: true });
  return user;
}
async function approvedForCode(account, functions) {
  const user = makeUser();
  const [client, desk] = [await logIn(user), await logIn(analyst)];
  const row = (await ask(client, asOfficer(account, functions ? { functions } : {}))).body;
  holdLetters();
  try {
    const answer = await deskDecide(desk, row, { decision: 'approve' });
    assert.equal(answer.status, 200, answer.text);
    return { user, client, row, code: letterCode(row.access_id), answer };
  } finally {
    releaseLetters();
  }
}

test('LSO-02 to LSO-07: the first LSO, from the request through the letter to the CSN', async () => {
  const account = makeProviderAccount();
  const user = makeUser();
  const [client, desk] = [await logIn(user), await logIn(analyst)];
  const asked = await ask(client, asOfficer(account));
  assert.equal(asked.status, 201, asked.text);
  assert.deepEqual([asked.body.status, asked.body.lso_requested, asked.body.lso, asked.body.functions, asked.body.csn], ['requested', true, false, [], null]); // LSO-02
  assert.deepEqual(asked.body.events.map(({ action, by }) => [action, by]), [['requested', 'You']]);

  const queue = await desk.expect(200, 'GET', '/api/v1/desk/access-requests?limit=100');
  const row = queue.body.items.find(({ access_id }) => access_id === asked.body.access_id);
  assert.deepEqual([row.user_id, row.check_number, row.check_amount, row.billing_address.city], [user.user_id, account.check_number, account.check_amount, 'Portland']);

  holdLetters();
  let approved, code;
  try {
    const mail = await mailAfter(user.email, /access code is on its way/, async () => { approved = await deskDecide(desk, row, { decision: 'approve' }); });
    assert.equal(approved.status, 200, approved.text);
    code = letterCode(row.access_id);
    assert.match(code, /^[2-9A-HJKMNP-Z]{12}$/);
    // LSO-04: not on screen, not in mail, not in the API, not readable by the workers' role.
    const mine = await client.expect(200, 'GET', '/api/v1/access');
    for (const text of [approved.text, mail.text, mail.html ?? '', mine.text, (await desk.get('/api/v1/desk/access-requests?status=awaiting_code&limit=100')).text])
      for (const form of [code, code.replaceAll('-', '')]) assert.equal(text.includes(form), false, 'the code is only in the letter');
    assert.equal(mine.body.items[0].status, 'awaiting_code');
  } finally {
    releaseLetters();
  }
  assert.equal((await client.expect(403, 'GET', `/api/v1/provider-accounts/${account.provider_account_id}`)).body.code, 'no_access');

  const other = await approvedForCode(makeProviderAccount());
  assert.deepEqual(faults(await activate(client, row, other.code)), { access_code: 'wrong_code' }); // LSO-05: another account's code
  await (await logIn(makeUser())).expect(404, 'POST', `/api/v1/access/${row.access_id}/activation`, { body: { access_code: code } });
  const active = await activate(client, row, ` ${code.toLowerCase().replaceAll('-', ' ')} `);
  assert.equal(active.status, 200, active.text);
  assert.deepEqual([active.body.status, active.body.lso, active.body.functions], ['approved', true, ['claims', 'eligibility']]);
  assert.match(active.body.csn, /^[0-9A-Z]{8,12}$/); // LSO-05, LSO-07
  assert.deepEqual(active.body.events.map(({ action, by }) => [action, by]), [['requested', 'You'], ['code_mailed', 'Contractor'], ['activated', 'You']]);
  assert.equal((await activate(client, row, code)).status, 409, 'LSO-06: once');
  assert.equal((await client.get('/api/v1/session')).body.is_lso, true);
  const otherActive = await activate(other.client, other.row, other.code);
  assert.notEqual(otherActive.body.csn, active.body.csn, 'LSO-07: a CSN for each provider account');
});

test('LSO-06: the code is kept as a hash, is good for 60 days, and is void after five wrong tries, even simultaneous ones', async () => {
  const late = await approvedForCode(makeProviderAccount());
  assert.equal(sql(`SELECT count(*) FROM connex.access_code WHERE access_id = :'id'::bigint AND octet_length(code_hash) = 32;`, { id: late.row.access_id }), '1');
  const at = (shift, code) => shifted(shift, async () => {
    forgetCode(late.user);
    const answer = await activate(await logIn(late.user), late.row, code);
    forgetCode(late.user);
    assert.equal(answer.status, 422, answer.text);
    return faults(answer);
  });
  assert.deepEqual(await at('59 days 23 hours 50 minutes', 'AAAA-AAAA-AAAA'), { access_code: 'wrong_code' });
  assert.deepEqual(await at('60 days', late.code), { access_code: 'code_void' });

  const tried = await approvedForCode(makeProviderAccount());
  const wrong = await Promise.all(Array.from({ length: 12 }, () => activate(tried.client, tried.row, 'AAAA-AAAA-AAAA')));
  assert.equal(wrong.filter((answer) => faults(answer).access_code === 'wrong_code').length, 4);
  assert.deepEqual(faults(await activate(tried.client, tried.row, tried.code)), { access_code: 'code_void' });
});

test('LSO-04 as a setting: when no access code is required, the analyst\'s approval is enough', async () => {
  await withSetting('access_code_required', 'false', async () => {
    const account = makeProviderAccount();
    const client = await logIn(makeUser());
    const row = (await ask(client, asOfficer(account))).body;
    assert.equal((await deskDecide(await logIn(analyst), row, { decision: 'approve' })).status, 200);
    const mine = (await client.get('/api/v1/access')).body.items[0];
    assert.deepEqual([mine.status, mine.lso], ['approved', true]);
    assert.match(mine.csn, /^[0-9A-Z]{8,12}$/);
  });
});

test('the analyst declines with a comment that the person sees, and a request is decided once', async () => {
  const client = await logIn(makeUser());
  const desk = await logIn(analyst);
  const row = (await ask(client, asOfficer(makeProviderAccount()))).body;
  assert.deepEqual(faults(await deskDecide(desk, row, { decision: 'decline' })), { comment: 'required' });
  assert.equal((await deskDecide(desk, row, { decision: 'decline', comment: 'The check is not of this practice.' })).status, 200);
  assert.equal((await deskDecide(desk, row, { decision: 'approve' })).status, 412);
  assert.equal((await deskDecide(desk, row, { decision: 'approve' }, row.version + 1)).status, 409);
  const mine = (await client.get('/api/v1/access')).body.items[0];
  assert.deepEqual([mine.status, mine.comment], ['declined', 'The check is not of this practice.']);
});

test('LSO-01, LSO-08, LSO-09: a standard user needs an LSO and this account\'s CSN, and check data prove nothing', async () => {
  const empty = makeProviderAccount();
  const client = await logIn(makeUser());
  assert.deepEqual(faults(await ask(client, wanted(empty, { csn: 'ANY1234567' }))), { lso: 'no_lso' });
  const account = makeProviderAccount({ csn: csn() });
  officerOf(account);
  for (const given of [undefined, 'WRONG12345']) assert.deepEqual(faults(await ask(client, wanted(account, { csn: given }))), { csn: 'no_match' });
  const asked = await ask(client, wanted(account, { csn: account.csn, check_number: account.check_number, check_amount: account.check_amount }));
  assert.equal(asked.status, 201, asked.text);
  assert.equal(asked.body.lso_requested, false);
  const again = await ask(client, wanted(account, { csn: account.csn }));
  assert.deepEqual([again.status, again.body.code], [409, 'already_requested']);
});

test('an Idempotency-Key gives the same answer again, and 422 for a different body', async () => {
  const account = makeProviderAccount();
  const client = await logIn(makeUser());
  const key = randomUUID();
  const [first, twin] = await Promise.all([ask(client, asOfficer(account), key), ask(client, asOfficer(account), key)]);
  assert.deepEqual([first.status, twin.status], [201, 201]);
  assert.deepEqual(twin.body, first.body);
  assert.equal((await ask(client, asOfficer(account, { functions: ['claims'] }), key)).status, 422);
  assert.equal((await client.get('/api/v1/access')).body.items.length, 1);
});

test('LSO-11, LSO-12, FN-01, FN-02: the LSO unchecks a function, and the user sees only the rest, and nothing of other accounts', async () => {
  const [account, other] = [makeProviderAccount({ csn: csn() }), makeProviderAccount()];
  const officer = await logIn(officerOf(account));
  const user = makeUser();
  const client = await logIn(user);
  await ask(client, wanted(account, { csn: account.csn, functions: ['provider_profile', 'claims', 'financials'] }));
  const row = (await managed(officer)).body.items.find(({ user_id }) => user_id === user.user_id);
  assert.deepEqual([row.status, row.is_me, row.functions_requested], ['requested', false, ['provider_profile', 'claims', 'financials']]);
  let decided;
  const mail = await mailAfter(user.email, /access was approved/, async () => { decided = await decide(officer, row, { decision: 'approve', functions: ['provider_profile', 'claims'] }); });
  assert.match(mail.text, /Provider Profile, Claims\./);
  assert.deepEqual([decided.body.status, decided.body.functions, decided.body.lso], ['approved', ['provider_profile', 'claims'], false]);
  const profile = await client.expect(200, 'GET', `/api/v1/provider-accounts/${account.provider_account_id}`);
  assert.equal(profile.body.npi, account.npi);
  assert.equal((await client.post(`/api/v1/provider-accounts/${account.provider_account_id}/eligibility-lookups`, { mbi: '1EG4TE5MK73', last_name: 'Any', first_name: 'One', birth_on: '1940-01-01' })).status, 403);
  assert.equal((await client.get(`/api/v1/provider-accounts/${other.provider_account_id}`)).status, 404);
  assert.deepEqual((await client.get('/api/v1/provider-accounts')).body.items.map(({ npi, functions }) => [npi, functions]), [[account.npi, ['provider_profile', 'claims']]]);
});

test('LSO-12: a declined request disappears from the LSO\'s list, and the user still sees its history', async () => {
  const account = makeProviderAccount({ csn: csn() });
  const officer = await logIn(officerOf(account));
  const user = makeUser();
  const client = await logIn(user);
  await ask(client, wanted(account, { csn: account.csn }));
  const find = async (status) => (await managed(officer, status ? { status } : {})).body.items.find(({ user_id }) => user_id === user.user_id);
  const row = await find();
  assert.deepEqual(faults(await decide(officer, row, { decision: 'decline' })), { comment: 'required' });
  assert.equal((await decide(officer, row, { decision: 'decline', comment: 'Not of our office.' })).status, 200);
  assert.equal(await find(), undefined);
  const declined = await find('declined');
  for (const [body, code] of [[{ decision: 'approve' }, 'not_requested'], [{ decision: 'decline', comment: 'Again.' }, 'not_requested'], [{ decision: 'modify', functions: ['claims'] }, 'not_approved'], [{ decision: 'remove' }, 'not_approved']])
    assert.equal((await decide(officer, declined, body)).body.code, code, body.decision);
  assert.equal((await find('declined')).comment, 'Not of our office.');
  const mine = (await client.get('/api/v1/access')).body.items[0];
  assert.deepEqual([mine.status, mine.events.map(({ action, by, comment }) => [action, by, comment])],
    ['declined', [['requested', 'You', null], ['declined', 'Local Security Officer', 'Not of our office.']]]);
  assert.equal((await ask(client, wanted(account, { csn: account.csn }))).status, 201, 'he may ask again');
});

test('LSO-13: modify and remove take effect on the next request of a live session', async () => {
  const account = makeProviderAccount();
  const officer = await logIn(officerOf(account));
  const user = makeUser();
  const access_id = grantAccess(user, account);
  const client = await logIn(user);
  await client.expect(200, 'GET', `/api/v1/provider-accounts/${account.provider_account_id}`);
  const modified = await decide(officer, { access_id, version: 1 }, { decision: 'modify', functions: ['claims'] });
  assert.equal(modified.status, 200, modified.text);
  assert.equal(modified.headers.etag, '"2"');
  await client.expect(403, 'GET', `/api/v1/provider-accounts/${account.provider_account_id}`);
  assert.equal((await client.get('/api/v1/provider-accounts')).body.items.length, 1);
  assert.equal((await decide(officer, { access_id, version: 2 }, { decision: 'remove', comment: 'Left the office.' })).status, 200);
  assert.equal((await client.get('/api/v1/provider-accounts')).body.items.length, 0);
  assert.deepEqual((await client.get('/api/v1/access')).body.items[0].events.map(({ action }) => action), ['modified', 'removed']);
});

test('LSO-14: User Management answers 403 to anyone but an LSO, and the desk answers 403 to anyone but an analyst', async () => {
  const user = makeUser();
  const account = makeProviderAccount();
  const access_id = grantAccess(user, account);
  const client = await logIn(user);
  assert.equal((await client.expect(403, 'POST', '/api/v1/user-management/access-searches', { body: {} })).body.code, 'not_lso');
  assert.equal((await decide(client, { access_id, version: 1 }, { decision: 'remove' })).status, 403);
  assert.equal((await client.expect(403, 'GET', '/api/v1/desk/access-requests')).body.code, 'not_analyst');
  assert.equal((await deskDecide(await logIn(officerOf(makeProviderAccount())), { access_id, version: 1 }, { decision: 'approve' })).status, 403);
  const desk = await logIn(analyst);
  assert.equal((await desk.expect(403, 'POST', '/api/v1/user-management/access-searches', { body: {} })).body.code, 'not_lso');
  assert.equal((await ask(desk, asOfficer(makeProviderAccount()))).status, 403, 'the contractor\'s staff ask for no access');
});

test('LSO-15: an LSO does not see another provider account\'s rows, cannot approve more for himself, and stays if he is the last LSO', async () => {
  const [mine, other] = [makeProviderAccount({ csn: csn() }), makeProviderAccount()];
  const me = officerOf(mine);
  const officer = await logIn(me);
  const elsewhere = grantAccess(makeUser(), other);
  assert.equal((await decide(officer, { access_id: elsewhere, version: 1 }, { decision: 'remove' })).status, 404);
  assert.equal((await managed(officer, { limit: 100 })).body.items.some(({ access_id }) => access_id === elsewhere), false);
  const own = (await managed(officer)).body.items.find(({ is_me }) => is_me);
  for (const body of [{ decision: 'remove' }, { decision: 'modify', lso: false }]) {
    const refused = await decide(officer, own, body);
    assert.deepEqual([refused.status, refused.body.code], [409, 'last_lso']);
  }
  assert.equal((await decide(officer, own, { decision: 'modify', functions: ['claims'] })).status, 200, 'less is allowed');
  const more = await decide(officer, own, { decision: 'modify', functions: ['claims', 'financials'] }, own.version + 1);
  assert.deepEqual([more.status, more.body.code], [403, 'own_request']);
});

test('LSO-13, LSO-15: an LSO who leaves or gives up the right is told what was done', async () => {
  const account = makeProviderAccount();
  officerOf(account);
  for (const [body, then] of [[{ decision: 'remove', comment: 'I leave.' }, ['removed', false, [], 'I leave.']],
    [{ decision: 'modify', lso: false, functions: ['claims'] }, ['approved', false, ['claims'], null]]]) {
    const officer = await logIn(officerOf(account));
    const own = (await managed(officer)).body.items.find(({ is_me }) => is_me);
    const done = await decide(officer, own, body);
    assert.equal(done.status, 200, done.text);
    assert.deepEqual([done.body.status, done.body.lso, done.body.functions, done.body.comment, done.body.is_me], [...then, true]);
    assert.equal(done.headers.etag, `"${own.version + 1}"`);
    assert.equal((await officer.expect(403, 'POST', '/api/v1/user-management/access-searches', { body: {} })).body.code, 'not_lso');
  }
});

for (const status of ['suspended', 'terminated'])
  test(`LSO-10, LSO-15: an LSO whose account is ${status} decides nothing, so the contractor does, and he does not count as a remaining LSO`, async () => {
    const account = makeProviderAccount({ csn: csn() });
    const gone = officerOf(account);
    sql(`UPDATE connex.user_account SET status = :'status' WHERE user_id = :'id';`, { status, id: gone.user_id });
    const desk = await logIn(analyst);
    assert.deepEqual(faults(await ask(await logIn(makeUser()), wanted(account, { csn: account.csn }))), { lso: 'no_lso' });
    const user = makeUser();
    const newcomer = await logIn(user);
    const copy = await mailAfter(user.email, /request for access/, async () => { assert.equal((await ask(newcomer, asOfficer(account))).status, 201); });
    assert.match(copy.text, /The contractor will check the payment/);
    const row = (await newcomer.get('/api/v1/access')).body.items[0];
    assert.equal((await desk.get('/api/v1/desk/access-requests?limit=100')).body.items.some(({ access_id }) => access_id === row.access_id), true, 'it waits at the desk');
    assert.equal((await deskDecide(desk, row, { decision: 'decline', comment: 'Another check.' })).status, 200);
    const left = await logIn(officerOf(account));
    const own = (await managed(left)).body.items.find(({ is_me }) => is_me);
    assert.equal((await decide(left, own, { decision: 'remove' })).body.code, 'last_lso');
  });

test('LSO-10, LSO-17: when there is an LSO, he decides about another one, and the contractor does not', async () => {
  const account = makeProviderAccount({ csn: csn() });
  const officerUser = officerOf(account);
  const user = makeUser();
  const client = await logIn(user);
  let row;
  await mailAfter(officerUser.email, /waits for you/, async () => { row = (await ask(client, asOfficer(account))).body; });
  const desk = await logIn(analyst);
  assert.equal((await desk.get('/api/v1/desk/access-requests?limit=100')).body.items.some(({ access_id }) => access_id === row.access_id), false);
  assert.equal((await deskDecide(desk, row, { decision: 'approve' })).body.code, 'lso_decides');
  const approved = await decide(await logIn(officerUser), row, { decision: 'approve' });
  assert.deepEqual([approved.body.status, approved.body.lso], ['approved', true]);
  assert.equal((await client.get('/api/v1/access')).body.items[0].csn, account.csn);
});

test('two LSOs at once: one decides and the other is told, and two cannot remove each other', async () => {
  const account = makeProviderAccount();
  const [a, b] = [officerOf(account), officerOf(account)];
  const [first, second] = [await logIn(a), await logIn(b)];
  const access_id = grantAccess(makeUser(), account);
  const answers = await Promise.all([first, second, first, second].map((client, i) => decide(client, { access_id, version: 1 }, i % 2 ? { decision: 'remove' } : { decision: 'modify', functions: ['claims'] })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412, 412, 412]);
  const list = (await managed(first)).body.items;
  const rowOf = (user) => list.find(({ user_id }) => user_id === user.user_id);
  const both = await Promise.all([decide(first, rowOf(b), { decision: 'remove' }), decide(second, rowOf(a), { decision: 'remove' })]);
  assert.equal(both.filter(({ status }) => status === 200).length, 1, both.map(({ status }) => status).join());
  assert.equal(rows(`SELECT 1 FROM connex.access WHERE provider_account_id = :'id'::bigint AND status = 'approved' AND lso`, { id: account.provider_account_id }).length, 1);
});

test('a request has its own address, which its 201 names, and nobody else sees it', async () => {
  const account = makeProviderAccount();
  grantAccess(makeUser(), account, { lso: true });
  const client = await logIn(makeUser()), other = await logIn(makeUser());
  const made = await client.expect(201, 'POST', '/api/v1/access', { key: 'once', body: { lso: false, npi: account.npi, ptan: account.ptan, tin_last5: account.tin_last5,
    line_of_business: 'part_b', state: 'ME', functions: ['claims'], ...(account.csn ? { csn: account.csn } : {}) } }).catch((error) => error);
  if (made instanceof Error) throw made;
  assert.equal(made.headers.location, `/api/v1/access/${made.body.access_id}`);
  const read = await client.expect(200, 'GET', made.headers.location);
  assert.deepEqual(read.body, made.body);
  assert.equal(read.headers.etag, `"${read.body.version}"`);
  await client.expect(304, 'GET', made.headers.location, { headers: { 'if-none-match': read.headers.etag } });
  await other.expect(404, 'GET', made.headers.location);
});

test('LSO-12: a request decided while the list is read does not take the ones that still wait with it', async () => {
  const [officerUser, account] = [makeUser(), makeProviderAccount()];
  grantAccess(officerUser, account, { lso: true });
  const requested = Array.from({ length: 6 }, () => {
    const id = grantAccess(makeUser(), account);
    sql(`UPDATE connex.access SET status = 'requested', functions = '{}' WHERE access_id = :'id'::bigint;`, { id });
    return id;
  }).reverse();
  const officer = await logIn(officerUser);
  for (const q of [undefined, account.npi]) {
    const first = (await managed(officer, { limit: 2, q })).body;
    const waiting = first.items.at(-1);
    sql(`UPDATE connex.access SET status = 'approved', functions = functions_requested WHERE access_id = :'id'::bigint;`, { id: waiting.access_id });
    const rest = (await managed(officer, { limit: 100, q, after: first.next })).body;
    assert.deepEqual(rest.items.filter(({ status }) => status === 'requested').map(({ access_id }) => access_id), requested.slice(2));
    assert.equal(new Set([...first.items, ...rest.items].map(({ access_id }) => access_id)).size, 7, 'nobody is left out');
    sql(`UPDATE connex.access SET status = 'requested', functions = '{}' WHERE access_id = :'id'::bigint;`, { id: waiting.access_id });
  }
});

test('lists page by key without gaps, and can be searched, filtered, and downloaded as CSV', async () => {
  const user = makeUser();
  const officerUser = makeUser();
  const all = [];
  for (let i = 0; i < 7; i++) {
    const account = makeProviderAccount();
    grantAccess(officerUser, account, { lso: true });
    grantAccess(user, account);
    all.push(account);
  }
  const client = await logIn(user);
  const seen = [];
  for (let after = null; ;) {
    const page = (await client.expect(200, 'GET', `/api/v1/provider-accounts?limit=3${after ? `&after=${after}` : ''}`)).body;
    seen.push(...page.items.map(({ npi }) => npi));
    if (!(after = page.next)) break;
  }
  assert.deepEqual(seen.toSorted(), all.map(({ npi }) => npi).toSorted());
  const found = (await client.expect(200, 'POST', '/api/v1/provider-account-searches', { body: { q: all[3].ptan.toLowerCase() } })).body.items;
  assert.deepEqual(found.map(({ npi }) => npi), [all[3].npi]);
  const officer = await logIn(officerUser);
  const listed = [];
  for (let after = null; ;) {
    const page = (await managed(officer, { limit: 5, ...(after && { after }) })).body;
    listed.push(...page.items.map(({ access_id }) => access_id));
    if (!(after = page.next)) break;
  }
  assert.equal(new Set(listed).size, 14);
  assert.equal(listed.length, 14);
  assert.equal((await managed(officer, { q: user.user_id })).body.items.length, 7);
  const csv = await client.expect(200, 'GET', '/api/v1/provider-accounts', { accept: 'text/csv' });
  assert.match(csv.headers['content-disposition'], /^attachment; filename="provider-accounts\.csv"/);
  assert.equal(csv.text.trim().split('\r\n').length, 8);
  const [one] = (await managed(officer, { q: user.user_id })).body.items;
  assert.equal((await decide(officer, one, { decision: 'modify', functions: ['claims'] })).status, 200);
  const mine = await client.get('/api/v1/access');
  assert.ok(mine.body.items.some(({ events }) => events.length > 0));
  const asked = await client.expect(200, 'GET', '/api/v1/access', { accept: 'text/csv' });
  assert.equal(asked.text.trim().split('\r\n').length, 1 + mine.body.items.length);
  assert.equal(asked.text.includes('events'), false, 'events do not fit into a cell');
  const users = await managed(officer, { q: user.user_id }, { accept: 'text/csv' });
  assert.match(users.headers['content-disposition'], /^attachment; filename="user-management\.csv"/);
  assert.equal(users.text.trim().split('\r\n').length, 8, 'the CSV is filtered like the list');
  // JSON is not a download, so no file name that ends in .csv may come with it
  for (const list of [await client.get('/api/v1/provider-accounts'), await client.get('/api/v1/access'), await managed(officer)])
    assert.equal(list.headers['content-disposition'], undefined);
});

test('the name that an LSO searches for is never in an address: a query is refused', async () => {
  const officer = await logIn(officerOf(makeProviderAccount()));
  assert.deepEqual((await managed(officer, { q: 'testa person', status: 'approved' })).body.items.map(({ is_me }) => is_me), [true]);
  const asked = await officer.expect(422, 'POST', '/api/v1/user-management/access-searches?q=person', { body: {} });
  assert.deepEqual(faults(asked), { q: 'unknown_field' });
  await officer.expect(404, 'GET', '/api/v1/user-management/access?q=person');
  assert.deepEqual(faults(await officer.expect(422, 'POST', '/api/v1/user-management/access-searches', { body: { limit: 101, after: 'x', status: 'any', name: 'x' } })),
    { limit: 'out_of_range', after: 'cursor', status: 'not_a_choice', name: 'unknown_field' });
});

test('every decision leaves its row in the audit trail', async () => {
  const account = makeProviderAccount();
  const officerUser = officerOf(account);
  const officer = await logIn(officerUser);
  const access_id = grantAccess(makeUser(), account);
  await decide(officer, { access_id, version: 1 }, { decision: 'remove' });
  assert.deepEqual(rows(`SELECT action FROM audit.event WHERE subject_kind = 'access' AND subject_id = :'id'::bigint`, { id: access_id }), [{ action: 'access_decide' }]);
});

test('the queue of the desk comes as CSV too, with the same rows and the address in columns', async () => {
  const account = makeProviderAccount({ billing_street: 'PO Box 12, Suite 3' });
  const user = makeUser();
  const row = (await ask(await logIn(user), asOfficer(account))).body;
  const desk = await logIn(analyst);
  const csv = await desk.expect(200, 'GET', '/api/v1/desk/access-requests', { accept: 'text/csv' });
  const [head, ...lines] = csv.text.trim().split('\r\n');
  assert.equal(head, 'access_id,status,user_id,first_name,last_name,email,provider_account_id,name,npi,ptan,tin_last5,line_of_business,state,functions_requested,'
    + 'check_number,check_amount,check_issued_on,billing_street,billing_city,billing_state,billing_zip,comment,created_at,version,contractor_no');
  const mine = lines.filter((line) => line.startsWith(`${row.access_id},requested,${user.user_id},`));
  assert.equal(mine.length, 1);
  assert.ok(mine[0].includes(',"PO Box 12, Suite 3",Portland,ME,04104,'), mine[0]);
  assert.match(csv.headers['content-disposition'], /^attachment; filename="access-requests\.csv"/);
  const declined = await desk.expect(200, 'GET', '/api/v1/desk/access-requests?status=declined', { accept: 'text/csv' });
  assert.equal(declined.text.includes(`\n${row.access_id},`), false, 'the CSV is filtered like the list');
});
