// Edge cases that simpler examples do not reach: the last day of a range, a case that is taken, a coverage that has ended,
// another file of the same name and length.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { makeBeneficiary, makeClaim, pdf } from '../support/claims.mjs';
import { analyst, enter, office, password, request, upload } from '../support/client.mjs';
import { day, demo, sql } from '../support/instance.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

let desk, here;
before(async () => {
  desk = await analyst();
  here = await office();
});

test('a range includes its first and its last day', async () => {
  const { remittance_id } = makeClaim(here.account, { days: 12 });
  const { body } = await here.client.expect(200, 'GET', `${here.path}/remittances?from=${day(-12)}&to=${day(-12)}`);
  assert.deepEqual(body.items.map((item) => item.remittance_id), [remittance_id]);
});

test('a case that is taken stays in the queue until it is decided', async () => {
  const claim = makeClaim(here.account);
  const { body: { appeal_id } } = await here.client.expect(201, 'POST', `${here.path}/redeterminations`, { body: request(claim) });
  sql(`UPDATE connex.appeal SET decision_due_on = '1999-01-01' WHERE appeal_id = :'id'::bigint;`, { id: appeal_id });
  const first = async () => (await desk.expect(200, 'GET', '/api/v1/desk/redeterminations?limit=1')).body.items[0].appeal_id;
  assert.equal(await first(), appeal_id);
  await desk.expect(200, 'POST', `/api/v1/desk/redeterminations/${appeal_id}/taking`, { ifMatch: 1 });
  assert.equal(await first(), appeal_id);
  await desk.expect(200, 'POST', `/api/v1/desk/redeterminations/${appeal_id}/decision`, { body: { outcome: 'unfavorable', rationale: 'As before.' }, ifMatch: 2 });
  assert.notEqual(await first(), appeal_id);
});

test('a coverage that has ended is shown as ended', async () => {
  const person = makeBeneficiary({ coverage: [['medicare_advantage', day(-400), day(-100), { payer_name: 'Past Plan', payer_id: 'H1' }]] });
  const { body } = await here.client.expect(200, 'POST', `${here.path}/eligibility-lookups`, { body: { mbi: person.mbi, last_name: person.last_name, first_name: person.first_name, birth_on: person.birth_on } });
  assert.deepEqual(Object.fromEntries(body.coverage.map(({ kind, active }) => [kind, active])), { part_a: true, part_b: true, medicare_advantage: false });
});

test('another file under a used Idempotency-Key is refused, even with the same name and length', async () => {
  const key = { 'idempotency-key': `edges-${randomUUID()}` };
  const first = await upload(here.client, here.path, pdf(0, 'evidence A'), 'note.pdf', key);
  assert.equal(first.status, 201, first.text);
  const again = await upload(here.client, here.path, pdf(0, 'evidence A'), 'note.pdf', key);
  assert.deepEqual([again.status, again.body.attachment_id], [201, first.body.attachment_id]);
  const other = await upload(here.client, here.path, pdf(0, 'evidence B'), 'note.pdf', key);
  assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused']);
});

test('MFA-01: a session with only the password is not told any function, provider account, or right', async () => {
  const user = makeUser();
  grantAccess(user, makeProviderAccount(), { lso: true });
  const half = (await (await password(user)).expect(200, 'GET', '/api/v1/session')).body;
  assert.deepEqual([half.next, half.functions, half.is_lso, half.provider_account], ['security_code', [], false, null]);
  const whole = (await enter(user).expect(200, 'GET', '/api/v1/session')).body;
  assert.deepEqual([whole.next, whole.functions.length, whole.is_lso], ['home', 4, true]);
});

test('connex load refuses a file whose header has a column twice', () => {
  const done = spawnSync(join(process.env.CONNEX_BIN, 'connex'), ['load', 'provider-accounts', '-'], { input: 'phone,phone\n1,2\n', encoding: 'utf8',
    env: { ...process.env, CONNEX_DB: `host=${demo.pg.host} port=${demo.pg.port} dbname=${demo.pg.dbname} user=connex_loader` } });
  assert.notEqual(done.status, 0);
  assert.match(done.stdout, /phone.*twice/, done.stdout + done.stderr);
});

test('the practice address and the billing address are kept apart', async () => {
  const { body } = await here.client.expect(200, 'GET', here.path);
  assert.deepEqual([body.physical_address.street, body.billing_address.street], ['12 Mill Lane', here.account.billing_street]);
});

test('what cannot be seen in a loaded name comes out as a sign, in JSON and in CSV', async () => {
  const claim = makeClaim(here.account);
  sql(`UPDATE connex.claim SET patient_last_name = 'A\tB' || U&'\\200B\\00AD\\180E\\FEFF\\202E' || 'C', patient_first_name = 'D' WHERE claim_id = :'id'::bigint;`, { id: claim.claim_id });
  const shown = 'A\u2409B\ufffd\ufffd\ufffd\ufffd\ufffdC, D';
  const page = await here.client.expect(200, 'GET', `${here.path}/claims/${claim.claim_id}`);
  assert.ok(page.text.includes('A\u2409B\ufffd\ufffd\ufffd\ufffd\ufffdC'), page.text);
  const list = { body: { mbi: claim.mbi } };
  assert.equal((await here.client.expect(200, 'POST', `${here.path}/claim-searches`, list)).body.items[0].patient_name, shown);
  assert.ok((await here.client.expect(200, 'POST', `${here.path}/claim-searches`, { ...list, accept: 'text/csv' })).text.includes(shown));
});
