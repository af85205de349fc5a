// Tokens for scripts (portal 2.13): chosen functions and provider accounts, shown once, never more than their owner has.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Client, faults, logIn } from '../support/client.mjs';
import { one, rows, shifted, sql } from '../support/instance.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

const day = (days) => one(`SELECT (connex.today() + :'days'::integer)::text AS d`, { days }).d;
const make = (client, accounts, more = {}) => client.post('/api/v1/tokens', { name: 'Nightly check', functions: ['provider_profile'], provider_account_ids: accounts.map(({ provider_account_id }) => provider_account_id), expires_on: day(30), ...more });
const bearer = (secret) => Object.assign(new Client(), { token: secret });

test('a token is shown once, kept as a hash, and does what it was made for and nothing else', async () => {
  const user = makeUser();
  const [mine, also, without] = [makeProviderAccount(), makeProviderAccount(), makeProviderAccount()];
  for (const account of [mine, also]) grantAccess(user, account);
  const client = await logIn(user);
  const made = await make(client, [mine]);
  assert.equal(made.status, 201, made.text);
  const { token_id, secret } = made.body;
  assert.match(secret, /^cnx_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}$/);
  const kept = one(`SELECT encode(secret_hash, 'hex') AS hash, beginning FROM connex.token WHERE token_id = :'id'::bigint`, { id: token_id });
  assert.equal(kept.hash, createHash('sha256').update(secret).digest('hex'));
  const list = await client.expect(200, 'GET', '/api/v1/tokens');
  assert.equal(list.text.includes(secret), false);
  assert.deepEqual(list.body.items[0].provider_accounts.map(({ npi }) => npi), [mine.npi]);
  assert.equal(list.body.items[0].beginning, secret.slice(0, 8));

  const script = bearer(secret);
  assert.deepEqual((await script.expect(200, 'GET', '/api/v1/provider-accounts')).body.items.map(({ npi, functions, lso }) => [npi, functions, lso]), [[mine.npi, ['provider_profile'], false]]);
  await script.expect(200, 'GET', `/api/v1/provider-accounts/${mine.provider_account_id}`);
  assert.equal((await script.expect(403, 'GET', `/api/v1/provider-accounts/${also.provider_account_id}`)).body.code, 'not_by_this_token');
  assert.equal((await script.expect(404, 'GET', `/api/v1/provider-accounts/${without.provider_account_id}`)).body.code, 'not_found');
  assert.equal((await script.post(`/api/v1/provider-accounts/${mine.provider_account_id}/claim-searches`, {})).status === 200, false, 'claims were not chosen');
  for (const [method, path, body] of [['GET', '/api/v1/session'], ['GET', '/api/v1/profile'], ['GET', '/api/v1/access'], ['GET', '/api/v1/tokens'], ['POST', '/api/v1/user-management/access-searches', {}]])
    assert.equal((await script.expect(403, method, path, { body })).body.code, 'not_by_token', path);
  assert.equal((await make(script, [mine])).status, 403, 'a token cannot make tokens');
});

test('a token that is revoked, expired, mistyped, or whose right was removed opens nothing', async () => {
  const user = makeUser();
  const account = makeProviderAccount();
  const access_id = grantAccess(user, account);
  const client = await logIn(user);
  const path = `/api/v1/provider-accounts/${account.provider_account_id}`;
  const { secret, token_id } = (await make(client, [account])).body;
  await bearer(secret).expect(200, 'GET', path);
  await bearer(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`).expect(401, 'GET', path);
  await shifted('31 days', () => bearer(secret).expect(401, 'GET', path));
  await shifted('29 days', () => bearer(secret).expect(200, 'GET', path));
  sql(`UPDATE connex.access SET functions = '{claims}' WHERE access_id = :'id'::bigint;`, { id: access_id });
  await bearer(secret).expect(403, 'GET', path);
  sql(`UPDATE connex.access SET functions = '{provider_profile}' WHERE access_id = :'id'::bigint;`, { id: access_id });
  await (await logIn(makeUser())).expect(404, 'DELETE', `/api/v1/tokens/${token_id}`);
  await bearer(secret).expect(200, 'GET', path);
  await client.expect(204, 'DELETE', `/api/v1/tokens/${token_id}`);
  await bearer(secret).expect(401, 'GET', path);
  assert.ok((await client.get('/api/v1/tokens')).body.items[0].revoked_at);
  sql(`UPDATE connex.user_account SET status = 'suspended' WHERE user_id = :'id';`, { id: user.user_id });
});

test('a suspended person\'s tokens open nothing', async () => {
  const user = makeUser();
  const account = makeProviderAccount();
  grantAccess(user, account);
  const { secret } = (await make(await logIn(user), [account])).body;
  sql(`UPDATE connex.user_account SET status = 'suspended' WHERE user_id = :'id';`, { id: user.user_id });
  await bearer(secret).expect(401, 'GET', '/api/v1/provider-accounts');
});

test('a token never has more rights than its owner, and is good for a year at most', async () => {
  const user = makeUser();
  const [mine, other] = [makeProviderAccount(), makeProviderAccount()];
  grantAccess(user, mine, { functions: ['claims'] });
  const client = await logIn(user);
  assert.deepEqual(faults(await make(client, [mine])), { functions: 'no_access' });
  assert.deepEqual(faults(await make(client, [mine, other], { functions: ['claims'] })), { provider_account_ids: 'no_access' });
  assert.deepEqual(faults(await make(client, [mine], { functions: ['claims'], expires_on: day(366) })), { expires_on: 'range' });
  assert.deepEqual(faults(await make(client, [mine], { functions: ['claims'], expires_on: day(-1) })), { expires_on: 'range' });
  assert.equal((await make(client, [mine], { functions: ['claims'], expires_on: day(365) })).status, 201);
  assert.equal((await make(client, [mine], { functions: ['claims'], expires_on: day(0) })).status, 201);
  assert.equal(rows(`SELECT 1 FROM connex.token JOIN connex.user_account USING (user_account_id) WHERE user_id = :'id'`, { id: user.user_id }).length, 2);
});

test('my tokens are a list: newest first, page by page, and as CSV with flat columns', async () => {
  const user = makeUser(), other = makeUser();
  const [first, second] = [makeProviderAccount(), makeProviderAccount()];
  for (const account of [first, second]) for (const person of [user, other]) grantAccess(person, account);
  const client = await logIn(user);
  await make(await logIn(other), [first]);
  const made = [];
  for (let i = 0; i < 5; i++) made.unshift((await make(client, [first, second], { name: `Check ${i}` })).body.token_id);
  const seen = [];
  for (let after = null; ;) {
    const page = (await client.expect(200, 'GET', `/api/v1/tokens?limit=2${after ? `&after=${after}` : ''}`)).body;
    seen.push(...page.items.map(({ token_id }) => token_id));
    if (!(after = page.next)) break;
  }
  assert.deepEqual(seen, made);
  const csv = await client.expect(200, 'GET', '/api/v1/tokens', { accept: 'text/csv' });
  const [head, ...lines] = csv.text.trim().split('\r\n');
  assert.equal(head, 'token_id,name,beginning,functions,provider_account_ids,created_at,expires_at,last_used_at,revoked_at');
  assert.deepEqual(lines.map((line) => line.split(',')[0]), made);
  const ids = [first, second].map(({ provider_account_id }) => provider_account_id).sort((a, b) => a - b).join('; ');
  assert.ok(lines.every((line) => line.includes(`,"${ids}",`)), csv.text);
  assert.match(csv.headers['content-disposition'], /^attachment; filename="tokens\.csv"/);
  const part = await client.expect(200, 'GET', '/api/v1/tokens?limit=2', { accept: 'text/csv' });
  const { next } = (await client.expect(200, 'GET', '/api/v1/tokens?limit=2')).body;
  assert.match(next, new RegExp(`^${made[1]}\\.`));
  assert.deepEqual([part.headers['connex-next'], part.headers.link], [next, `</api/v1/tokens?limit=2&after=${next}>; rel="next"`]);
});
