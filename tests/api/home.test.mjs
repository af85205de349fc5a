// Home: what needs attention in all provider accounts of a person, within that person's rights.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeClaim } from '../support/claims.mjs';
import { analyst, Client, enter, office, request } from '../support/client.mjs';
import { day, sql, withSetting } from '../support/instance.mjs';
import { grantAccess, makeProviderAccount, makeUser } from '../support/people.mjs';

const home = async (client) => (await client.expect(200, 'GET', '/api/v1/home')).body.attention;
const of = (attention, kind) => attention.filter((item) => item.kind === kind);

test('denied claims whose last day to appeal is within 30 days, counted by the claim\'s own rule', async () => {
  const at = await office();
  const near = makeClaim(at.account, { days: 110 });
  makeClaim(at.account, { days: 90 });                                                // 35 days left
  makeClaim(at.account, { days: 126 });                                               // too late
  makeClaim(at.account, { days: 111, lines: [{ reason: '29', remarks: [] }] });       // no appeal rights
  const [item, ...more] = of(await home(at.client), 'appeal_deadline');
  assert.deepEqual(more, []);
  assert.deepEqual([item.count, item.due_on, item.subject_id, item.provider_account_id], [1, day(15), near.claim_id, at.account.provider_account_id]);
  await at.client.expect(201, 'POST', `${at.path}/redeterminations`, { body: request(near) });
  assert.deepEqual(of(await home(at.client), 'appeal_deadline'), [], 'once filed, it is no longer urgent');
});

test('the deadline of a claim that was denied again is counted from its first notice', async () => {
  const at = await office();
  const claim = makeClaim(at.account, { days: 110 });
  sql(`INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, charge, paid, adjudicated_on)
      SELECT claim_id, 2, provider_account_id, remittance_id, '4', charge, 0, connex.today() - 5 FROM connex.claim WHERE claim_id = :'id'::bigint;
    UPDATE connex.claim SET finalized_on = connex.today() - 5, last_adjudication_no = 2 WHERE claim_id = :'id'::bigint;`, { id: claim.claim_id });
  assert.deepEqual(of(await home(at.client), 'appeal_deadline').map(({ due_on, subject_id }) => [due_on, subject_id]), [[day(15), claim.claim_id]]);
});

test('no account is left out: the nearest deadlines of all accounts come first, and the others are counted', async () => {
  const person = makeUser();
  const accounts = [];
  for (let i = 0; i < 21; i++) {
    const account = makeProviderAccount();
    grantAccess(person, account);
    makeClaim(account, { days: 100 + i });
    accounts.push(account);
  }
  const items = of(await home(enter(person)), 'appeal_deadline');
  assert.deepEqual(items.slice(0, 20).map(({ provider_account_id }) => provider_account_id), accounts.slice(1).reverse().map(({ provider_account_id }) => provider_account_id));
  assert.deepEqual(items.slice(20).map(({ count, due_on, provider_account_id }) => [count, due_on, provider_account_id]), [[1, day(25), null]]);
});

test('decisions of the last 30 days and remittances of the last 7', async () => {
  const at = await office();
  const claim = makeClaim(at.account, { days: 3 });
  makeClaim(at.account, { days: 8 });
  const filed = (await at.client.expect(201, 'POST', `${at.path}/redeterminations`, { body: request(claim) })).body;
  const desk = await analyst();
  await desk.expect(200, 'POST', `/api/v1/desk/redeterminations/${filed.appeal_id}/decision`, { body: { outcome: 'fully_favorable', rationale: 'Yes.' }, ifMatch: 1 });
  const attention = await home(at.client);
  assert.deepEqual(of(attention, 'appeal_decided').map(({ subject_id, words }) => [subject_id, /fully favorable/.test(words)]), [[filed.appeal_id, true]]);
  assert.deepEqual(of(attention, 'new_remittance').map(({ count, subject_id }) => [count, subject_id]), [[1, claim.remittance_id]]);
});

test('no list on home ends silently: after ten decisions on redeterminations and five on access, one item counts the others', async () => {
  const at = await office(), elsewhere = await office();
  const person = at.client;
  const decide = (account, count, minutes) => {
    for (let i = 0; i < count; i++)
      sql(`INSERT INTO connex.appeal (confirmation_no, claim_id, provider_account_id, contractor_no, line_nos, requester_name, requester_phone, reason, filed_by, notice_on, deadline_on, decision_due_on, status, outcome, rationale, decided_at, decided_by)
        SELECT 'T-' || :'claim', c.claim_id, c.provider_account_id, c.contractor_no, '{}', 'R', '2075550123', 'Why', u.user_account_id, c.finalized_on, c.finalized_on + 125, connex.today() + 50, 'decided', 'unfavorable', 'No.', connex.now() - :'minutes'::integer * interval '1 minute', u.user_account_id
          FROM connex.claim c, connex.user_account u WHERE c.claim_id = :'claim'::bigint AND u.kind = 'analyst' ORDER BY u.user_account_id LIMIT 1;`,
      { claim: makeClaim(account).claim_id, minutes: minutes + i });
  };
  decide(at.account, 11, 10);
  let items = of(await home(person), 'appeal_decided');
  assert.deepEqual([items.length, items[10]], [11, { kind: 'appeal_decided', count: 1, words: '1 other decision on a redetermination', due_on: null, provider_account_id: at.account.provider_account_id,
    provider_account_name: at.account.name, subject_id: null }]);
  decide(at.account, 3, 100);
  grantAccess(at.user, elsewhere.account);
  decide(elsewhere.account, 1, 200);
  items = of(await home(person), 'appeal_decided');
  assert.ok(items.slice(0, 10).every(({ count, subject_id }) => count === 1 && subject_id));
  assert.deepEqual(items.slice(10).map(({ count, words, provider_account_id }) => [count, words, provider_account_id]), [[5, '5 other decisions on redeterminations', null]]);

  const lso = makeUser(), asking = makeUser(), waiting = makeUser();
  for (let i = 0; i < 12; i++) {
    const account = makeProviderAccount();
    sql(`INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested, lso_requested, decided_at, decided_by)
      SELECT a.user_account_id, :'account'::bigint, CASE a.user_id WHEN :'asking' THEN 'declined' ELSE 'awaiting_code' END, '{claims}', a.user_id <> :'asking', connex.now(), l.user_account_id
        FROM connex.user_account a, connex.user_account l WHERE a.user_id IN (:'asking', :'waiting') AND l.user_id = :'lso';`,
    { account: account.provider_account_id, asking: asking.user_id, waiting: waiting.user_id, lso: lso.user_id });
  }
  const rest = async (user, kind, shown) => of(await home(await enter(user)), kind).slice(shown).map(({ count, words, subject_id }) => [count, words, subject_id]);
  assert.deepEqual(await rest(asking, 'access_decided', 5), [[7, '7 other decisions about your access', null]]);
  assert.deepEqual(await rest(waiting, 'access_code_to_enter', 10), [[2, '2 other access codes to enter', null]]);
});

test('home shows a person only what the person\'s functions allow', async () => {
  const at = await office(['eligibility']);
  makeClaim(at.account, { days: 110 });
  makeClaim(at.account, { days: 1 });
  assert.deepEqual(await home(at.client), []);
});

test('an LSO sees requests to decide; one who waits for the letter is told to enter the code', async () => {
  const account = makeProviderAccount({ csn: `H${Date.now() % 1000000000}` });
  const lso = makeUser(), asking = makeUser(), waiting = makeUser();
  grantAccess(lso, account, { lso: true });
  sql(`INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested, lso_requested)
    SELECT user_account_id, :'account'::bigint, CASE user_id WHEN :'asking' THEN 'requested' ELSE 'awaiting_code' END, '{claims}', user_id <> :'asking' FROM connex.user_account WHERE user_id IN (:'asking', :'waiting');`,
  { account: account.provider_account_id, asking: asking.user_id, waiting: waiting.user_id });
  assert.deepEqual(of(await home(await enter(lso)), 'access_to_decide').map(({ count, provider_account_name }) => [count, provider_account_name]), [[1, account.name]]);
  assert.deepEqual(of(await home(await enter(waiting)), 'access_code_to_enter').map(({ provider_account_id }) => provider_account_id), [account.provider_account_id]);
  assert.deepEqual(await home(await enter(asking)), []);
});

test('a decision about one\'s access is shown for as many days as the setting says, 14 by default', async () => {
  const account = makeProviderAccount(), person = makeUser();
  grantAccess(person, account);
  const decided = (days) => sql(`UPDATE connex.access SET decided_at = connex.now() - :'days'::integer * interval '1 day', decided_by = (SELECT user_account_id FROM connex.user_account WHERE user_id = :'lso')
     WHERE provider_account_id = :'account'::bigint;`, { days, account: account.provider_account_id, lso: makeUser().user_id });
  const client = await enter(person);
  const told = async () => of(await home(client), 'access_decided').map(({ provider_account_name, words }) => [provider_account_name, words]);
  decided(13);
  assert.deepEqual(await told(), [[account.name, `Your access to ${account.name} was approved`]]);
  decided(15);
  assert.deepEqual(await told(), []);
  await withSetting('home_access_days', '16', async () => assert.equal((await told()).length, 1));
  assert.deepEqual(await told(), []);
});

test('LSO-10: a person who asks to be another LSO waits for the LSO, and is not counted at the contractor\'s desk', async () => {
  const account = makeProviderAccount({ csn: `J${Date.now() % 1000000000}` });
  const lso = makeUser(), further = makeUser();
  grantAccess(lso, account, { lso: true });
  const queue = async () => of(await home(await analyst()), 'desk_access_request')[0]?.count ?? 0;
  const before = await queue();
  sql(`INSERT INTO connex.access (user_account_id, provider_account_id, functions_requested, lso_requested)
    SELECT user_account_id, :'account'::bigint, '{claims}', true FROM connex.user_account WHERE user_id = :'further';`, { account: account.provider_account_id, further: further.user_id });
  assert.deepEqual(of(await home(await enter(lso)), 'access_to_decide').map(({ count }) => count), [1]);
  assert.equal(await queue(), before);
});

test('the analyst sees the queues and how old they are', async () => {
  const at = await office();
  await at.client.expect(201, 'POST', `${at.path}/redeterminations`, { body: request(makeClaim(at.account)) });
  const [item] = of(await home(await analyst()), 'desk_redetermination');
  assert.ok(item.count >= 1 && item.due_on);
  assert.match(item.words, /open redeterminations?, \d+ overdue/);
});

test('home needs a log-in and takes no query', async () => {
  await new Client().expect(401, 'GET', '/api/v1/home');
  const at = await office();
  await at.client.expect(422, 'GET', '/api/v1/home?x=1');
});
