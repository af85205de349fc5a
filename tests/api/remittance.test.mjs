// Remittances of a provider account (function Financials).
// Operations: remittance_list, remittance_get, remittance_claim_list.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { makeClaim } from '../support/claims.mjs';
import { audits, faults, office } from '../support/client.mjs';
import { day, sql } from '../support/instance.mjs';

let here, path;
before(async () => {
  here = await office();
  path = `${here.path}/remittances`;
});

test('remittances page by day of payment, newest first, within any range', async () => {
  const at = await office();
  const made = [5, 40, 10, 20].map((days) => makeClaim(at.account, { days }).remittance_id);
  const newest = [made[0], made[2], made[3], made[1]];
  const list = (query = '') => at.client.expect(200, 'GET', `${at.path}/remittances${query}`).then(({ body }) => body);
  const ids = ({ items }) => items.map(({ remittance_id }) => remittance_id);
  assert.deepEqual(ids(await list()), newest);
  const first = await list('?limit=3');
  assert.deepEqual(ids(first), newest.slice(0, 3));
  assert.deepEqual(ids(await list(`?limit=3&after=${first.next}`)), newest.slice(3));
  assert.deepEqual(ids(await list(`?from=${day(-25)}&to=${day(-6)}`)), [made[2], made[3]]);
  const csv = await at.client.expect(200, 'GET', `${at.path}/remittances`, { accept: 'text/csv' });
  assert.equal(csv.text.trim().split('\r\n').length, 5);
});

test('a remittance without a day of payment is listed by its day of production, or else last; none is left out', async () => {
  const at = await office();
  const made = [5, 10, 15].map((days) => makeClaim(at.account, { days }).remittance_id);
  sql(`UPDATE connex.remittance SET paid_on = NULL, produced_on = NULL WHERE remittance_id = :'first'; UPDATE connex.remittance SET paid_on = NULL WHERE remittance_id = :'second';`, { first: made[0], second: made[1] });
  const seen = [];
  for (let after = ''; after !== null;) {
    const { body } = await at.client.expect(200, 'GET', `${at.path}/remittances?limit=1${after && `&after=${after}`}`);
    seen.push(...body.items.map(({ remittance_id }) => remittance_id));
    after = body.next;
  }
  assert.deepEqual(seen, [made[1], made[2], made[0]]);
});

test('a remittance shows its claims, its provider adjustments, and whether it balances, and leaves an audit row', async () => {
  const claim = makeClaim(here.account, { status: 'paid', lines: [{ reason: '45', paid: 80 }] });
  sql(`INSERT INTO connex.provider_adjustment (remittance_id, adjustment_no, provider_id, reason_code, reference, amount) VALUES (:'id', 1, '1', 'WO', 'R1', 5.5);
       UPDATE connex.remittance SET balanced = false, difference = -5.50 WHERE remittance_id = :'id';`, { id: claim.remittance_id });
  const { body } = await here.client.expect(200, 'GET', `${path}/${claim.remittance_id}`);
  const claims = (await here.client.expect(200, 'GET', `${path}/${claim.remittance_id}/claims`)).body;
  assert.deepEqual(claims.items, [{ claim_id: claim.claim_id, control_no: claim.control_no, patient_name: 'Testperson, Agatha', clp_status: '1', clp_status_words: 'Processed as primary', charge: '100.00', paid: '80.00', patient_responsibility: null }]);
  assert.equal(claims.next, null);
  assert.deepEqual(body.provider_adjustments, [{ reason_code: 'WO', reference: 'R1', amount: '5.50' }]);
  assert.deepEqual([body.balanced, body.difference, body.amount], [false, '-5.50', '80.00']);
  assert.deepEqual([audits('remittance_view', claim.remittance_id), audits('remittance_claim_list', claim.remittance_id)], [1, 1]);
});

test('all claims of a remittance are reached by next, even a claim that is in it twice, and come as CSV', async () => {
  const at = await office();
  const [first, ...others] = Array.from({ length: 7 }, () => makeClaim(at.account, { status: 'paid' }));
  sql(`UPDATE connex.adjudication SET remittance_id = :'id'::bigint WHERE claim_id = ANY (:'claims'::bigint[]);
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, charge, paid, adjudicated_on)
      SELECT claim_id, 2, provider_account_id, remittance_id, '22', charge, -1, adjudicated_on FROM connex.adjudication WHERE claim_id = :'twice'::bigint AND adjudication_no = 1;`,
  { id: first.remittance_id, claims: `{${others.map(({ claim_id }) => claim_id)}}`, twice: others[2].claim_id });
  const claims = `${at.path}/remittances/${first.remittance_id}/claims`;
  const seen = [];
  for (let after = ''; after !== null;) {
    const { body } = await at.client.expect(200, 'GET', `${claims}?limit=1${after && `&after=${after}`}`);
    seen.push(...body.items.map(({ claim_id, clp_status }) => `${claim_id} ${clp_status}`));
    after = body.next;
  }
  const byId = (a, b) => (BigInt(a) < BigInt(b) ? -1 : 1);
  assert.deepEqual(seen, [first, ...others].map(({ claim_id }) => claim_id).sort(byId).flatMap((id) => (id === others[2].claim_id ? [`${id} 1`, `${id} 22`] : [`${id} 1`])));
  const csv = await at.client.expect(200, 'GET', claims, { accept: 'text/csv' });
  assert.equal(csv.text.trim().split('\r\n').length, 9);
});

test('remittances need the function Financials, and one sees only one\'s own', async () => {
  const other = await office(['claims']);
  const theirs = makeClaim(other.account).remittance_id;
  await other.client.expect(403, 'GET', `${other.path}/remittances`);
  await other.client.expect(403, 'GET', `${other.path}/remittances/${theirs}`);
  await other.client.expect(403, 'GET', `${other.path}/remittances/${theirs}/claims`);
  await here.client.expect(404, 'GET', `${path}/${theirs}`);
  await here.client.expect(404, 'GET', `${path}/${theirs}/claims`);
});

test('bad input: days, limits, cursors, unknown filters', async () => {
  for (const [query, field] of [['from=2026-02-30', 'from'], ['to=x', 'to'], ['from=2026-03-02&to=2026-03-01', 'to'], ['limit=0', 'limit'], ['limit=x', 'limit'], ['after=1', 'after'], ['payer=x', 'payer']]) {
    const answer = await here.client.expect(422, 'GET', `${path}?${query}`);
    assert.deepEqual(Object.keys(faults(answer)), [field], query);
  }
  const { remittance_id } = makeClaim(here.account);
  for (const [query, field] of [['limit=101', 'limit'], ['after=1_1', 'after'], ['from=2026-01-01', 'from']])
    assert.deepEqual(Object.keys(faults(await here.client.expect(422, 'GET', `${path}/${remittance_id}/claims?${query}`))), [field], query);
});
