// Redeterminations of an office (42 CFR 405.940 ff.): filing, the deadline, one for each claim, the receipt.
// Operations: appeal_file, appeal_list, appeal_get, appeal_receipt.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { before, test } from 'node:test';
import { makeClaim, pdf } from '../support/claims.mjs';
import { audits, faults, office, request, upload } from '../support/client.mjs';
import { day, one, sql, withSetting } from '../support/instance.mjs';
import { mailTo } from '../support/mail.mjs';
import { grantAccess, makeProviderAccount } from '../support/people.mjs';

let here, path;
before(async () => {
  here = await office();
  path = `${here.path}/redeterminations`;
});
const file = (claim, more = {}, options = {}, at = here) => at.client.post(`${at.path}/redeterminations`, request(claim, more), options);
const count = (claim) => one(`SELECT count(*)::int AS n FROM connex.appeal WHERE claim_id = :'id'`, { id: claim.claim_id }).n;

test('filing returns a confirmation number, the deadline, and the date of the decision, and sends mail at once', async () => {
  const claim = makeClaim(here.account, { days: 10, lines: [{ reason: '50', remarks: [] }, { reason: '97', remarks: [] }] });
  const evidence = (await upload(here.client, here.path, pdf())).body;
  const since = new Date(Date.now() - 2000);
  const { status, body } = await file(claim, { line_nos: [2], additional_information: 'See page 1.\nAnd page 2.', attachment_ids: [evidence.attachment_id] });
  assert.equal(status, 201, JSON.stringify(body));
  assert.match(body.confirmation_no, /^R-\d{8}-\d{6,}$/);
  assert.deepEqual([body.status, body.notice_on, body.deadline_on, body.decision_due_on], ['received', day(-10), day(115), day(60)]);
  assert.deepEqual(body.line_nos, [2]);
  assert.equal(body.additional_information, 'See page 1.\nAnd page 2.');
  assert.deepEqual(body.attachments.map(({ sha256 }) => sha256), [evidence.sha256]);
  assert.deepEqual(body.events.map(({ action, by }) => [action, by]), [['filed', 'Testa Person']]);
  assert.equal(audits('appeal_file', body.appeal_id), 1);
  const mail = await mailTo(here.user.email, new RegExp(body.confirmation_no), since);
  assert.ok(!mail.text.includes(claim.mbi) && !mail.text.includes('Testperson'), 'mail names no patient');
  const shown = await here.client.expect(200, 'GET', `${path}/${body.appeal_id}`);
  assert.deepEqual(shown.body, body);
  const after = (await here.client.get(`${here.path}/claims/${claim.claim_id}`)).body;
  assert.equal(after.appeal.confirmation_no, body.confirmation_no);
  assert.deepEqual(after.possible_actions.map(({ action, allowed }) => [action, allowed]), [['view_redetermination', true], ['redetermination', false]]);
});

test('a second filing for the same claim is refused with the first one\'s number', async () => {
  const claim = makeClaim(here.account);
  const first = await file(claim);
  const second = await file(claim);
  assert.equal(second.status, 409);
  assert.equal(second.body.code, 'already_filed');
  assert.ok(second.body.detail.includes(first.body.confirmation_no));
  assert.throws(() => sql(`INSERT INTO connex.appeal (confirmation_no, claim_id, provider_account_id, contractor_no, requester_name, requester_phone, reason, filed_by, notice_on, deadline_on, decision_due_on)
    SELECT 'X', claim_id, provider_account_id, contractor_no, 'x', 'x', 'x', filed_by, notice_on, deadline_on, decision_due_on FROM connex.appeal WHERE appeal_id = :'id';`, { id: first.body.appeal_id }),
  /appeal_one_for_claim/, 'the database itself refuses it, no matter who asks');
});

test('twenty filings at once, with and without an Idempotency-Key, make one case', async () => {
  for (const keyed of [false, true]) {
    const claim = makeClaim(here.account);
    const key = randomUUID();
    const answers = await Promise.all([...Array(20)].map(() => file(claim, {}, keyed ? { key } : {})));
    assert.equal(count(claim), 1);
    const numbers = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.confirmation_no));
    assert.equal(numbers.size, 1);
    assert.equal(answers.filter(({ status }) => status === 201).length, keyed ? 20 : 1, 'the same key gives the same answer again');
    for (const { status, body } of answers) if (status !== 201) assert.deepEqual([status, body.code], [409, 'already_filed']);
    assert.equal(one(`SELECT count(*)::int AS n FROM connex.outbox WHERE subject LIKE '%' || :'no' || '%'`, { no: [...numbers][0] }).n, 1, 'one mail');
  }
});

test('the same Idempotency-Key with a different body is refused', async () => {
  const key = randomUUID();
  const claim = makeClaim(here.account);
  const first = await file(claim, {}, { key });
  assert.equal(first.status, 201);
  assert.equal((await file(claim, { reason: 'Something else.' }, { key })).status, 422);
  const shown = () => one(`SELECT count(*)::int AS n FROM audit.event WHERE action = 'appeal_file' AND user_account_id =
    (SELECT user_account_id FROM connex.user_account WHERE user_id = :'user')`, { user: here.user.user_id }).n;
  const before_again = shown();
  const again = await file(claim, {}, { key });
  assert.equal(again.status, 201);
  assert.deepEqual(again.body, first.body);
  assert.equal(shown(), before_again + 1, 'a repeated answer is audited again');
});

test('the same Idempotency-Key for another provider account is a new request and does not get the first one\'s answer', async () => {
  const other = makeProviderAccount();
  grantAccess(here.user, other);
  const key = randomUUID();
  const claim = makeClaim(here.account);
  assert.equal((await file(claim, {}, { key })).status, 201);
  const there = await file(claim, {}, { key }, { client: here.client, path: `/api/v1/provider-accounts/${other.provider_account_id}` });
  assert.deepEqual([there.status, there.body.code], [404, 'not_found']);
});

test('a late filing needs a reason, which is kept (42 CFR 405.942(b)); one in time does not', async () => {
  const last = makeClaim(here.account, { days: 125 });
  assert.equal((await file(last)).status, 201);
  const late = makeClaim(here.account, { days: 126 });
  const refused = await file(late);
  assert.equal(refused.status, 422);
  assert.deepEqual(faults(refused), { late_reason: 'required' });
  assert.equal(count(late), 0);
  const taken = await file(late, { late_reason: 'Records were destroyed by a flood.' });
  assert.equal(taken.status, 201);
  assert.equal(taken.body.late_reason, 'Records were destroyed by a flood.');
});

test('filing for a claim that does not allow it is refused with the reason', async () => {
  for (const [claim, code] of [[{ status: 'pending' }, 'not_finalized'], [{ status: 'reversed' }, 'reversed'], [{ remarks: ['MA130'] }, 'unprocessable'], [{ lines: [{ reason: '29', remarks: [] }] }, 'untimely']]) {
    const answer = await file(makeClaim(here.account, claim));
    assert.deepEqual([answer.status, answer.body.code], [409, code]);
  }
});

test('a claim whose redetermination is decided cannot have a second one at this level', async () => {
  const claim = makeClaim(here.account);
  const { body } = await file(claim);
  sql(`UPDATE connex.appeal SET status = 'decided', outcome = 'unfavorable', rationale = 'No.', decided_at = connex.now() WHERE appeal_id = :'id'::bigint;`, { id: body.appeal_id });
  const answer = await file(claim);
  assert.deepEqual([answer.status, answer.body.code], [409, 'already_decided']);
});

test('a redetermination cannot have more attachments than the setting says', async () => {
  await withSetting('attachments_per_appeal', '1', async () => {
    const answer = await file(makeClaim(here.account), { attachment_ids: ['1', '2'] });
    assert.deepEqual([answer.status, answer.body.code, faults(answer)], [422, 'too_many', { attachment_ids: 'too_many' }]);
  });
});

test('no lines means the whole claim, and no attachments means none', async () => {
  const { status, body } = await file(makeClaim(here.account), { line_nos: [], attachment_ids: [] });
  assert.deepEqual([status, body.line_nos, body.attachments], [201, [], []]);
});

test('lines and attachments must exist and be the office\'s own; a refused filing leaves the attachment free', async () => {
  const claim = makeClaim(here.account);
  const other = await office();
  const theirs = (await upload(other.client, other.path, pdf())).body.attachment_id;
  const mine = (await upload(here.client, here.path, pdf())).body.attachment_id;
  assert.deepEqual(faults(await file(claim, { line_nos: [1, 9] })), { line_nos: 'unknown' });
  assert.deepEqual(faults(await file(claim, { attachment_ids: [mine, theirs] })), { attachment_ids: 'unknown' });
  assert.deepEqual(faults(await file(claim, { attachment_ids: ['999999999'] })), { attachment_ids: 'unknown' });
  assert.equal(count(claim), 0);
  assert.equal((await file(claim, { attachment_ids: [mine] })).status, 201);
  assert.deepEqual(faults(await file(makeClaim(here.account), { attachment_ids: [mine] })), { attachment_ids: 'unknown' }, 'evidence belongs to one request');
});

test('the receipt is a PDF with the number, the claim, the dates, and the file\'s hash, and without the patient', async () => {
  const claim = makeClaim(here.account);
  const evidence = (await upload(here.client, here.path, pdf())).body;
  const filed = (await file(claim, { attachment_ids: [evidence.attachment_id], line_nos: [1] })).body;
  const answer = await here.client.expect(200, 'GET', `${path}/${filed.appeal_id}/receipt`);
  assert.equal(answer.buffer.subarray(0, 5).toString(), '%PDF-');
  assert.match(answer.headers['content-disposition'], new RegExp(`attachment; filename="receipt-${filed.confirmation_no}.pdf"`));
  const text = execFileSync('pdftotext', ['-layout', '-', '-'], { input: answer.buffer, encoding: 'utf8' });
  for (const words of [filed.confirmation_no, claim.control_no, here.account.npi, evidence.sha256.slice(0, 16), '99213']) assert.ok(text.replace(/\s+/g, ' ').includes(words), `${words} in\n${text}`);
  assert.ok(!text.includes(claim.mbi) && !text.includes('Testperson'));
});

test('the list has pages, filters by status, and shows only the office\'s own', async () => {
  const at = await office();
  const made = [];
  for (let i = 0; i < 3; i++) made.unshift((await file(makeClaim(at.account), {}, {}, at)).body.appeal_id);
  const list = async (query) => (await at.client.expect(200, 'GET', `${at.path}/redeterminations${query}`)).body;
  const first = await list('?limit=2');
  assert.deepEqual(first.items.map(({ appeal_id }) => appeal_id), made.slice(0, 2));
  assert.deepEqual((await list(`?limit=2&after=${first.next}`)).items.map(({ appeal_id }) => appeal_id), made.slice(2));
  assert.deepEqual((await list('?status=decided')).items, []);
  await here.client.expect(404, 'GET', `${path}/${made[0]}`);
  await here.client.expect(404, 'GET', `${path}/${made[0]}/receipt`);
  await here.client.expect(404, 'GET', `${at.path}/redeterminations`);
  const csv = (accept) => at.client.expect(200, 'GET', `${at.path}/redeterminations`, { accept });
  assert.match((await csv('text/csv')).text, /^appeal_id,/);
  assert.match((await csv('text/csv;bom=true')).text, /^\uFEFFappeal_id,/);
});

test('another office\'s claim is not found, and nothing can be filed without the function', async () => {
  const other = await office(['eligibility', 'financials']);
  const theirs = makeClaim(other.account);
  assert.equal((await file(theirs)).status, 404);
  assert.equal((await file(theirs, {}, {}, other)).status, 403);
  assert.equal(count(theirs), 0);
});

test('bad input: all wrong fields are reported at once, and nothing is stored', async () => {
  const claim = makeClaim(here.account);
  const cases = [
    [{ requester_name: '', requester_phone: 'ring me', reason: '' }, ['reason', 'requester_name', 'requester_phone']],
    [{ claim_id: '0' }, ['claim_id']], [{ claim_id: 7 }, ['claim_id']], [{ claim_id: "1' OR '1'='1" }, ['claim_id']],
    [{ reason: 'x'.repeat(4001), late_reason: 'x'.repeat(2001) }, ['late_reason', 'reason']],
    [{ line_nos: [0] }, ['line_nos']], [{ line_nos: [99999] }, ['line_nos']], [{ line_nos: [...Array(1000).keys()] }, ['line_nos']], [{ line_nos: ['1'] }, ['line_nos']], [{ line_nos: [1, 1] }, ['line_nos']], [{ line_nos: 1 }, ['line_nos']],
    [{ attachment_ids: ['x'] }, ['attachment_ids']], [{ attachment_ids: [1] }, ['attachment_ids']],
    [{ requester_name: 'A\u0007B' }, ['requester_name']], [{ status: 'decided' }, ['status']],
  ];
  for (const [more, fields] of cases) {
    const answer = await file(claim, more);
    assert.equal(answer.status, 422, JSON.stringify(more));
    assert.deepEqual(Object.keys(faults(answer)).map((name) => name.split(/[.[]/)[0]).sort(), fields, JSON.stringify(more));
  }
  assert.equal(count(claim), 0);
  for (const key of ['', ' ', 'x'.repeat(101)]) assert.equal((await file(claim, {}, { headers: { 'idempotency-key': key } })).status, 400, JSON.stringify(key));
});
