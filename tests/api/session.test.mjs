// Getting in and out: log in and its locks (LOCK), e-mail verification (EML), the day's code (MFA), the session (SES).
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, faults, forgetCode, logIn, password } from '../support/client.mjs';
import { one, shifted, sql, withSetting } from '../support/instance.mjs';
import { codeIn, mailAfter } from '../support/mail.mjs';
import { makeUser } from '../support/people.mjs';

const tryLogIn = (user_id, given) => new Client().post('/api/v1/session', { user_id, password: given });
const unknownId = () => makeUser().user_id.replace(/^./, (letter) => (letter === 'Z' ? 'Y' : 'Z')); // made up from an existing one
const sendCode = (client, user) => mailAfter(user.email, /Your Security Code/, () => client.expect(202, 'POST', '/api/v1/session/security-code', { body: { method: 'email' } }));

test('REG-01: the attestation can be read before anything else', async () => {
  const answer = await new Client().expect(200, 'GET', '/api/v1/attestation');
  assert.ok(answer.body.paragraphs.length > 0);
});

test('401 without a session, with a forged one, and after log-out', async () => {
  const client = new Client();
  await client.expect(401, 'GET', '/api/v1/session');
  client.cookie = `__Host-connex=${'A'.repeat(43)}`;
  await client.expect(401, 'GET', '/api/v1/session');
  client.cookie = '__Host-connex=short';
  await client.expect(401, 'GET', '/api/v1/session');
  const user = makeUser();
  const person = await logIn(user);
  const cookie = person.cookie;
  await person.expect(204, 'DELETE', '/api/v1/session');
  assert.equal(person.cookie, null, 'the cookie is removed');
  person.cookie = cookie;
  await person.expect(401, 'GET', '/api/v1/session');
});

test('MFA-01: the password alone opens no function and no page of the account', async () => {
  const client = await password(makeUser());
  const session = await client.expect(200, 'GET', '/api/v1/session');
  assert.equal(session.body.next, 'security_code');
  assert.equal(session.body.provider_account, null);
  assert.deepEqual(session.body.functions, []);
  for (const path of ['/api/v1/profile', '/api/v1/provider-accounts', '/api/v1/access', '/api/v1/tokens', '/api/v1/desk/access-requests']) {
    const refused = await client.expect(403, 'GET', path);
    assert.equal(refused.body.code, 'security_code');
  }
  assert.equal((await client.expect(403, 'POST', '/api/v1/user-management/access-searches', { body: {} })).body.code, 'security_code');
  const change = await client.post('/api/v1/profile/password', { current_password: 'a', password: 'b', password_again: 'b' });
  assert.equal(change.status, 403);
});

test('the session from before the security code is worthless after it', async () => {
  const user = makeUser();
  const client = await password(user);
  const before = client.cookie;
  const code = codeIn(await sendCode(client, user));
  const done = await client.expect(200, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
  assert.equal(done.body.next, 'home');
  assert.notEqual(client.cookie, before);
  const old = new Client();
  old.cookie = before;
  await old.expect(401, 'GET', '/api/v1/session');
});

test('MFA-02: a code is good through 23:59:59 of its day in the contractor\'s time zone, and no longer', async () => {
  const user = makeUser();
  const client = await password(user);
  const code = codeIn(await sendCode(client, user));
  const left = Number(one(`SELECT extract(epoch FROM ((connex.today() + 1)::timestamp AT TIME ZONE connex.setting_text('time_zone')) - now()) AS s`).s);
  // The session would be idle long before then, so a new one is made at the end of the day.
  await shifted(`${left - 60} seconds`, async () => {
    const late = await password(user);
    await late.expect(200, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
  });
  await shifted(`${left + 1} seconds`, async () => {
    const nextDay = await password(user);
    const refused = await nextDay.expect(422, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
    assert.equal(faults(refused).code, 'code_void');
  });
});

test('MFA-03: the same code works again on the same day; MFA-04: a new one voids it', async () => {
  const user = makeUser();
  const first = await password(user);
  const code = codeIn(await sendCode(first, user));
  await first.expect(200, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
  const second = await password(user);
  await second.expect(200, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
  const third = await password(user);
  const newer = codeIn(await sendCode(third, user));
  if (newer !== code) await third.expect(422, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
  await third.expect(200, 'POST', '/api/v1/session/security-code-verification', { body: { code: ` ${newer.slice(0, 3)}-${newer.slice(3)} ` } });
});

test('MFA-06: another person\'s code fails; MFA-07: the fifth wrong code, of whatever kind, voids the right one', async () => {
  const [mine, other] = [makeUser(), makeUser()];
  const [client, stranger] = [await password(mine), await password(other)];
  const code = codeIn(await sendCode(client, mine));
  const otherCode = codeIn(await sendCode(stranger, other));
  if (otherCode !== code) {
    const refused = await client.expect(422, 'POST', '/api/v1/session/security-code-verification', { body: { code: otherCode } });
    assert.equal(refused.body.errors[0].message, 'Invalid Security Code. Please refer to the code received in your email.');
  }
  const wrong = code === '000000' ? '000001' : '000000';
  const tries = await Promise.all(Array.from({ length: 20 }, () => client.post('/api/v1/session/security-code-verification', { code: wrong })));
  assert.ok(tries.every(({ status }) => status === 422));
  assert.equal(tries.filter((answer) => faults(answer).code === 'wrong_code').length, otherCode === code ? 4 : 3, 'four answers say wrong, and the fifth try voids the code');
  const right = await client.expect(422, 'POST', '/api/v1/session/security-code-verification', { body: { code } });
  assert.equal(faults(right).code, 'code_void', 'the right code after five wrong ones');
});

test('codes in an hour are limited: 429 with Retry-After', async () => {
  await withSetting('security_codes_per_hour', '2', async () => {
    for (const [client, path, body] of [[await password(makeUser()), 'security-code', { method: 'email' }], [await password(makeUser({ verified: false })), 'email-code', {}]]) {
      for (const status of [202, 202]) await client.expect(status, 'POST', `/api/v1/session/${path}`, { body });
      const refused = await client.expect(429, 'POST', `/api/v1/session/${path}`, { body });
      assert.equal(refused.body.code, 'too_many_codes');
      assert.ok(Number(refused.headers['retry-after']) > 0);
    }
  });
});

test('EML-01 to EML-03: a new person verifies the address first, may correct it, and is asked once', async () => {
  const user = makeUser({ verified: false });
  const client = await password(user);
  assert.equal((await client.get('/api/v1/session')).body.next, 'verify_email');
  for (const path of ['/api/v1/profile', '/api/v1/provider-accounts', '/api/v1/access'])
    assert.equal((await client.expect(403, 'GET', path)).body.code, 'verify_email');
  for (const [path, body] of [['security-code', { method: 'email' }], ['security-code-verification', { code: '123456' }]])
    assert.equal((await client.expect(403, 'POST', `/api/v1/session/${path}`, { body })).body.code, 'verify_email');
  const first = codeIn(await mailAfter(user.email, /Email Confirmation/, () => client.expect(202, 'POST', '/api/v1/session/email-code', { body: {} })));
  const better = `better-${user.email}`;
  const second = codeIn(await mailAfter(better, /Email Confirmation/, async () => {
    const sent = await client.expect(202, 'POST', '/api/v1/session/email-code', { body: { email: better } });
    assert.equal(sent.body.sent_to, 'b***@tests.example');
  }));
  if (first !== second) await client.expect(422, 'POST', '/api/v1/session/email-verification', { body: { code: first } }); // EML-02
  const done = await client.expect(200, 'POST', '/api/v1/session/email-verification', { body: { code: second } });
  assert.equal(done.body.next, 'security_code');
  for (const [path, body] of [['email-code', {}], ['email-verification', { code: second }]]) // EML-03
    assert.equal((await client.expect(409, 'POST', `/api/v1/session/${path}`, { body })).body.code, 'email_verified');
  assert.equal((await (await password(user)).get('/api/v1/session')).body.next, 'security_code');
});

test('MFA-01: after the first log-in, the password alone cannot redirect the codes to another address', async () => {
  const user = makeUser();
  const complete = await logIn(user);
  const { body } = await complete.get('/api/v1/profile');
  await complete.expect(200, 'PATCH', '/api/v1/profile', { ifMatch: body.version, body: { email: `mistyped-${user.email}` } });
  const stolen = await password(user);
  const refused = await stolen.expect(403, 'POST', '/api/v1/session/email-code', { body: { email: `thief-${user.email}` } });
  assert.equal(refused.body.code, 'address_stands');
  await stolen.expect(202, 'POST', '/api/v1/session/email-code', { body: {} }); // to the changed address, which the thief cannot read
  await complete.expect(202, 'POST', '/api/v1/session/email-code', { body: { email: `right-${user.email}` } }); // the person who changed it may correct it
});

test('SHR-01: an e-mail address that another account has is refused at verification too', async () => {
  const client = await password(makeUser({ verified: false }));
  const refused = await client.expect(422, 'POST', '/api/v1/session/email-code', { body: { email: makeUser().email.toUpperCase() } });
  assert.equal(faults(refused).email, 'taken');
});

test('LOCK-01, LOCK-02: what the first and the second failure say', async () => {
  const user = makeUser();
  const first = await tryLogIn(user.user_id, 'wrong');
  assert.equal(first.status, 401);
  assert.equal(first.body.detail, 'User ID and/or Password Invalid. Please try again.');
  const second = await tryLogIn(user.user_id, 'wrong');
  assert.match(second.body.detail, /^User ID and\/or Password Invalid\. For assistance, use the options below in the order presented or contact your organizations Local Security Officer \(LSO\)\./);
});

test('LOCK-03: failures at T0, +60 and +119 minutes lock; at T0, +60 and +121 they do not', async () => {
  const [locked, open] = [makeUser(), makeUser()];
  for (const [user, last] of [[locked, 119], [open, 121]]) {
    for (const minutes of [0, 60, last]) await shifted(`${minutes} minutes`, () => tryLogIn(user.user_id, 'wrong'));
    const then = await shifted(`${last} minutes 1 second`, () => tryLogIn(user.user_id, user.password));
    assert.equal(then.status, user === locked ? 429 : 200);
  }
});

test('LOCK-04: the right password is refused at +14:59 and accepted at +15:00, and clears the counters', async () => {
  const user = makeUser();
  await shifted('0', async () => { for (let i = 0; i < 3; i++) await tryLogIn(user.user_id, 'wrong'); });
  // The tries took some time, so count from the lock as stored.
  const second = (minutes, more) => one(`SELECT extract(epoch FROM g.locked_until - now()) - 900 + ${minutes} * 60 + ${more} AS s FROM connex.login_guard g WHERE user_id = :'id'`, { id: user.user_id }).s;
  await shifted(`${second(15, 0.2)} seconds`, async () => assert.equal((await tryLogIn(user.user_id, user.password)).status, 200));
  assert.deepEqual(one(`SELECT cardinality(failures) AS failures, in_a_row FROM connex.login_guard WHERE user_id = :'id'`, { id: user.user_id }), { failures: 0, in_a_row: 0 });
  for (let i = 0; i < 3; i++) await tryLogIn(user.user_id, 'wrong');
  await shifted(`${second(14, 58)} seconds`, async () => {
    const refused = await tryLogIn(user.user_id, user.password);
    assert.equal(refused.status, 429);
    assert.equal(refused.body.code, 'locked');
    assert.ok(Number(refused.headers['retry-after']) > 170 * 60, 'LOCK-05: a try while it is locked extends the lock to 180 minutes');
  });
});

test('LOCK-05: a try while locked makes it 180 minutes from that try, and further tries do not extend it', async () => {
  const user = makeUser();
  for (let i = 0; i < 4; i++) await tryLogIn(user.user_id, 'wrong');
  const until = () => one(`SELECT locked_until, extract(epoch FROM locked_until - now()) / 60 AS minutes FROM connex.login_guard WHERE user_id = :'id'`, { id: user.user_id });
  const before = until();
  assert.ok(before.minutes > 178 && before.minutes <= 180);
  await tryLogIn(user.user_id, user.password);
  assert.equal(until().locked_until, before.locked_until);
  await shifted('181 minutes', async () => assert.equal((await tryLogIn(user.user_id, user.password)).status, 200));
});

test('LOCK-06: a user ID that does not exist fails, and locks, with the same words', async () => {
  const [known, unknown] = [makeUser().user_id, unknownId()];
  assert.equal(one(`SELECT count(*)::int AS n FROM connex.user_account WHERE user_id = :'unknown'`, { unknown }).n, 0);
  for (let i = 0; i < 4; i++) {
    const [a, b] = [await tryLogIn(known, 'wrong'), await tryLogIn(unknown, 'wrong')];
    assert.deepEqual([b.status, b.body.code, b.body.detail, b.body.title], [a.status, a.body.code, a.body.detail, a.body.title], `try ${i + 1}`);
  }
});

test('LOCK-03: thirty tries at once get no further than three', async () => {
  const user = makeUser();
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => tryLogIn(user.user_id, i === 29 ? user.password : `wrong ${i}`)));
  const looked = answers.filter(({ status }) => status === 401).length;
  assert.ok(looked <= 2, `${looked} tries were told "invalid"; the third locks`);
  assert.ok(answers.every(({ status }) => [200, 401, 429, 503].includes(status)));
});

test('SES-01: a session is good after 14:59 without a request and ends at 15:00; an extension counts from its own time', async () => {
  const user = makeUser();
  const client = await logIn(user);
  const fresh = () => sql(`UPDATE connex.session SET last_seen_at = now() WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'id');`, { id: user.user_id });
  fresh();
  await shifted('14 minutes 50 seconds', () => client.expect(200, 'GET', '/api/v1/session'));
  fresh();
  await shifted('15 minutes', () => client.expect(401, 'GET', '/api/v1/session'));
  fresh();
  await shifted('14 minutes', async () => {
    const extended = await client.expect(200, 'POST', '/api/v1/session/extension');
    assert.ok(new Date(extended.body.expires_at) > new Date(Date.now() + 28 * 60000));
  });
  await shifted('28 minutes', () => client.expect(200, 'GET', '/api/v1/session'));
});

test('SES-01: asking about the session does not extend it', async () => {
  const user = makeUser();
  const client = await logIn(user);
  const seen = () => one(`SELECT last_seen_at FROM connex.session JOIN connex.user_account USING (user_account_id) WHERE user_id = :'id'`, { id: user.user_id }).last_seen_at;
  const before = seen();
  await shifted('5 minutes', () => client.expect(200, 'GET', '/api/v1/session'));
  assert.equal(seen(), before);
  await shifted('5 minutes', () => client.expect(200, 'GET', '/api/v1/profile'));
  assert.notEqual(seen(), before);
});

test('AC-9: after log-in, the previous log-in is shown, with the failures since then', async () => {
  const user = makeUser();
  const first = await logIn(user);
  assert.equal((await first.get('/api/v1/session')).body.previous_login_at, null);
  await tryLogIn(user.user_id, 'wrong');
  await tryLogIn(user.user_id, 'wrong');
  const second = await logIn(user);
  const session = (await second.get('/api/v1/session')).body;
  assert.ok(session.previous_login_at);
  assert.equal(session.previous_failures, 2);
});

test('PWD-01: a password is good at 60 days; at 61 it must be changed before anything else', async () => {
  const user = makeUser();
  const age = (days) => sql(`UPDATE connex.credential SET changed_at = ((connex.today() - :'days'::integer)::timestamp + interval '12 hours') AT TIME ZONE connex.setting_text('time_zone')
    WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'id');`, { days, id: user.user_id });
  age(60);
  const client = await logIn(user);
  assert.equal((await client.get('/api/v1/session')).body.next, 'home');
  age(61);
  assert.equal((await client.get('/api/v1/session')).body.next, 'change_password');
  assert.equal((await client.expect(403, 'GET', '/api/v1/profile')).body.code, 'change_password');
  const fresh = 'walnut harbor 4821 lantern';
  const done = await client.expect(200, 'POST', '/api/v1/profile/password', { body: { current_password: user.password, password: fresh, password_again: fresh } });
  assert.equal(done.body.next, 'home');
  await client.expect(200, 'GET', '/api/v1/profile');
});

test('PWD-03: a temporary password must be changed at first use', async () => {
  const user = makeUser();
  sql(`UPDATE connex.credential SET temporary = true WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'id');`, { id: user.user_id });
  const client = await logIn(user);
  assert.equal((await client.get('/api/v1/session')).body.next, 'change_password');
});

test('a suspended account says so only to the right password', async () => {
  const user = makeUser();
  sql(`UPDATE connex.user_account SET status = 'suspended' WHERE user_id = :'id';`, { id: user.user_id });
  assert.equal((await tryLogIn(user.user_id, 'wrong')).body.code, 'invalid_log_in');
  const right = await tryLogIn(user.user_id, user.password);
  assert.deepEqual([right.status, right.body.code], [403, 'suspended']);
});

test('a password hashed with older parameters is hashed again at the next log-in', async () => {
  const user = makeUser();
  const hash = () => one(`SELECT password_hash AS h FROM connex.credential JOIN connex.user_account USING (user_account_id) WHERE user_id = :'id'`, { id: user.user_id }).h;
  const before = hash();
  await withSetting('argon2_passes', '3', () => password(user));
  assert.match(hash(), /t=3/);
  assert.notEqual(hash(), before);
  await password(user);
  assert.match(hash(), /t=2/);
});

test('a log-in leaves nothing of the password, the code, or the cookie in the audit trail', async () => {
  const user = makeUser();
  forgetCode(user);
  await logIn(user);
  const trail = one(`SELECT array_agg(action ORDER BY at) AS actions FROM audit.event WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'id')`, { id: user.user_id }).actions;
  assert.deepEqual(trail, ['log_in', 'security_code_send', 'security_code']);
});

test('LOCK-06: a user ID that does not exist takes the same time to fail', async () => {
  const known = Array.from({ length: 12 }, () => makeUser().user_id);
  const unknown = known.map((id) => id.replace(/^../, 'QX').replace(/...$/, (digits) => String((Number(digits) + 500) % 1000).padStart(3, '0')));
  const times = { known: [], unknown: [] };
  for (let round = 0; round < 2; round++) for (let i = 0; i < known.length; i++) for (const [kind, list] of [['known', known], ['unknown', unknown]]) {
    const started = process.hrtime.bigint();
    assert.equal((await tryLogIn(list[i], 'wrong')).status, 401);
    times[kind].push(Number(process.hrtime.bigint() - started) / 1e6);
  }
  // The lower quartile, because whatever else the machine does can only add time.
  const quick = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 4)];
  const ratio = quick(times.known) / quick(times.unknown);
  assert.ok(ratio > 0.6 && ratio < 1.67, `known ${quick(times.known)} ms, unknown ${quick(times.unknown)} ms; without the dummy hash the difference is tenfold`);
});

test('a flood of log-ins is answered 401 or 503 with Retry-After, and others are served meanwhile', async () => {
  const [one_, two] = [new Client(), await logIn(makeUser())];
  const flood = Array.from({ length: 150 }, (_, i) => one_.post('/api/v1/session', { user_id: `FLUD${String(i).padStart(3, '0')}`, password: 'wrong' }));
  const meanwhile = await two.expect(200, 'GET', '/api/v1/session');
  assert.equal(meanwhile.body.next, 'home');
  const answers = await Promise.all(flood);
  assert.ok(answers.some(({ status }) => status === 401));
  for (const answer of answers) {
    assert.ok([401, 503].includes(answer.status), `${answer.status} ${answer.text}`);
    if (answer.status === 503) assert.ok(Number(answer.headers['retry-after']) > 0 && answer.body.detail);
  }
  sql(`DELETE FROM connex.login_guard WHERE user_id LIKE 'FLUD%';`);
});
