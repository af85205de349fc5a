// Refusals and answers that the contract lists and no story of an area meets: each is met here once.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { makeClaim, makeDeniedClaim, pdf } from '../support/claims.mjs';
import { enter, faults, office, password, request, upload } from '../support/client.mjs';
import { day, one, sql, withSetting } from '../support/instance.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

const refused = async (status, code, answer) => {
  const got = await answer;
  assert.deepEqual([got.status, got.body?.code], [status, code], got.text);
};

test('an LSO decides what is requested, and modifies what is approved', async () => {
  const [account, officer, person] = [makeProviderAccount(), makeUser(), makeUser()];
  grantAccess(officer, account, { lso: true });
  const access_id = grantAccess(person, account, { functions: ['claims'] });
  const lso = enter(officer);
  const decide = (body) => {
    const { version } = one(`SELECT version FROM connex.access WHERE access_id = :'access_id'::bigint`, { access_id });
    return lso.request('POST', `/api/v1/user-management/access/${access_id}/decision`, { body, ifMatch: version });
  };
  await refused(409, 'not_requested', decide({ decision: 'approve' }));
  assert.equal((await decide({ decision: 'remove' })).status, 200);
  await refused(409, 'not_approved', decide({ decision: 'remove' }));
});

test('a redetermination that was decided, and a decision that was taken back, are not appealed again', async () => {
  const here = await office();
  const file = (claim, more) => here.client.post(`${here.path}/redeterminations`, request(claim, more), { key: randomUUID() });
  const claim = makeDeniedClaim(here.account);
  const filed = await file(claim);
  assert.equal(filed.status, 201, filed.text);
  sql(`UPDATE connex.appeal SET status = 'decided', outcome = 'unfavorable', rationale = 'Not necessary.', decided_at = connex.now() WHERE appeal_id = :'id'::bigint;`, { id: filed.body.appeal_id });
  await refused(409, 'already_decided', file(claim));
  await refused(409, 'reversed', file(makeClaim(here.account, { status: 'reversed' })));
});

test('more attachments than an appeal may have are refused by name', async () => {
  const here = await office();
  const ids = [];
  for (const words of ['first', 'second']) ids.push((await upload(here.client, here.path, pdf(0, words))).body.attachment_id);
  await withSetting('attachments_per_appeal', '1', async () => {
    const answer = await here.client.post(`${here.path}/redeterminations`, request(makeDeniedClaim(here.account), { attachment_ids: ids }), { key: randomUUID() });
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(faults(answer), { attachment_ids: 'too_many' });
  });
});

test('an attachment and a token are read at the Location that made them, and never show what is secret', async () => {
  const here = await office();
  const key = randomUUID();
  const stored = await upload(here.client, here.path, pdf(), 'note.pdf', { 'idempotency-key': key });
  const location = stored.headers.location;
  const read = await here.client.expect(200, 'GET', location);
  assert.deepEqual(read.body, stored.body);
  assert.ok(read.headers.etag);
  await refused(422, 'idempotency_key_reused', upload(here.client, here.path, pdf(0, 'another'), 'note.pdf', { 'idempotency-key': key }));

  const body = { name: 'Nightly', functions: ['claims'], provider_account_ids: [here.account.provider_account_id], expires_on: day(30) };
  const make = (more) => here.client.post('/api/v1/tokens', { ...body, ...more }, { key });
  const made = await make();
  assert.equal(made.status, 201, made.text);
  const token = await here.client.expect(200, 'GET', made.headers.location);
  assert.equal(token.body.token_id, made.body.token_id);
  assert.equal(token.text.includes(made.body.secret), false);
  assert.ok(token.headers.etag);
  const again = await make();
  assert.deepEqual([again.status, again.body.token_id, again.body.secret], [201, made.body.token_id, null], 'the answer is kept without the secret');
  await refused(422, 'idempotency_key_reused', make({ name: 'Weekly' }));
  await (await office()).client.expect(404, 'GET', made.headers.location);
});

test('codes for an e-mail address: a few in an hour, none once it is verified, and no security code before', async () => {
  const client = await password(makeUser({ verified: false }));
  await refused(403, 'verify_email', client.post('/api/v1/session/security-code-verification', { code: '123456' }));
  const send = () => client.post('/api/v1/session/email-code', {});
  await withSetting('security_codes_per_hour', '2', async () => {
    for (const n of [1, 2]) assert.equal((await send()).status, 202, `code ${n}`);
    await refused(429, 'too_many_codes', send());
  });
  await refused(409, 'email_verified', (await password(makeUser())).post('/api/v1/session/email-verification', { code: '123456' }));
});
