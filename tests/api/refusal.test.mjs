// Whoever is refused leaves a security event, with the person whose credential it was, and the log line has the person too.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { makeClaim } from '../support/claims.mjs';
import { office } from '../support/client.mjs';
import { send } from '../support/http.mjs';
import { demo, one, rows, sql } from '../support/instance.mjs';
import { digits, makeToken } from '../support/people.mjs';

let here, there;
before(async () => {
  here = await office(['claims']);
  there = await office();
});

const idOf = (user) => one(`SELECT user_account_id FROM connex.user_account WHERE user_id = :'id'`, { id: user.user_id }).user_account_id;
/** The events of one answer, as a DBA reads them. */
const events = (answer) => rows(`SELECT user_account_id, action, status, code, operation, provider_account_id, subject_kind, subject_id
  FROM report.security_event WHERE request_id = :'id'`, { id: answer.headers['x-request-id'] });
const logged = (answer) => readFileSync(join(demo.var, 'log/connex-fcgi.log'), 'utf8').split('\n')
  .filter((line) => line.includes(answer.headers['x-request-id']) && line.includes('"event":"request"')).map((line) => JSON.parse(line));

async function refused(answer, status, code, person, more = {}) {
  assert.equal(answer.status, status);
  const [event, ...others] = events(answer);
  assert.deepEqual(others, []);
  assert.deepEqual({ ...event }, { user_account_id: person, action: 'refused', status, code, provider_account_id: null, subject_kind: null, subject_id: null, ...more });
  const [line] = logged(answer);
  assert.equal(line.user_account_id ?? null, person === null ? null : String(person));
}

test('401: without a credential, with one that was never given, and with one that is over', async () => {
  await refused(await send('GET', '/api/v1/session'), 401, 'log_in', null, { operation: 'session_get' });
  const unknown = { cookie: `__Host-connex=${randomBytes(32).toString('base64url')}` };
  await refused(await send('GET', '/api/v1/session', { headers: unknown }), 401, 'log_in', null, { operation: 'session_get' });
  const token = makeToken(here.user);
  sql(`UPDATE connex.token SET revoked_at = connex.now() WHERE user_account_id = ${idOf(here.user)};`);
  const dead = { authorization: `Bearer ${token}` };
  await refused(await send('GET', '/api/v1/provider-accounts', { headers: dead }), 401, 'invalid_token', idOf(here.user), { operation: 'provider_account_list' });
});

test('403: without the function, for a token, and from another site', async () => {
  const account = Number(here.account.provider_account_id);
  const path = `${here.path}/remittances`;
  await refused(await here.client.get(path), 403, 'no_access', idOf(here.user), { operation: 'remittance_list', provider_account_id: account });
  const token = { authorization: `Bearer ${makeToken(here.user)}` };
  await refused(await send('GET', '/api/v1/tokens', { headers: token }), 403, 'not_by_token', idOf(here.user), { operation: 'token_list' });
  const foreign = { cookie: here.client.cookie, origin: 'https://elsewhere.example' };
  await refused(await send('DELETE', '/api/v1/session', { headers: foreign }), 403, 'cross_site', idOf(here.user), { operation: 'session_delete' });
});

test('404: a provider account of others, and a claim of others, name what was asked for', async () => {
  const claim = makeClaim(there.account);
  const id = Number(claim.claim_id);
  await refused(await here.client.get(`${there.path}/claims/${id}`), 404, 'not_found', idOf(here.user),
    { operation: 'claim_get', provider_account_id: Number(there.account.provider_account_id), subject_kind: 'claim', subject_id: id });
  await refused(await here.client.get(`${here.path}/claims/${id}`), 404, 'not_found', idOf(here.user),
    { operation: 'claim_get', provider_account_id: Number(here.account.provider_account_id), subject_kind: 'claim', subject_id: id });
});

test('what is no refusal leaves no event: a field that is wrong, an address that is nothing', async () => {
  assert.deepEqual(events(await here.client.post(`${here.path}/claim-searches`, { mbi: 'x' })), []);
  assert.deepEqual(events(await send('GET', `/api/v1/nothing-${digits(4)}`)), []);
});

test('a failed log-in has the one event that its own rule writes', async () => {
  const body = Buffer.from(JSON.stringify({ user_id: here.user.user_id, password: 'not the right password' }));
  const answer = await send('POST', '/api/v1/session', { headers: { 'content-type': 'application/json', 'content-length': body.length }, bytes: body });
  assert.equal(answer.status, 401);
  assert.deepEqual(events(answer).map(({ action, user_account_id }) => [action, user_account_id]), [['log_in_failed', idOf(here.user)]]);
});
