// Claims of a provider account: search by every filter, one claim with its lines and words, and what can be done now
// (portal 2.5, standards 4.4).
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { makeClaim, newMbi } from '../support/claims.mjs';
import { audits, Client, faults, office } from '../support/client.mjs';
import { day, rows, sql } from '../support/instance.mjs';
import { digits } from '../support/people.mjs';
import { loadRemittance } from '../support/remittances.mjs';

let here, searches;
before(async () => {
  here = await office();
  searches = `${here.path}/claim-searches`;
});
const search = async (body, at = here) => (await at.client.expect(200, 'POST', `${at.path}/claim-searches`, { body })).body;
const get = async (claim) => (await here.client.expect(200, 'GET', `${here.path}/claims/${claim.claim_id}`)).body;
const ids = ({ items }) => items.map(({ claim_id }) => claim_id);
const action = (claim, name) => claim.possible_actions.find((one) => one.action === name);

test('each filter finds its claims, and all filters together', async () => {
  const at = await office();
  const mbi = newMbi();
  const one = makeClaim(at.account, { mbi, from: day(-300) });
  const two = makeClaim(at.account, { status: 'paid', lines: [{ reason: '45', paid: 80 }], from: day(-200) });
  const three = makeClaim(at.account, { mbi, status: 'pending', from: day(-100) });
  assert.deepEqual(ids(await search({}, at)), [three.claim_id, two.claim_id, one.claim_id], 'newest service first, any range');
  assert.deepEqual(ids(await search({ mbi: `${mbi.slice(0, 4)}-${mbi.slice(4, 7)}-${mbi.slice(7)}` }, at)), [three.claim_id, one.claim_id]);
  assert.deepEqual(ids(await search({ mbi, status: 'pending' }, at)), [three.claim_id]);
  assert.deepEqual(ids(await search({ status: 'denied' }, at)), [one.claim_id]);
  assert.deepEqual(ids(await search({ control_no: ` ${two.control_no} ` }, at)), [two.claim_id]);
  assert.deepEqual(ids(await search({ patient_control_no: three.patient_control_no }, at)), [three.claim_id]);
  assert.deepEqual(ids(await search({ patient_control_no: three.patient_control_no, status: 'denied' }, at)), []);
  assert.deepEqual(ids(await search({ from: day(-250), to: day(-150) }, at)), [two.claim_id]);
  assert.deepEqual(ids(await search({ control_no: one.control_no, mbi, from: day(-300), to: day(-300), status: 'denied', patient_control_no: one.patient_control_no }, at)), [one.claim_id]);
});

test('pages follow each other by their cursors, without gaps or duplicates', async () => {
  const at = await office();
  const made = [];
  for (let i = 0; i < 7; i++) made.push(makeClaim(at.account, { from: day(-20 - Math.floor(i / 3)) }).claim_id);
  for (const filter of [{}, { status: 'denied' }]) {
    const seen = [];
    let after;
    do {
      const page = await search({ ...filter, limit: 3, ...(after ? { after } : {}) }, at);
      assert.ok(page.items.length <= 3);
      seen.push(...ids(page));
      after = page.next;
    } while (after);
    assert.deepEqual(seen, ids(await search({ ...filter, limit: 100 }, at)));
    assert.deepEqual([...seen].sort(), [...made].sort());
  }
});

test('a list that is read while loads correct dates of service shows each claim exactly once', async () => {
  const at = await office();
  const number = digits(9), mbi = newMbi(), patient_control_no = `PCN${number}`;
  const claims = Array.from({ length: 12 }, (_, i) => ({ control_no: `K${number}${String(i).padStart(2, '0')}`, mbi, patient_control_no, on: day(-100 - i) }));
  const corrected = (claim, on) => ({ ...claim, on });
  loadRemittance(at.account, claims);
  const readings = [{}, { status: 'paid' }, { mbi }, { patient_control_no }, { from: day(-111), to: day(-100) }].map((filter) => ({ filter, seen: [], after: undefined }));
  for (let page = 0; page < 4; page++) {
    for (const reading of readings) {
      const { items, next } = await search({ ...reading.filter, limit: 3, ...(reading.after && { after: reading.after }) }, at);
      reading.seen.push(...items);
      reading.after = next;
    }
    // the last one that was read goes behind the cursor, and the next one before it
    if (page < 3) loadRemittance(at.account, [corrected(claims[page * 3 + 2], day(-150 - page)), corrected(claims[page * 3 + 3], day(-50 - page))]);
  }
  for (const { filter, seen, after } of readings) {
    assert.deepEqual(seen.map(({ control_no, from_on, through_on }) => [control_no, from_on, through_on]), claims.map(({ control_no, on }) => [control_no, on, on]), JSON.stringify(filter));
    assert.equal(after, null);
  }
});

test('a claim whose dates of service are corrected stays listed where it was, shows the dates in its lines, and is reported', async () => {
  const at = await office();
  const claim = { control_no: `K${digits(9)}`, mbi: newMbi(), patient_control_no: 'PCN1', on: day(-20) };
  assert.deepEqual(loadRemittance(at.account, [claim]).findings, []);
  const { findings } = loadRemittance(at.account, [{ ...claim, on: day(-24) }]);
  const [{ claim_id }] = (await search({}, at)).items;
  assert.deepEqual(findings.map(({ severity, code, words }) => [severity, code, words]), [['flagged', 'service_date_changed',
    `Claim 1 (claim_id ${claim_id}) is listed under ${day(-20)}, the first day of service that was loaded, and stays there. This remittance says ${day(-24)}.`]]);
  const { body } = await at.client.expect(200, 'GET', `${at.path}/claims/${claim_id}`);
  assert.deepEqual([body.from_on, body.through_on, body.lines.map(({ from_on }) => from_on), body.adjudications.map(({ from_on, through_on }) => [from_on, through_on])],
    [day(-20), day(-20), [day(-24)], [[day(-20), day(-20)], [day(-24), day(-24)]]]);
  assert.throws(() => sql(`UPDATE connex.claim SET from_on = from_on - 1 WHERE claim_id = :'id'::bigint;`, { id: claim_id }), /claim_from_on_stays/);
  sql(`UPDATE connex.claim SET from_on = from_on, drg = '001' WHERE claim_id = :'id'::bigint;`, { id: claim_id });
});

test('the same list as CSV, safe to open in a spreadsheet', async () => {
  const at = await office();
  const claim = makeClaim(at.account, { last_name: '=HYPERLINK("http://x.example")' });
  const answer = await at.client.expect(200, 'POST', `${at.path}/claim-searches`, { body: {}, accept: 'text/csv' });
  const [head, row] = answer.text.replace('\uFEFF', '').split('\r\n');
  assert.match(head, /^claim_id,control_no,mbi,patient_name,from_on/);
  assert.ok(!head.includes('cursor'));
  assert.ok(row.startsWith(`${claim.claim_id},${claim.control_no},${claim.mbi},"'=HYPERLINK`), row);
  assert.match(answer.headers['content-disposition'], /attachment; filename="claims.csv"/);
});

test('a CSV of more than 10,000 rows is refused: one that ends early would look complete', async () => {
  const at = await office();
  sql(`INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on)
    SELECT connex.claim_id_new(connex.today()), '00000', 'other', 'MANY' || n, :'account'::bigint, 'received', connex.today() FROM generate_series(1, 10001) n;`, { account: at.account.provider_account_id });
  const refused = await at.client.expect(422, 'POST', `${at.path}/claim-searches`, { body: {}, accept: 'text/csv' });
  assert.equal(refused.body.code, 'too_many_rows');
  sql(`DELETE FROM connex.claim WHERE control_no = 'MANY1' AND provider_account_id = :'account'::bigint;`, { account: at.account.provider_account_id });
  const whole = await at.client.expect(200, 'POST', `${at.path}/claim-searches`, { body: {}, accept: 'text/csv' });
  assert.equal(whole.text.trimEnd().split('\r\n').length, 10001, 'the header and 10,000 rows');
  sql(`DELETE FROM connex.claim WHERE provider_account_id = :'account'::bigint;`, { account: at.account.provider_account_id });
});

test('a claim shows its lines, adjustments and remarks in words, remittance, and history, and leaves an audit row', async () => {
  const made = makeClaim(here.account, { lines: [{ reason: '50', remarks: ['N115'] }, { reason: '97', remarks: ['Z999'] }] });
  const claim = await get(made);
  assert.equal(claim.control_no, made.control_no);
  assert.equal(claim.charge, '200.00');
  assert.equal(claim.lines.length, 2);
  const [first, second] = claim.lines;
  assert.deepEqual([first.procedure_code, first.modifiers, first.units, first.charge, first.paid], ['99213', ['25'], '1', '100.00', '0.00']);
  assert.deepEqual([first.adjustments[0].group_code, first.adjustments[0].reason_code, first.adjustments[0].reason_words], ['CO', '50', 'Not found to be medically necessary']);
  assert.deepEqual([first.adjustments.length, first.adjustments[0].amount, first.adjustments[0].quantity], [1, '100.00', null]);
  assert.deepEqual(second.adjustments.map(({ reason_code }) => reason_code), ['97'], 'each line has its own');
  assert.match(first.remarks[0].words, /Local Coverage Determination/);
  assert.deepEqual(second.remarks, [{ code: 'Z999', words: null }], 'an unknown code is shown as it came');
  assert.equal(claim.remarks[0].code, 'MA01');
  assert.equal(claim.remittance.payment_number, made.payment_number);
  assert.deepEqual(claim.adjudications.map(({ clp_status, clp_status_words }) => [clp_status, clp_status_words]), [['4', 'Denied']]);
  assert.equal(claim.appeal, null);
  assert.equal(audits('claim_view', made.claim_id), 1);
});

test('what can be done: a decided denial can be appealed until day 125 of its notice (42 CFR 405.942)', async () => {
  const open = action(await get(makeClaim(here.account, { days: 10 })), 'redetermination');
  assert.deepEqual([open.allowed, open.deadline_on, open.days_left, open.rule], [true, day(115), 115, '42 CFR 405.942(a)']);
  const last = action(await get(makeClaim(here.account, { days: 125 })), 'redetermination');
  assert.deepEqual([last.allowed, last.days_left, last.rule], [true, 0, '42 CFR 405.942(a)']);
  const late = action(await get(makeClaim(here.account, { days: 126 })), 'redetermination');
  assert.deepEqual([late.allowed, late.days_left, late.rule], [true, -1, '42 CFR 405.942(b)']);
  assert.match(late.words, /good cause/);
});

test('what cannot be appealed: a claim not decided, unprocessable (MA130), or filed too late (29); but one paid in part can', async () => {
  for (const [claim, name, rule] of [
    [{ status: 'pending' }, 'wait', /405\.920/],
    [{ remarks: ['MA130'], lines: [{ reason: '16', remarks: [] }] }, 'new_claim', /424\.44/],
    [{ remarks: [], lines: [{ reason: '16', remarks: ['MA130'] }] }, 'new_claim', /424\.44/],
    [{ status: 'returned', remarks: [], lines: [{ reason: '16', remarks: ['M51'] }] }, 'new_claim', /424\.44/],
    [{ lines: [{ reason: '29', remarks: ['N211'] }] }, 'redetermination', /405\.926.*424\.44/],
  ]) {
    const shown = await get(makeClaim(here.account, claim));
    assert.equal(action(shown, 'redetermination').allowed, false, JSON.stringify(claim));
    assert.equal(action(shown, name).allowed, false);
    assert.match(action(shown, name).rule, rule);
  }
  const part = await get(makeClaim(here.account, { status: 'paid', lines: [{ reason: '45', paid: 80 }, { reason: '50', remarks: [] }] }));
  assert.equal(action(part, 'redetermination').allowed, true, 'a claim paid in part is a decision that can be appealed');
});

test('another provider account\'s claim is not found, and another function does not open claims', async () => {
  const other = await office();
  const theirs = makeClaim(other.account);
  await here.client.expect(404, 'GET', `${here.path}/claims/${theirs.claim_id}`);
  await here.client.expect(404, 'GET', `${other.path}/claims/${theirs.claim_id}`);
  assert.deepEqual(ids(await search({ control_no: theirs.control_no })), []);
  const desk = await office(['eligibility', 'financials']);
  const own = makeClaim(desk.account);
  await desk.client.expect(403, 'GET', `${desk.path}/claims/${own.claim_id}`);
  assert.equal((await new Client().get(`${here.path}/claims/${theirs.claim_id}`)).status, 401);
});

test('bad input: filters, days, cursors and ids', async () => {
  const cases = [
    [{ mbi: 'nonsense' }, ['mbi']],
    [{ status: 'lost' }, ['status']],
    [{ from: '2026-02-30' }, ['from']],
    [{ from: '2026-13-01', to: 'x' }, ['from', 'to']],
    [{ from: '2026-03-02', to: '2026-03-01' }, ['to']],
    [{ control_no: 'x'.repeat(24), patient_control_no: 'y'.repeat(39) }, ['control_no', 'patient_control_no']],
    [{ limit: 0 }, ['limit']], [{ limit: 101 }, ['limit']], [{ limit: '25' }, ['limit']],
    [{ after: 'x' }, ['after']], [{ after: '2026-02-30_1' }, ['after']], [{ after: '2026-02-01_1x' }, ['after']], [{ after: '2026-02-01_99999999999999999999' }, ['after']],
    [{ amount: '1.00' }, ['amount']],
  ];
  for (const [body, fields] of cases) {
    const answer = await here.client.expect(422, 'POST', searches, { body });
    assert.deepEqual(Object.keys(faults(answer)).sort(), [...fields].sort(), JSON.stringify(body));
  }
  for (const id of ['0', '-1', 'x', '1.5', '99999999999999999999', '1%2F2']) assert.equal((await here.client.get(`${here.path}/claims/${id}`)).status, 404, id);
  await here.client.expect(404, 'GET', `${here.path}/claims/9223372036854775807`);
  assert.equal((await here.client.get(`${searches}`)).status, 405);
  assert.equal((await here.client.request('POST', searches, { raw: '{"limit":', headers: {} })).status, 400);
});

test('words of codes that change are shown at once, by every worker', async () => {
  const claim = makeClaim(here.account, { lines: [{ reason: '50', paid: 0, remarks: ['N115'] }] });
  const words = async () => {
    const { lines: [{ adjustments: [{ reason_words }], remarks: [{ words: remark_words }] }] } = await get(claim);
    return [reason_words, remark_words];
  };
  const all = async () => [...new Set((await Promise.all(Array.from({ length: 24 }, words))).map((one) => one.join(' | ')))];
  const [former] = await all();
  const said = (text, list, code) => sql(`UPDATE connex.reason_code SET words = :'text' WHERE list = :'list' AND code = :'code'`, { text, list, code });
  const kept = rows(`SELECT words FROM connex.reason_code WHERE (list, code) IN (('CARC', '50'), ('RARC', 'N115')) ORDER BY list`).map((row) => row.words);
  assert.equal(former, kept.join(' | '));
  try {
    said('Not needed, it says.', 'CARC', '50');
    said('See the policy, it says.', 'RARC', 'N115');
    assert.deepEqual(await all(), ['Not needed, it says. | See the policy, it says.']);
  } finally {
    said(kept[0], 'CARC', '50');
    said(kept[1], 'RARC', 'N115');
  }
  assert.deepEqual(await all(), [former]);
});
