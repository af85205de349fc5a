// My own account: profile with its version, password, and the provider account that stays chosen.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults, logIn, password } from '../support/client.mjs';
import { one, shifted } from '../support/instance.mjs';
import { codeIn, mailAfter } from '../support/mail.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

const good = 'seven lanterns by the pier';

test('the profile is changed with its version, and a person who had an older version is told', async () => {
  const client = await logIn(makeUser());
  const before = await client.expect(200, 'GET', '/api/v1/profile');
  assert.equal(before.headers.etag, `"${before.body.version}"`);
  const changed = await client.expect(200, 'PATCH', '/api/v1/profile', { ifMatch: before.body.version, body: { first_name: '  Zoë  ', mobile_phone: '(207) 555-0142', email_updates: false, time_zone: 'Pacific/Honolulu' } });
  assert.deepEqual([changed.body.first_name, changed.body.mobile_phone, changed.body.email_updates, changed.body.time_zone, changed.body.last_name],
    ['Zoë', '2075550142', false, 'Pacific/Honolulu', before.body.last_name]);
  assert.equal(changed.body.version, before.body.version + 1);
  const late = await client.expect(412, 'PATCH', '/api/v1/profile', { ifMatch: before.body.version, body: { first_name: 'Other' } });
  assert.equal(late.body.code, 'stale');
  await client.expect(428, 'PATCH', '/api/v1/profile', { body: { first_name: 'Other' } });
  await client.expect(412, 'PATCH', '/api/v1/profile', { ifMatch: '99999999999', body: { first_name: 'Other' } });
  assert.equal((await client.get('/api/v1/profile')).body.first_name, 'Zoë');
});

test('null clears a field that may be empty, a field left out stays, and no other field can be empty', async () => {
  const client = await logIn(makeUser());
  const change = async (body) => client.patch('/api/v1/profile', body, { ifMatch: (await client.get('/api/v1/profile')).body.version });
  await change({ work_phone: '207-555-0111', mobile_phone: '207-555-0142', mobile_carrier: 'Any' });
  const cleared = await change({ work_phone: null, mobile_carrier: null });
  assert.deepEqual([cleared.status, cleared.body.work_phone, cleared.body.mobile_phone, cleared.body.mobile_carrier], [200, null, '2075550142', null]);
  const refused = await change({ first_name: '  ', email: null, email_updates: null, work_phone: '' });
  assert.deepEqual([refused.status, faults(refused)],
    [422, { first_name: 'empty', email: 'null_not_allowed', email_updates: 'null_not_allowed', work_phone: 'empty' }]);
  const before = (await client.get('/api/v1/profile')).body;
  assert.deepEqual((await change({})).body, before, 'PATCH {} changes nothing, not even the version');
});

test('a PATCH that changes nothing leaves no audit row of a change and no new version', async () => {
  const user = makeUser(), client = await logIn(user);
  const changes = () => one(`SELECT count(*)::int AS n FROM audit.event e JOIN connex.user_account u USING (user_account_id) WHERE u.user_id = :'id' AND e.action = 'profile_change'`, { id: user.user_id }).n;
  const { body: before } = await client.expect(200, 'GET', '/api/v1/profile');
  for (const body of [{}, { first_name: before.first_name, time_zone: before.time_zone }, { email: before.email.toUpperCase(), work_phone: null }])
    assert.deepEqual((await client.expect(200, 'PATCH', '/api/v1/profile', { ifMatch: before.version, body })).body, before, JSON.stringify(body));
  assert.equal(changes(), 0);
  await client.expect(200, 'PATCH', '/api/v1/profile', { ifMatch: before.version, body: { first_name: 'Zora' } });
  assert.equal(changes(), 1);
});

test('a name holds only what names hold, so it cannot put words into the portal\'s own mail', async () => {
  const client = await logIn(makeUser());
  const { version } = (await client.get('/api/v1/profile')).body;
  const change = (body) => client.patch('/api/v1/profile', body, { ifMatch: version });
  for (const name of ['Your account is locked: http://evil.example/login', 'Ann / Marie', 'a@evil.example', '<b>Ann', 'Ann 2nd', 'Ann (call me)', 'Ann! ', 'Visit evil.example', '\uff1a\uff0f\uff0f',
    'Ann\u2028Marie', 'Ann\u2044', 'Ann \u0663', '\u{1f600}']) {
    const refused = await change({ first_name: name, last_name: name });
    assert.deepEqual([refused.status, faults(refused)], [422, { first_name: 'name_form', last_name: 'name_form' }], name);
    assert.match(refused.body.errors[0].message, /letters/);
  }
  let at = version;
  for (const name of ["O'Dell", 'O\u2019Dell-Ñuñez', 'St. John', 'J.R.', 'Martin, Jr.', 'Nguyễn', 'D\u0323a\u0301', '\u5c0f\u6797', 'Иванова', '\u0639\u0644\u064a', 'L\u00b7luc', 'Anne\u2010Marie'])
    assert.equal((await client.expect(200, 'PATCH', '/api/v1/profile', { ifMatch: at++, body: { last_name: name } })).body.last_name, name);
});

test('REG-03: the user ID never changes, and an unknown time zone is refused', async () => {
  const client = await logIn(makeUser());
  const { version } = (await client.get('/api/v1/profile')).body;
  assert.ok(faults(await client.expect(422, 'PATCH', '/api/v1/profile', { ifMatch: version, body: { user_id: 'ABCD123' } })).user_id);
  assert.deepEqual(faults(await client.expect(422, 'PATCH', '/api/v1/profile', { ifMatch: version, body: { time_zone: 'Mars/Olympus' } })), { time_zone: 'time_zone' });
  // names that PostgreSQL knows but IANA does not, or that are not a place
  for (const time_zone of ['Factory', 'localtime', 'posixrules', 'posix/America/New_York', 'right/America/New_York', 'america/new_york', 'EST+5', '-05:00'])
    assert.deepEqual(faults(await client.expect(422, 'PATCH', '/api/v1/profile', { ifMatch: version, body: { time_zone } })), { time_zone: 'time_zone' }, time_zone);
  for (const [at, time_zone] of ['US/Eastern', 'America/Argentina/Buenos_Aires', 'UTC'].entries())
    await client.expect(200, 'PATCH', '/api/v1/profile', { ifMatch: version + at, body: { time_zone } });
});

test('EML-03: a changed address is verified again, the former one is told, and another person\'s is refused', async () => {
  const user = makeUser();
  const client = await logIn(user);
  const { version } = (await client.get('/api/v1/profile')).body;
  assert.deepEqual(faults(await client.expect(422, 'PATCH', '/api/v1/profile', { ifMatch: version, body: { email: makeUser().email } })), { email: 'taken' });
  const email = `new-${user.email}`;
  await mailAfter(user.email, /e-mail address was changed/, () => client.expect(200, 'PATCH', '/api/v1/profile', { ifMatch: version, body: { email } }));
  const again = await password(user);
  assert.equal((await again.get('/api/v1/session')).body.next, 'verify_email');
  const code = codeIn(await mailAfter(email, /Email Confirmation/, () => again.expect(202, 'POST', '/api/v1/session/email-code', { body: {} })));
  await again.expect(200, 'POST', '/api/v1/session/email-verification', { body: { code } });
});

test('a new password needs the current one; other sessions end, and this one stays (PWD-02: case matters)', async () => {
  const user = makeUser();
  const [client, elsewhere] = [await logIn(user), await logIn(user)];
  const change = (current_password, given = good, again = given) => client.post('/api/v1/profile/password', { current_password, password: given, password_again: again });
  assert.deepEqual(faults(await change(user.password.toUpperCase())), { current_password: 'wrong_password' });
  assert.deepEqual(faults(await change(user.password, good, `${good}.`)), { password_again: 'not_equal' });
  assert.deepEqual(faults(await change(user.password, user.password)), { password: 'used_before' });
  await mailAfter(user.email, /password was changed/, async () => assert.equal((await change(user.password)).status, 200));
  await client.expect(200, 'GET', '/api/v1/session');
  await elsewhere.expect(401, 'GET', '/api/v1/session');
  await password(user, good);
});

test('guessing the current password in a session locks the account, like guessing at log-in (LOCK-03)', async () => {
  const user = makeUser();
  const client = await logIn(user);
  const guess = () => client.post('/api/v1/profile/password', { current_password: 'wrong', password: good, password_again: good });
  for (const status of [422, 422, 422, 429]) assert.equal((await guess()).status, status);
});

test('PWD-04: twelve former passwords may not come back, the thirteenth may', async () => {
  const user = makeUser();
  const client = await logIn(user);
  const words = Array.from({ length: 13 }, (_, i) => `mossy stone ${i} and a crow ${i * 7}`);
  let current = user.password;
  for (const given of words) {
    assert.equal((await client.post('/api/v1/profile/password', { current_password: current, password: given, password_again: given })).status, 200, given);
    current = given;
  }
  const back = (given) => client.post('/api/v1/profile/password', { current_password: current, password: given, password_again: given });
  assert.deepEqual(faults(await back(words[0])), { password: 'used_before' });
  assert.equal((await back(user.password)).status, 200);
});

test('the chosen provider account stays chosen, and only an approved one can be chosen', async () => {
  const user = makeUser();
  const [mine, other] = [makeProviderAccount(), makeProviderAccount()];
  grantAccess(user, mine, { functions: ['claims'] });
  const client = await logIn(user);
  assert.equal((await client.get('/api/v1/session')).body.provider_account, null);
  const chosen = await client.expect(200, 'PUT', '/api/v1/profile/provider-account', { body: { provider_account_id: mine.provider_account_id } });
  assert.deepEqual([chosen.body.npi, chosen.body.functions], [mine.npi, ['claims']]);
  await client.expect(404, 'PUT', '/api/v1/profile/provider-account', { body: { provider_account_id: other.provider_account_id } });
  const session = (await (await logIn(user)).get('/api/v1/session')).body;
  assert.equal(session.provider_account.provider_account_id, mine.provider_account_id);
  assert.deepEqual(session.functions, ['claims']);
  await shifted('1 minute', () => client.expect(200, 'GET', '/api/v1/profile'));
  assert.equal(one(`SELECT count(*)::int AS n FROM audit.event WHERE action = 'profile_change' AND user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'id')`, { id: user.user_id }).n, 0);
});
