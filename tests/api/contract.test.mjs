// Provokes, for every operation of the contract, each refusal that follows from the contract alone, and checks its status
// and code. Refusals that depend on an area's rules are tested in that area's file.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { makeClaim, pdf } from '../support/claims.mjs';
import { analyst, Client, enter, office, password, request, upload } from '../support/client.mjs';
import { holdAgainstContract, operations, schemaOf } from '../support/contract.mjs';
import { send } from '../support/http.mjs';
import { one, sql } from '../support/instance.mjs';
import { grantAccess, makeProviderAccount, makeToken, makeUser, newCsn } from '../support/people.mjs';

const here = await office();
const claim = makeClaim(here.account);
const officerUser = makeUser();
const access_id = grantAccess(officerUser, here.account, { lso: true });
const officer = enter(officerUser), staff = analyst();
const stranger = await office();
const script = (functions, user = here.user) => Object.assign(new Client(), { token: makeToken(user, functions) });
/** A token with all functions and, for each function, a token without it. */
const wide = script(['provider_profile', 'claims', 'eligibility', 'financials']);
const narrow = { provider_profile: script(['claims']) };
for (const right of ['claims', 'eligibility', 'financials']) narrow[right] = script(['provider_profile']);
/** Sessions that still have a step to complete. */
const unverified = await password(makeUser({ verified: false }));
const halfway = await password(makeUser());
const expiredUser = makeUser();
const expired = enter(expiredUser);
sql(`UPDATE connex.credential SET changed_at = connex.now() - interval '100 days' WHERE user_account_id = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'id');`, { id: expiredUser.user_id });
const noFunctions = await office([]);

const ids = { provider_account_id: here.account.provider_account_id, claim_id: claim.claim_id, access_id, remittance_id: claim.remittance_id };
/** One thing of each kind that a person of this office can read, for the reads that succeed. */
const things = { ...ids, access_id: one(`SELECT a.access_id::text FROM connex.access a JOIN connex.user_account u USING (user_account_id) WHERE u.user_id = :'id'`, { id: here.user.user_id }).access_id };
const url = ({ path }, more = {}) => path.replace(/\{(\w+)\}/g, (_, name) => more[name] ?? ids[name] ?? '999999999999');
const hasBody = ({ requestBody }) => Boolean(requestBody?.content['application/json']);
const takesBody = (operation) => hasBody(operation) || Boolean(operation['x-stream']);
const owner = ({ 'x-right': right }) => ({ none: new Client(), step: enter(makeUser()), lso: officer, analyst: staff }[right] ?? here.client);
/** What else an operation needs, so that it is not refused for another reason. */
const needs = (operation) => ({ ...(operation['x-if-match'] ? { ifMatch: 1 } : {}),
  ...(hasBody(operation) ? { body: {} } : operation['x-stream'] ? { raw: pdf(), headers: { 'content-type': 'application/pdf', 'content-disposition': 'attachment; filename="a.pdf"' } } : {}) });

async function refuses(operation, status, code, { client = owner(operation), ...options } = {}, more = {}) {
  const answer = await client.request(operation.method, url(operation, more), { ...needs(operation), ...options });
  assert.deepEqual([answer.status, answer.body?.code], [status, code], `${operation.operationId}: ${answer.text.slice(0, 300)}`);
  const listed = operation.responses[status]?.content['application/problem+json'].examples;
  assert.ok(listed?.[code], `${operation.operationId}: ${status} ${code} is in the contract`);
  return answer;
}
/** One test for a rule, with all operations that it applies to. */
const each = (name, fits, act) => test(name, async () => {
  const some = operations.filter(fits);
  assert.ok(some.length > 0);
  for (const operation of some) await act(operation);
});
const right = (...names) => ({ 'x-right': one }) => names.includes(one);
const functions = right('provider_profile', 'claims', 'eligibility', 'financials');

describe('who may call', () => {
  const closed = ({ 'x-right': one }) => one !== 'none';
  each('nobody', closed, (operation) => refuses(operation, 401, 'log_in', { client: new Client() }));
  each('a bad token', closed, (operation) => refuses(operation, 401, 'invalid_token', { client: Object.assign(new Client(), { token: `cnx_${'A'.repeat(49)}` }) }));
  each('a token where a person is asked for', right('step', 'person', 'lso', 'analyst'), (operation) => refuses(operation, 403, 'not_by_token', { client: wide, ...valid(operation) }));
  const complete = ({ 'x-right': one }) => !['none', 'step'].includes(one);
  each('a session whose e-mail is not verified', complete, (operation) => refuses(operation, 403, 'verify_email', { client: unverified, ...valid(operation) }));
  each('a session without its code', complete, (operation) => refuses(operation, 403, 'security_code', { client: halfway, ...valid(operation) }));
  each('a session whose password has expired', complete, (operation) => refuses(operation, 403, 'change_password', { client: expired, ...valid(operation) }));
  each('a person without the function', functions, (operation) =>
    refuses(operation, 403, 'no_access', { client: noFunctions.client, ...valid(operation) }, { provider_account_id: noFunctions.account.provider_account_id }));
  each("another office's provider account", functions, (operation) => refuses(operation, 404, 'not_found', { client: stranger.client, ...valid(operation) }));
  each('a provider account that nobody has', functions, (operation) => refuses(operation, 404, 'not_found', { client: stranger.client, ...valid(operation) }, { provider_account_id: '999999999' }));
  each('a token that was not made for it', functions, (operation) => refuses(operation, 403, 'not_by_this_token', { client: narrow[operation['x-right']], ...valid(operation) }));
  each('a person who is not an officer', right('lso'), (operation) => refuses(operation, 403, 'not_lso', { client: here.client, ...valid(operation) }));
  each('a person who is not an analyst', right('analyst'), (operation) => refuses(operation, 403, 'not_analyst', { client: here.client, ...valid(operation) }));
});

/** A valid body, because some credentials are checked only after the body. */
function valid(operation) {
  const bodies = {
    session_email_code: {}, session_email_verify: { code: '123456' }, session_security_code: { method: 'email' }, session_security_verify: { code: '123456' },
    profile_update: {}, profile_password: { current_password: 'x', password: 'a long enough passphrase', password_again: 'a long enough passphrase' },
    profile_provider_account: { provider_account_id: ids.provider_account_id }, provider_account_search: {},
    access_request: { lso: false, npi: here.account.npi, ptan: here.account.ptan, tin_last5: here.account.tin_last5, line_of_business: 'part_b', state: 'ME', functions: ['claims'] },
    access_activate: { access_code: 'AAAABBBBCCCC' }, access_managed_search: {}, access_managed_decide: { decision: 'decline', comment: 'no' }, access_desk_decide: { decision: 'decline', comment: 'no' },
    token_create: { name: 'x', functions: ['claims'], provider_account_ids: [ids.provider_account_id], expires_on: one('SELECT connex.today() + 5 AS day').day },
    eligibility_lookup: { mbi: claim.mbi, last_name: 'A', first_name: 'B', birth_on: '1950-01-01' }, claim_search: {},
    appeal_file: { claim_id: ids.claim_id, requester_name: 'A', requester_phone: '2075550123', reason: 'because' }, desk_decide: { outcome: 'unfavorable', rationale: 'because' },
  };
  if (!hasBody(operation)) return {};
  return { body: bodies[operation.operationId] ?? assert.fail(`tests/api/contract.test.mjs: a body for ${operation.operationId} in valid()`) };
}
const bodyOf = (operationId) => valid(operations.find((operation) => operation.operationId === operationId)).body;

describe('the request itself', () => {
  each('a body where none is accepted', (operation) => !takesBody(operation), (operation) => refuses(operation, 400, 'body_not_allowed', { body: {} }));
  each('another content type', takesBody, (operation) => refuses(operation, 415, 'unsupported_type', { raw: '{}', body: undefined, headers: { ...needs(operation).headers, 'content-type': 'text/plain' } }));
  each('a compressed body', takesBody, (operation) => refuses(operation, 415, 'content_encoding', { headers: { ...needs(operation).headers, 'content-encoding': 'gzip' } }));
  each('a byte order mark', hasBody, (operation) => refuses(operation, 400, 'byte_order_mark', { raw: '\ufeff{}', body: undefined }));
  each('a body that is not JSON', hasBody, (operation) => refuses(operation, 400, 'not_json', { raw: '{', body: undefined }));
  each('unknown members', hasBody, async (operation) => {
    const answer = await refuses(operation, 422, 'fields', { body: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i])) });
    assert.equal(answer.body.errors.length, 20);
    assert.match(answer.body.detail, /and \d+ more/);
    assert.ok(answer.text.length < 6000);
  });
  each('an unknown query', (operation) => !hasBody(operation), (operation) => refuses({ ...operation, path: `${operation.path}?nothing=1` }, 422, 'fields'));
  each('another Accept', () => true, (operation) => refuses(operation, 406, 'not_acceptable', { accept: 'application/xml' }));
  each('another site', ({ method }) => method !== 'GET', (operation) => refuses(operation, 403, 'cross_site', { headers: { ...needs(operation).headers, origin: 'https://evil.example' } }));
  each('an id that is not a positive integer', ({ path }) => path.includes('{'), (operation) => refuses(operation, 404, 'not_found', {}, Object.fromEntries([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, '0']))));
});

describe('headers with a meaning', () => {
  const ifMatch = (operation) => operation['x-if-match'], keyed = (operation) => operation['x-idempotency-key'];
  each('If-Match missing', ifMatch, (operation) => refuses(operation, 428, 'if_match_required', { ifMatch: undefined }));
  each('If-Match that is not an ETag', ifMatch, (operation) => refuses(operation, 400, 'if_match', { ifMatch: undefined, headers: { 'if-match': 'x' } }));
  each('an Idempotency-Key that is blank, too long, or has a blank', keyed, async (operation) => {
    for (const key of ['', ' ', 'a b', 'k'.repeat(101)]) await refuses(operation, 400, 'idempotency_key', { headers: { ...needs(operation).headers, 'idempotency-key': key } });
  });
  each('OPTIONS lists the methods of a path', () => true, async (operation) => {
    const answer = await new Client().request('OPTIONS', url(operation));
    assert.equal(answer.status, 204, operation.path);
    assert.ok(answer.headers.allow.split(', ').includes(operation.method), operation.path);
  });
});

describe('what is shown has an ETag', () => {
  before(async () => {
    const made = async (answer) => { assert.equal((await answer).status, 201, (await answer).text); return (await answer).body; };
    things.attachment_id = (await made(upload(here.client, here.path, pdf(0, 'seen again')))).attachment_id;
    things.appeal_id = (await made(here.client.post(`${here.path}/redeterminations`, request(claim, { attachment_ids: [things.attachment_id] })))).appeal_id;
    things.token_id = (await made(here.client.post('/api/v1/tokens', bodyOf('token_create')))).token_id;
  });
  const reads = ({ responses }) => responses[304];
  each('a read that is repeated with If-None-Match gets 304', reads, async (operation) => {
    const client = owner(operation), first = await client.expect(200, 'GET', url(operation, things));
    const again = await client.expect(304, 'GET', url(operation, things), { headers: { 'if-none-match': first.headers.etag } });
    assert.deepEqual([again.text, again.headers.etag], ['', first.headers.etag], operation.operationId);
    await client.expect(200, 'GET', url(operation, things), { headers: { 'if-none-match': '"0"' } });
  });
  test('every GET of one JSON thing and of one PDF lists it, and no list does', () => {
    for (const { operationId, method, parameters = [], responses } of operations.filter(({ method, responses: { 200: shown } }) => method === 'GET' && shown)) {
      const { 'application/json': json, 'text/plain': text } = responses[200].content;
      const expected = !text && !(json && 'next' in (schemaOf(json.schema.$ref.split('/').pop()).properties) && operationId.endsWith('_list'));
      assert.deepEqual([Boolean(responses[304]), Boolean(responses[200].headers?.ETag), parameters.some(({ name }) => name === 'If-None-Match')], [expected, expected, expected], `${method} ${operationId}`);
    }
  });
  test('what was made has the ETag that its own address gives; a repeated answer has none', async () => {
    const other = makeClaim(here.account), joined = makeProviderAccount({ csn: newCsn() });
    grantAccess(makeUser(), joined, { lso: true });
    const made = {
      appeal_file: (key) => here.client.post(`${here.path}/redeterminations`, request(other), { key }),
      attachment_create: (key) => upload(here.client, here.path, pdf(0, 'made'), 'made.pdf', { 'idempotency-key': key }),
      token_create: (key) => here.client.post('/api/v1/tokens', bodyOf('token_create'), { key }),
      access_request: (key) => here.client.post('/api/v1/access', { ...bodyOf('access_request'), npi: joined.npi, ptan: joined.ptan, tin_last5: joined.tin_last5, csn: joined.csn }, { key }),
    };
    assert.deepEqual(Object.keys(made).sort(), operations.filter(({ responses }) => responses[201]?.headers.ETag).map(({ operationId }) => operationId).sort());
    for (const [name, make] of Object.entries(made)) {
      const key = `etag-${name}-${Date.now()}`, answer = await make(key);
      assert.equal(answer.status, 201, `${name}: ${answer.text}`);
      assert.equal((await here.client.expect(304, 'GET', answer.headers.location, { headers: { 'if-none-match': answer.headers.etag } })).headers.etag, answer.headers.etag, name);
      const again = await make(key);
      assert.deepEqual([again.status, again.headers['idempotency-replayed'], again.headers.etag], [201, 'true', undefined], name);
    }
  });
});

/** Sends a body without its length, or one that is larger than allowed. */
async function bare(operation, client, headers, write) {
  const path = url(operation);
  const answer = await send(operation.method, path, { headers: { ...(client.cookie ? { cookie: client.cookie } : {}), ...headers }, write });
  holdAgainstContract(operation.method, path, answer);
  return answer;
}
describe('lengths', () => {
  each('a body without a length', takesBody, async (operation) => {
    const answer = await bare(operation, owner(operation), { 'content-type': operation['x-stream'] ?? 'application/json', ...(operation['x-if-match'] ? { 'if-match': '"1"' } : {}) }, (request) => { request.useChunkedEncodingByDefault = false; request.removeHeader('transfer-encoding'); request.end(); });
    assert.deepEqual([answer.status, answer.body.code], [411, 'length_required'], operation.operationId);
  });
  each('a body that is too large is refused by nginx, without being read', hasBody, async (operation) => {
    const answer = await bare(operation, owner(operation), { 'content-type': 'application/json', 'content-length': 2 << 20 }, (request) => { request.on('error', () => {}); request.flushHeaders(); });
    assert.deepEqual([answer.status, answer.body.code], [413, 'body_too_large'], operation.operationId);
  });
});
