// How every route treats the request itself: headers, encodings, empty values, methods, and repeated keys.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeClaim, pdf } from '../support/claims.mjs';
import { analyst, logIn, office } from '../support/client.mjs';
import { holdAgainstContract } from '../support/contract.mjs';
import { send } from '../support/http.mjs';
import { day, one } from '../support/instance.mjs';
import { makeUser } from '../support/people.mjs';

/** Sends exactly the given headers and bytes. The answer must still be what the contract says. */
async function raw(method, path, headers = {}, body = null) {
  const answer = await send(method, path, { headers: { ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers }, bytes: body });
  holdAgainstContract(method, path, answer);
  return answer;
}
const json = { 'content-type': 'application/json' };
let here, cookie;
before(async () => {
  here = await office();
  cookie = { cookie: here.client.cookie };
});
const search = (body, headers = {}) => raw('POST', `${here.path}/claim-searches`, { ...json, ...cookie, ...headers }, typeof body === 'string' ? body : JSON.stringify(body));
const codes = (answer) => Object.fromEntries(answer.body.errors.map(({ field, code }) => [field, code]));

test('888 kB of unknown members get a short 422, not a 500', async () => {
  const members = [];
  for (let i = 0, size = 0; size < 888000; i++) size += members[members.push(`"m${i}":${i}`) - 1].length + 1;
  const answer = await raw('POST', '/api/v1/session', json, `{${members.join(',')}}`);
  assert.deepEqual([answer.status, answer.body.code, answer.body.errors.length], [422, 'fields', 20]);
  assert.match(answer.body.detail, / and [0-9]{5} more\. /);
  assert.ok(answer.text.length < 5000, `${answer.text.length} bytes`);
});

test('a body is JSON in UTF-8, without a mark and without compression', async () => {
  assert.deepEqual([(await search('{}', { 'content-encoding': 'gzip' }))].map(({ status, body }) => [status, body.code]), [[415, 'content_encoding']]);
  assert.equal((await search('{}', { 'content-encoding': 'identity' })).status, 200);
  const packed = await raw('POST', `${here.path}/claim-searches`, { ...json, ...cookie }, gzipSync('{}')); // and no header says so
  assert.deepEqual([packed.status, packed.body.code], [415, 'content_encoding']);
  assert.match(packed.body.detail, /gzip/);
  const marked = await search('\ufeff{}');
  assert.deepEqual([marked.status, marked.body.code], [400, 'byte_order_mark']);
  assert.match(marked.body.detail, /byte order mark/);
});

test('Accept is respected', async () => {
  for (const accept of ['application/xml', 'text/html', 'application/json;q=0', 'text/csv;q=0'])
    assert.deepEqual([(await search({}, { accept }))].map(({ status, body }) => [status, body.code]), [[406, 'not_acceptable']], accept);
  for (const accept of ['application/json', 'application/*', '*/*', 'application/problem+json', 'application/xml, */*;q=0.1', 'no media type', 'text/csv;q=2'])
    assert.equal((await search({}, { accept })).headers['content-type'], 'application/json; charset=utf-8', accept);
});

test('empty and null values are errors, and 5.0 is 5', async () => {
  const answer = await search({ limit: null, status: '', from: '', to: ' ', after: '', mbi: null });
  assert.equal(answer.status, 422);
  assert.deepEqual(codes(answer), { limit: 'null_not_allowed', status: 'empty', from: 'empty', to: 'empty', after: 'empty', mbi: 'null_not_allowed' });
  assert.deepEqual(codes(await search({ after: 'eyJpZCI6MX0=' })), { after: 'cursor' });
  assert.deepEqual(codes(await search({ after: '2026-13-01_1' })), { after: 'cursor' });
  for (const limit of ['5.0', '5e0', '0.5e1', '5']) assert.equal((await search(`{"limit":${limit}}`)).status, 200, limit);
  for (const limit of ['5.5', '"5"', '[5]', 'true', '1e99', '0', '101', '-5']) assert.equal((await search(`{"limit":${limit}}`)).status, 422, limit);
  for (const query of ['limit=', 'limit', 'status=', 'after=', 'limit=5.5', 'limit=5&limit=5'])
    assert.equal((await raw('GET', `${here.path}/redeterminations?${query}`, cookie)).status, 422, query);
  for (const query of ['limit=5.0', 'limit=5e0', 'limit=5'])
    assert.equal((await raw('GET', `${here.path}/redeterminations?${query}`, cookie)).status, 200, query);
});

test('an unknown member is named, a long one by its beginning', async () => {
  const answer = await search({ ['x'.repeat(200)]: 1 });
  assert.deepEqual(codes(answer), { [`${'x'.repeat(60)}…`]: 'unknown_field' });
});

test('a cursor is `next` of this very list; one that was never given is an error of `after`, and not a wrong page', async () => {
  const at = await office(), desk = await analyst();
  for (let i = 0; i < 3; i++) makeClaim(at.account);
  const lists = [[at.client, '/api/v1/access'], [at.client, '/api/v1/provider-accounts'], [at.client, `${at.path}/redeterminations`], [at.client, `${at.path}/remittances`],
    [desk, '/api/v1/desk/access-requests'], [desk, '/api/v1/desk/redeterminations']];
  const { body: { next } } = await at.client.expect(200, 'GET', `${at.path}/remittances?limit=1`);
  assert.match(next, /^[0-9-]{10}_[0-9]+\.[0-9a-f]{16}$/);
  await at.client.expect(200, 'GET', `${at.path}/remittances?limit=1&after=${next}`);
  for (const [client, list] of lists)
    for (const after of ['1', '999999999', '2026-11-21_4711', next.split('.')[0], `999999999.${next.split('.')[1]}`, ...(list.endsWith('/remittances') ? [] : [next])])
      assert.deepEqual(codes(await client.expect(422, 'GET', `${list}?after=${after}`)), { after: 'cursor' }, `${list} ${after}`);
  const found = await at.client.expect(200, 'POST', `${at.path}/claim-searches`, { body: { limit: 1 } });
  await at.client.expect(200, 'POST', `${at.path}/claim-searches`, { body: { after: found.body.next } });
  const other = await office();
  assert.deepEqual(codes(await other.client.expect(422, 'POST', `${other.path}/claim-searches`, { body: { after: found.body.next, limit: 0 } })), { limit: 'out_of_range', after: 'cursor' });
  assert.deepEqual(codes(await at.client.expect(422, 'POST', '/api/v1/provider-account-searches', { body: { after: '999999999' } })), { after: 'cursor' });
});

test('OPTIONS tells anybody what an address accepts', async () => {
  const answer = await raw('OPTIONS', `${here.path}/redeterminations`);
  assert.deepEqual([answer.status, answer.headers.allow, answer.headers['accept-post'], answer.text], [204, 'GET, HEAD, POST, OPTIONS', 'application/json', '']);
  assert.equal((await raw('OPTIONS', '/api/v1/profile')).headers['accept-patch'], 'application/json');
  assert.equal((await raw('OPTIONS', `${here.path}/attachments`)).headers['accept-post'], 'application/pdf');
  assert.equal((await raw('OPTIONS', '/api/v1/nothing')).status, 404);
});

test('a token is recognized as one, and two blanks before it are allowed', async () => {
  const { body: { secret } } = await here.client.expect(201, 'POST', '/api/v1/tokens', { body: { name: 'blanks', functions: ['claims'], provider_account_ids: [here.account.provider_account_id], expires_on: '2027-01-01' } });
  assert.equal((await raw('POST', `${here.path}/claim-searches`, { ...json, authorization: `Bearer  ${secret}` }, '{}')).status, 200);
  const dead = await raw('POST', `${here.path}/claim-searches`, { ...json, authorization: `Bearer ${secret.slice(0, -1)}${secret.endsWith('x') ? 'y' : 'x'}` }, '{}');
  assert.deepEqual([dead.status, dead.body.code, dead.headers['www-authenticate']], [401, 'invalid_token', 'Bearer error="invalid_token"']);
  const none = await raw('POST', `${here.path}/claim-searches`, json, '{}');
  assert.deepEqual([none.status, none.body.code, none.headers['www-authenticate']], [401, 'log_in', 'Bearer']);
});

// ---------------------------------------------------------------- repeated keys

const upload = (bytes, key, headers = {}) => raw('POST', `${here.path}/attachments`,
  { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="note.pdf"', ...cookie, 'idempotency-key': key, ...headers }, bytes);
const token = () => ({ name: 'again', functions: ['claims'], provider_account_ids: [here.account.provider_account_id], expires_on: day(30) });
const attachments = () => one(`SELECT count(*)::int AS n FROM connex.attachment WHERE provider_account_id = :'id'`, { id: here.account.provider_account_id }).n;

test('a file that is sent again with its key is stored once', async () => {
  const key = randomUUID(), bytes = pdf(200000), count = attachments();
  const first = await upload(bytes, key);
  assert.equal(first.status, 201, first.text);
  assert.equal(first.headers['idempotency-replayed'], undefined);
  const again = await upload(bytes, key);
  assert.deepEqual([again.status, again.text, again.headers['idempotency-replayed']], [201, first.text, 'true']);
  assert.equal(attachments(), count + 1);
  assert.equal((await upload(bytes, randomUUID())).headers['idempotency-replayed'], undefined);
  assert.equal(attachments(), count + 2);
});

test('the same key with another file is refused, even with the same name and length', async () => {
  const key = randomUUID(), bytes = pdf(3000), other = Buffer.from(bytes), count = attachments() + 1;
  other[other.length - 40] ^= 1;
  assert.equal((await upload(bytes, key)).status, 201);
  for (const [content, headers] of [[other, {}], [pdf(4000), {}], [bytes, { 'content-disposition': 'attachment; filename="other.pdf"' }],
    [bytes, { 'repr-digest': `sha-256=:${createHash('sha256').update(other).digest('base64')}:` }]]) {
    const answer = await upload(content, key, headers);
    assert.deepEqual([answer.status, answer.body.code], [422, 'idempotency_key_reused']);
  }
  assert.equal(attachments(), count);
});

test('a file is sent as a PDF, or without a word on its type', async () => {
  for (const type of ['application/pdf', 'application/octet-stream']) assert.equal((await upload(pdf(3000), randomUUID(), { 'content-type': type })).status, 201, type);
  for (const type of ['text/plain', 'application/json']) {
    const answer = await upload(pdf(3000), randomUUID(), { 'content-type': type });
    assert.deepEqual([answer.status, answer.body.code], [415, 'unsupported_type'], type);
  }
});

test('what a 201 created can be read at its Location', async () => {
  const stored = await upload(pdf(3000), randomUUID());
  const attachment = await here.client.expect(200, 'GET', stored.headers.location);
  assert.deepEqual(attachment.body, stored.body);
  const made = await here.client.expect(201, 'POST', '/api/v1/tokens', { body: token() });
  const shown = await here.client.expect(200, 'GET', made.headers.location);
  assert.deepEqual([shown.body.token_id, shown.body.name], [made.body.token_id, 'again']);
  assert.ok(!shown.text.includes(made.body.secret));
});

test('a token requested again with its key is made once, and its secret is not repeated; a different body is refused', async () => {
  const key = randomUUID(), body = token();
  const first = await here.client.expect(201, 'POST', '/api/v1/tokens', { body, key });
  const again = await here.client.expect(201, 'POST', '/api/v1/tokens', { body, key });
  assert.deepEqual([again.body.token_id, again.headers['idempotency-replayed'], again.headers.location], [first.body.token_id, 'true', first.headers.location]);
  assert.ok(!again.text.includes(first.body.secret), 'the secret is shown once');
  const other = await here.client.expect(422, 'POST', '/api/v1/tokens', { body: { ...body, name: 'another' }, key });
  assert.equal(other.body.code, 'idempotency_key_reused');
});

test('a refused file leaves its key free', async () => {
  const key = randomUUID();
  assert.equal((await upload(Buffer.from('no PDF at all'), key)).status, 415);
  assert.equal((await upload(pdf(3000), key)).status, 201);
});

test('an empty, blank, or odd key is refused where a key matters', async () => {
  for (const key of ['', ' ', 'two words', 'x'.repeat(101)]) {
    const answer = await upload(pdf(3000), key);
    assert.deepEqual([answer.status, answer.body.code], [400, 'idempotency_key'], JSON.stringify(key));
  }
  const twice = await upload(pdf(3000), ['one', 'two']); // two headers
  assert.deepEqual([twice.status, twice.body.code], [400, 'idempotency_key']);
  assert.equal((await search({}, { 'idempotency-key': '' })).status, 200);
});

test('the answer for one thing has an ETag, and asking again with it gets 304', async () => {
  const client = await logIn(makeUser());
  const first = await client.expect(200, 'GET', '/api/v1/profile');
  assert.match(first.headers.etag, /^"[0-9]+"$/);
  const again = await raw('GET', '/api/v1/profile', { cookie: client.cookie, 'if-none-match': first.headers.etag });
  assert.deepEqual([again.status, again.text, again.headers.etag], [304, '', first.headers.etag]);
  const rules = await raw('GET', `/api/v1/provider-accounts/${here.account.provider_account_id}`, cookie);
  assert.match(rules.headers.etag, /^"[0-9a-f]{32}"$|^"[0-9]+"$/);
  assert.equal((await raw('GET', `/api/v1/provider-accounts/${here.account.provider_account_id}`, { ...cookie, 'if-none-match': `"x", W/${rules.headers.etag}` })).status, 304);
});
