// The contractor's desk: queue, one case, taking, deciding; the office sees the decision and gets mail.
// Operations: desk_list, desk_get, desk_take, desk_decide, desk_attachment.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { makeClaim, pdf } from '../support/claims.mjs';
import { analyst, audits, enter, faults, office, request, upload } from '../support/client.mjs';
import { one, sql } from '../support/instance.mjs';
import { mailAfter } from '../support/mail.mjs';
import { makeUser } from '../support/people.mjs';

let desk, here;
before(async () => {
  desk = await analyst();
  here = await office();
});
const path = '/api/v1/desk/redeterminations';
async function filed(at = here, more = {}) {
  const claim = makeClaim(at.account);
  const { body } = await at.client.expect(201, 'POST', `${at.path}/redeterminations`, { body: request(claim, more) });
  return { ...body, claim };
}
const open = async (id) => (await desk.expect(200, 'GET', `${path}/${id}`)).body;

test('the queue shows open cases, the earliest due date first, and pages without gaps', async () => {
  const made = [];
  for (let i = 0; i < 3; i++) made.push((await filed()).appeal_id);
  sql(`UPDATE connex.appeal SET decision_due_on = '1999-01-01'::date + (appeal_id % 3)::integer WHERE appeal_id = ANY (:'ids'::bigint[]);`, { ids: `{${made}}` });
  const first = (await desk.expect(200, 'GET', `${path}?limit=2`)).body;
  assert.equal(first.items.length, 2);
  const rest = (await desk.expect(200, 'GET', `${path}?limit=2&after=${first.next}`)).body;
  const seen = [...first.items, ...rest.items].slice(0, 3);
  assert.deepEqual(seen.map(({ appeal_id }) => appeal_id).sort(), [...made].sort());
  assert.deepEqual(seen.map(({ decision_due_on }) => decision_due_on), ['1999-01-01', '1999-01-02', '1999-01-03']);
  assert.ok(seen.every(({ days_left, npi, amount }) => days_left < 0 && npi === here.account.npi && amount === '100.00'));
  assert.match((await desk.expect(200, 'GET', path, { accept: 'text/csv' })).text, /confirmation_no/);
  sql(`UPDATE connex.appeal SET decision_due_on = connex.today() + 60 WHERE appeal_id = ANY (:'ids'::bigint[]);`, { ids: `{${made}}` });
});

test('a case is one page: request, claim, documents; a document downloads as it was sent; both are audited', async () => {
  const bytes = pdf(1200000, 'the notes');
  const evidence = (await upload(here.client, here.path, bytes, 'notes «1».pdf')).body;
  const made = await filed(here, { attachment_ids: [evidence.attachment_id] });
  const shown = await open(made.appeal_id);
  assert.deepEqual(shown.claim, (await here.client.get(`${here.path}/claims/${made.claim.claim_id}`)).body, 'the claim, as the office sees it');
  assert.equal(shown.provider_account.npi, here.account.npi);
  assert.deepEqual([shown.days_left, shown.assigned_to, shown.version], [60, null, 1]);
  assert.equal(audits('desk_view', made.appeal_id), 1);
  const answer = await desk.expect(200, 'GET', `${path}/${made.appeal_id}/attachments/${evidence.attachment_id}`);
  assert.deepEqual(answer.buffer, bytes);
  assert.match(answer.headers['content-disposition'], /^attachment; filename="notes/);
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.equal(audits('desk_attachment', evidence.attachment_id), 1);
  const other = await filed();
  await desk.expect(404, 'GET', `${path}/${other.appeal_id}/attachments/${evidence.attachment_id}`);
});

/** The workers' process ids. */
const workers = () => {
  const parent = readFileSync(join(dirname(process.env.CONNEX_DEMO), 'run/connex-fcgi.pid'), 'utf8').trim();
  return readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ');
};
const memory = (pid, what) => Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

test('a large document passes through the worker piece by piece: its memory does not grow with the file', async () => {
  const bytes = pdf(30 * 1024 * 1024 + 7, 'the scan');
  const evidence = (await upload(here.client, here.path, bytes)).body;
  const made = await filed(here, { attachment_ids: [evidence.attachment_id] });
  const before = workers().map((pid) => {
    writeFileSync(`/proc/${pid}/clear_refs`, '5'); // resets VmHWM
    return [pid, memory(pid, 'VmRSS')];
  });
  for (let i = 0; i < 3; i++) {
    const { buffer, headers } = await desk.expect(200, 'GET', `${path}/${made.appeal_id}/attachments/${evidence.attachment_id}`);
    assert.equal(headers['content-length'], evidence.bytes);
    assert.equal(createHash('sha256').update(buffer).digest('hex'), evidence.sha256);
  }
  assert.equal(audits('desk_attachment', evidence.attachment_id), 3);
  // The sanitizer keeps freed memory, so with it only the arena's limit in tests/unit/gate_test.c checks the memory.
  if (/libasan/.test(readFileSync(`/proc/${before[0][0]}/maps`, 'utf8'))) return;
  for (const [pid, megabytes] of before) assert.ok(memory(pid, 'VmHWM') - megabytes < 10, `worker ${pid}: ${megabytes} MB, then ${memory(pid, 'VmHWM')} MB at most`);
});

test('a document that cannot be read to its end breaks off, and is never mistaken for a whole one', async () => {
  const evidence = (await upload(here.client, here.path, pdf(4 * 1024 * 1024))).body;
  const made = await filed(here, { attachment_ids: [evidence.attachment_id] });
  sql(`DELETE FROM connex.attachment_piece WHERE attachment_id = :'id'::bigint AND piece_no = 5;`, { id: evidence.attachment_id });
  await assert.rejects(desk.request('GET', `${path}/${made.appeal_id}/attachments/${evidence.attachment_id}`), { code: 'ECONNRESET' });
  assert.equal(audits('desk_attachment', evidence.attachment_id), 1, 'a person who saw a part of it is in the audit trail');
  await open(made.appeal_id);
});

test('taking and deciding: the office sees the decision, as the contractor\'s and not an analyst\'s, and gets mail', async () => {
  const made = await filed();
  const taken = await desk.expect(200, 'POST', `${path}/${made.appeal_id}/taking`, { ifMatch: 1 });
  assert.deepEqual([taken.body.appeal.status, taken.body.version, taken.headers.etag], ['in_review', 2, '"2"']);
  assert.ok(taken.body.assigned_to);
  let decided;
  const mail = await mailAfter(here.user.email, /decision/i, async () => {
    decided = await desk.expect(200, 'POST', `${path}/${made.appeal_id}/decision`, { body: { outcome: 'partially_favorable', rationale: 'Line 1 is covered.\nThe rest is not.' }, ifMatch: 2 });
  });
  assert.ok(mail.text.includes(made.confirmation_no) && !mail.text.includes(made.claim.mbi));
  assert.deepEqual([decided.body.appeal.status, decided.body.appeal.outcome, decided.body.version], ['decided', 'partially_favorable', 3]);
  const seen = (await here.client.expect(200, 'GET', `${here.path}/redeterminations/${made.appeal_id}`)).body;
  assert.equal(seen.rationale, 'Line 1 is covered.\nThe rest is not.');
  assert.ok(seen.decided_at);
  assert.deepEqual(seen.events.map(({ action }) => action), ['filed', 'taken', 'decided']);
  assert.notEqual(seen.events[1].by, taken.body.assigned_to, 'an office is not told an analyst\'s name');
  assert.equal(audits('desk_decide', made.appeal_id), 1);
  const claim = (await here.client.get(`${here.path}/claims/${made.claim.claim_id}`)).body;
  assert.deepEqual(claim.possible_actions.map(({ action }) => action), ['view_redetermination', 'redetermination', 'reconsideration']);
  assert.equal(claim.possible_actions[2].days_left, 185);
  await desk.expect(409, 'POST', `${path}/${made.appeal_id}/decision`, { body: { outcome: 'unfavorable', rationale: 'Again.' }, ifMatch: 3 });
  await desk.expect(409, 'POST', `${path}/${made.appeal_id}/taking`, { ifMatch: 3 });
});

test('two analysts at one case: the one who read an older version is told so (412), and one decision stands', async () => {
  const made = await filed();
  await desk.expect(200, 'POST', `${path}/${made.appeal_id}/taking`, { ifMatch: 1 });
  await desk.expect(412, 'POST', `${path}/${made.appeal_id}/taking`, { ifMatch: 1 });
  await desk.expect(412, 'POST', `${path}/${made.appeal_id}/decision`, { body: { outcome: 'unfavorable', rationale: 'Old.' }, ifMatch: 1 });
  const second = await enter(makeUser({ kind: 'analyst' }));
  const answers = await Promise.all([desk, second].map((one, i) => one.request('POST', `${path}/${made.appeal_id}/decision`, { body: { outcome: i ? 'unfavorable' : 'fully_favorable', rationale: `By ${i}.` }, ifMatch: 2 })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 412]);
  assert.equal(one(`SELECT count(*)::int AS n FROM connex.appeal_event WHERE appeal_id = :'id' AND action = 'decided'`, { id: made.appeal_id }).n, 1);
});

test('the mail goes to the Local Security Officers when the filer has lost access', async () => {
  const at = await office();
  const lso = makeUser();
  sql(`INSERT INTO connex.access (user_account_id, provider_account_id, status, lso, functions) SELECT user_account_id, :'account'::bigint, 'approved', true, '{claims}' FROM connex.user_account WHERE user_id = :'id';`,
    { account: at.account.provider_account_id, id: lso.user_id });
  const made = await filed(at);
  sql(`UPDATE connex.access SET status = 'removed', functions = '{}', lso = false WHERE provider_account_id = :'account'::bigint AND NOT lso;`, { account: at.account.provider_account_id });
  await mailAfter(lso.email, new RegExp(made.confirmation_no), () => desk.expect(200, 'POST', `${path}/${made.appeal_id}/decision`, { body: { outcome: 'dismissed', rationale: 'Not a proper party.' }, ifMatch: 1 }));
  assert.equal((await open(made.appeal_id)).appeal.status, 'dismissed');
});

test('bad input: outcomes, grounds, versions, and ids; and nobody but an analyst may use the desk', async () => {
  const made = await filed();
  const decide = (body, ifMatch = 1) => desk.request('POST', `${path}/${made.appeal_id}/decision`, { body, ifMatch });
  assert.deepEqual(faults(await decide({ outcome: 'maybe', rationale: '' })), { outcome: 'not_a_choice', rationale: 'required' });
  assert.deepEqual(Object.keys(faults(await decide({ outcome: 'unfavorable' }))), ['rationale']);
  assert.deepEqual(Object.keys(faults(await decide({ outcome: 'unfavorable', rationale: 'x'.repeat(8001) }))), ['rationale']);
  assert.equal((await desk.request('POST', `${path}/${made.appeal_id}/decision`, { body: { outcome: 'unfavorable', rationale: 'x' } })).status, 428);
  assert.equal((await desk.request('POST', `${path}/${made.appeal_id}/taking`, { headers: { 'if-match': '*' } })).status, 400);
  assert.equal((await decide({ outcome: 'unfavorable', rationale: 'x' }, 99999999999)).body.code, 'stale');
  await desk.expect(404, 'GET', `${path}/999999999`);
  await desk.expect(404, 'POST', `${path}/999999999/taking`, { ifMatch: 1 });
  assert.deepEqual(Object.keys(faults(await desk.expect(422, 'GET', `${path}?status=open`))), ['status']);
  for (const [method, where, options] of [['GET', path], ['GET', `${path}/${made.appeal_id}`], ['POST', `${path}/${made.appeal_id}/taking`, { ifMatch: 1 }]])
    assert.equal((await here.client.request(method, where, options)).status, 403, where);
  await desk.expect(404, 'GET', `${here.path}/redeterminations/${made.appeal_id}`);
  assert.equal((await open(made.appeal_id)).appeal.status, 'received');
});

test('an analyst of another contractor finds no case, no request, and nothing to do', async () => {
  const made = await filed();
  const asking = makeUser();
  sql(`INSERT INTO connex.access (user_account_id, provider_account_id, status, lso_requested, functions_requested)
    SELECT user_account_id, :'account'::bigint, 'requested', true, '{claims}' FROM connex.user_account WHERE user_id = :'id';`,
  { account: here.account.provider_account_id, id: asking.user_id });
  const { access_id } = one(`SELECT access_id FROM connex.access JOIN connex.user_account USING (user_account_id) WHERE user_id = :'id'`, { id: asking.user_id });
  const foreign = await enter(makeUser({ kind: 'analyst', contractors: '00000' }));
  const requests = '/api/v1/desk/access-requests';
  assert.deepEqual((await foreign.expect(200, 'GET', path)).body.items, []);
  assert.deepEqual((await foreign.expect(200, 'GET', `${path}?status=received`)).body.items, []);
  assert.deepEqual((await foreign.expect(200, 'GET', requests)).body.items, []);
  assert.deepEqual((await foreign.expect(200, 'GET', '/api/v1/home')).body.attention, []);
  await foreign.expect(404, 'GET', `${path}/${made.appeal_id}`);
  await foreign.expect(404, 'POST', `${path}/${made.appeal_id}/taking`, { ifMatch: 1 });
  await foreign.expect(404, 'POST', `${path}/${made.appeal_id}/decision`, { body: { outcome: 'unfavorable', rationale: 'x' }, ifMatch: 1 });
  await foreign.expect(404, 'POST', `${requests}/${access_id}/decision`, { body: { decision: 'approve' }, ifMatch: 1 });
  assert.equal(one(`SELECT status FROM connex.access WHERE access_id = :'id'::bigint`, { id: access_id }).status, 'requested');
  assert.equal((await open(made.appeal_id)).appeal.status, 'received');
  assert.equal((await desk.expect(200, 'GET', `${path}?limit=100`)).body.items.find(({ appeal_id }) => appeal_id === made.appeal_id).contractor_no.length, 5);
});
