// Getting back in: a forgotten user ID (FGT-01), a new password by a mailed code (FGT-02, FGT-03), LOCK-07, PWD-04.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, faults, logIn, password } from '../support/client.mjs';
import { demo, one, rows, shifted } from '../support/instance.mjs';
import { codeIn, mailAfter, mailCount } from '../support/mail.mjs';
import { makeUser } from '../support/people.mjs';
import { pause } from '../support/wait.mjs';

const anyone = new Client();
const askCode = (user_id) => anyone.expect(202, 'POST', '/api/v1/recovery/password-code', { body: { user_id } });
const codeFor = async (user) => codeIn(await mailAfter(user.email, /code for a new password/, () => askCode(user.user_id)));
const set = (user, code, given) => anyone.post('/api/v1/recovery/password', { user_id: user.user_id, code, password: given, password_again: given });
const good = 'green kettle on the stove';

test('FGT-01: the user ID is mailed to a known address, and the answer is the same for an unknown one', async () => {
  const user = makeUser();
  let known;
  const mail = await mailAfter(user.email, /User ID/, async () => { known = await anyone.expect(202, 'POST', '/api/v1/recovery/user-id', { body: { email: user.email.toUpperCase() } }); });
  assert.match(mail.text, new RegExp(user.user_id));
  const unknown = await anyone.expect(202, 'POST', '/api/v1/recovery/user-id', { body: { email: 'nobody@tests.example' } });
  assert.deepEqual(unknown.body, known.body);
  assert.equal(await mailCount('nobody@tests.example'), 0);
});

test('FGT-02: a code is mailed for a known user ID, and the answer is the same for an unknown one', async () => {
  const known = await askCode(makeUser().user_id);
  const unknown = await askCode('QQQQ999');
  assert.deepEqual(unknown.body, known.body);
});

test('FGT-03: the right code sets a new password once and ends other sessions, and the person is told by mail', async () => {
  const user = makeUser();
  const elsewhere = await logIn(user);
  const code = await codeFor(user);
  await mailAfter(user.email, /password was changed/, async () => assert.equal((await set(user, code, good)).status, 204));
  await elsewhere.expect(401, 'GET', '/api/v1/session');
  assert.equal((await anyone.post('/api/v1/session', { user_id: user.user_id, password: user.password })).status, 401);
  await password(user, good);
  assert.deepEqual(faults(await set(user, code, 'another long password here')), { code: 'wrong_code' }, 'single use');
});

test('FGT-03: a code is good for 15 minutes and five tries, and there are three codes in an hour', async () => {
  const late = makeUser();
  const lateCode = await codeFor(late);
  await shifted('15 minutes', async () => assert.deepEqual(faults(await set(late, lateCode, good)), { code: 'wrong_code' }));
  await shifted('14 minutes', async () => assert.equal((await set(late, lateCode, good)).status, 204));
  const tried = makeUser();
  const code = await codeFor(tried);
  const wrong = code === '111111' ? '222222' : '111111';
  await Promise.all(Array.from({ length: 12 }, () => set(tried, wrong, good)));
  assert.deepEqual(faults(await set(tried, code, good)), { code: 'wrong_code' }, 'the right one after five wrong ones');
  const many = makeUser();
  for (let i = 0; i < 5; i++) await askCode(many.user_id);
  await pause(500);
  assert.equal(rows(`SELECT 1 FROM connex.mailed_code_count JOIN connex.user_account USING (user_account_id) WHERE user_id = :'id'`, { id: many.user_id }).length, 3);
});

test('a code of one person does nothing for another, known or not', async () => {
  const [mine, other] = [makeUser(), makeUser()];
  const code = await codeFor(mine);
  await askCode(other.user_id);
  assert.deepEqual(faults(await set(other, code, good)), { code: 'wrong_code' });
  assert.deepEqual(faults(await set({ user_id: 'QQQQ998' }, code, good)), { code: 'wrong_code' });
  assert.equal((await set(mine, code, good)).status, 204);
});

test('LOCK-07: a locked account can be given a new password, which clears the lock', async () => {
  const user = makeUser();
  for (let i = 0; i < 4; i++) await anyone.post('/api/v1/session', { user_id: user.user_id, password: 'wrong' });
  assert.equal((await anyone.post('/api/v1/session', { user_id: user.user_id, password: user.password })).status, 429);
  assert.equal((await set(user, await codeFor(user), good)).status, 204);
  await password(user, good);
});

test('PWD-04: a password that was used before is refused and the code stays good', async () => {
  const user = makeUser();
  const code = await codeFor(user);
  assert.deepEqual(faults(await set(user, code, user.password)), { password: 'used_before' }, 'the present one');
  assert.ok(faults(await set(user, code, 'short')).password);
  assert.ok(faults(await set(user, code, `the name is ${user.user_id}`)).password);
  assert.equal((await set(user, code, good)).status, 204);
  assert.deepEqual(faults(await set(user, await codeFor(user), user.password)), { password: 'used_before' }, 'the former one');
});

test('what is typed twice must be the same', async () => {
  const answer = await anyone.post('/api/v1/recovery/password', { user_id: 'ABCD123', code: '123456', password: good, password_again: `${good}!` });
  assert.deepEqual(faults(answer), { password_again: 'not_equal' });
});

test('once its mail is sent, a code is kept only as its HMAC', async () => {
  const user = makeUser();
  const code = await codeFor(user);
  for (let i = 0; i < 50 && one(`SELECT count(*)::int AS n FROM connex.outbox WHERE to_address = :'to' AND state = 'waiting'`, { to: user.email }).n > 0; i++) await pause(100);
  const kept = rows(`SELECT state, body FROM connex.outbox WHERE to_address = :'to' AND holds_secret`, { to: user.email });
  assert.ok(kept.length > 0);
  for (const mail of kept) assert.ok(mail.body === null || !mail.body.includes(code), 'the text of a sent code is wiped');
  assert.ok(demo.mailbox_url);
});
