// Provider accounts: those a person may use, and one as the contractor knows it (function Provider Profile).
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults, logIn } from '../support/client.mjs';
import { rows, sql } from '../support/instance.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

test('FN-01, FN-02: Provider Profile opens the account it was approved for, and nobody sees the whole TIN', async () => {
  const user = makeUser();
  const [mine, requested, other] = [makeProviderAccount(), makeProviderAccount(), makeProviderAccount()];
  grantAccess(user, mine, { functions: ['provider_profile'] });
  grantAccess(user, other, { functions: ['claims', 'eligibility', 'financials'] });
  const client = await logIn(user);
  const answer = await client.expect(200, 'GET', `/api/v1/provider-accounts/${mine.provider_account_id}`);
  assert.deepEqual([answer.body.npi, answer.body.ptan, answer.body.tin_last5, answer.body.billing_address.street], [mine.npi, mine.ptan, mine.tin_last5, mine.billing_street]);
  assert.equal(/"tin"/.test(answer.text), false);
  assert.equal((await client.expect(403, 'GET', `/api/v1/provider-accounts/${other.provider_account_id}`)).body.code, 'no_access');
  assert.equal((await client.expect(404, 'GET', `/api/v1/provider-accounts/${requested.provider_account_id}`)).body.code, 'not_found');
  await client.expect(404, 'GET', '/api/v1/provider-accounts/9223372036854775807');
  for (const id of ['0', '-1', 'abc', '1e3', '9223372036854775808', '1%2F2']) assert.equal((await client.get(`/api/v1/provider-accounts/${id}`)).status, 404, id);
});

test('viewing a provider account leaves an audit row that names it', async () => {
  const user = makeUser();
  const account = makeProviderAccount();
  grantAccess(user, account);
  const client = await logIn(user);
  const answer = await client.expect(200, 'GET', `/api/v1/provider-accounts/${account.provider_account_id}`);
  const trail = rows(`SELECT action, provider_account_id::text, subject_id::text, address::text FROM audit.event WHERE request_id = :'id'`, { id: answer.headers['x-request-id'] });
  assert.deepEqual(trail, [{ action: 'provider_account_view', provider_account_id: account.provider_account_id, subject_id: account.provider_account_id, address: '127.0.0.1/32' }]);
});

test('the query string is checked like a body', async () => {
  const client = await logIn(makeUser());
  for (const [query, field] of [['limit=0', 'limit'], ['limit=101', 'limit'], ['limit=ten', 'limit'], ['after=x', 'after'], ['unknown=1', 'unknown'], ['q=jane', 'q']]) // search terms are never in an address
    assert.ok(faults(await client.expect(422, 'GET', `/api/v1/provider-accounts?${query}`))[field], query);
});

test('a search is checked like every body, and its CSV is the same list', async () => {
  const user = makeUser();
  const [account, other] = [makeProviderAccount(), makeProviderAccount()];
  for (const each of [account, other]) grantAccess(user, each);
  const client = await logIn(user);
  const search = (body, options) => client.request('POST', '/api/v1/provider-account-searches', { body, ...options });
  assert.deepEqual(faults(await search({ q: 'x'.repeat(61), limit: 0, after: 'x', name: 'x' })), { q: 'too_long', limit: 'out_of_range', after: 'cursor', name: 'unknown_field' });
  const csv = await search({ q: account.ptan }, { accept: 'text/csv' });
  assert.match(csv.headers['content-disposition'], /^attachment; filename="provider-accounts\.csv"/);
  assert.equal(csv.text.trim().split('\r\n').length, 2);
  const first = (await search({ limit: 1 })).body;
  const second = (await search({ limit: 1, after: first.next })).body;
  assert.deepEqual([first, second].flatMap(({ items }) => items.map(({ npi }) => npi)).sort(), [account.npi, other.npi].sort());
  assert.equal(second.next, null);
});

/** Three accounts of one person, A, B, and C, and what is read when the first page is `limit` long and `act` happens after it. */
async function readAround(act) {
  const user = makeUser();
  const accounts = ['A', 'B', 'C'].map((letter) => makeProviderAccount({ name: `${letter} Practice ${'long '.repeat(20)}` }));
  for (const account of accounts) grantAccess(user, account);
  const client = await logIn(user);
  const readings = {
    list: (after) => client.expect(200, 'GET', `/api/v1/provider-accounts?limit=1${after ? `&after=${after}` : ''}`),
    search: (after) => client.expect(200, 'POST', '/api/v1/provider-account-searches', { body: { limit: 1, ...(after && { after }) } }),
  };
  const seen = {}, next = {};
  for (const [name, turn] of Object.entries(readings)) ({ items: seen[name], next: next[name] } = (await turn()).body);
  act(accounts, user);
  for (const [name, turn] of Object.entries(readings))
    while (next[name]) {
      const { items, next: further } = (await turn(next[name])).body;
      seen[name].push(...items);
      next[name] = further;
    }
  return Object.fromEntries(Object.entries(seen).map(([name, items]) => [name, items.map(({ npi }) => 'ABC'[accounts.findIndex((account) => account.npi === npi)]).join('')]));
}
const rename = (account, name) => sql(`UPDATE connex.provider_account SET name = :'name' WHERE provider_account_id = :'id'::bigint;`, { id: account.provider_account_id, name });

test('a list goes on where it was when the account at its end is renamed or is no longer mine; by id, whatever is renamed', async () => {
  assert.deepEqual(await readAround(() => {}), { list: 'ABC', search: 'ABC' });
  assert.deepEqual(await readAround(([a]) => rename(a, 'A Better Name')), { list: 'ABC', search: 'ABC' });
  assert.deepEqual(await readAround(([a]) => rename(a, 'Z Practice')), { list: 'ABC', search: 'ABCA' }, 'by name, it is seen again under its new name');
  assert.deepEqual(await readAround(([, , c]) => rename(c, '0 Practice')), { list: 'ABC', search: 'AB' });
  assert.deepEqual(await readAround(([a], user) => sql(`UPDATE connex.access SET status = 'removed', functions = '{}' WHERE provider_account_id = :'id'::bigint;`, { id: a.provider_account_id })),
    { list: 'ABC', search: 'ABC' });
});

test('a search term is text and nothing else', async () => {
  const user = makeUser();
  grantAccess(user, makeProviderAccount());
  const client = await logIn(user);
  for (const q of ["'", '%', '_', '\\', '" OR 1=1 --']) assert.deepEqual((await client.expect(200, 'POST', '/api/v1/provider-account-searches', { body: { q } })).body.items, [], q);
  assert.equal((await client.expect(200, 'POST', '/api/v1/provider-account-searches', { body: { q: 'test practice' } })).body.items.length, 1);
});
