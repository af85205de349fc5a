// Eligibility of one beneficiary (portal 2.3): matching, the date asked about, what is shown, and what is not disclosed.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { makeBeneficiary, newMbi } from '../support/claims.mjs';
import { audits, Client, faults, office } from '../support/client.mjs';
import { day, one, sql, withSetting } from '../support/instance.mjs';

let here, path;
before(async () => {
  here = await office();
  path = `${here.path}/eligibility-lookups`;
});
const question = (person, more = {}) => ({ mbi: person.mbi, last_name: person.last_name, first_name: person.first_name, birth_on: person.birth_on, ...more });
const ask = async (body) => (await here.client.expect(200, 'POST', path, { body })).body;
const kinds = (answer) => answer.alerts.map(({ kind }) => kind);

test('a match shows entitlement, deductible, plan, insurer, and QMB on the date asked about, with alerts', async () => {
  const year = day().slice(0, 4);
  const person = makeBeneficiary({ coverage: [
    ['part_b_deductible', `${year}-01-01`, `${year}-12-31`, { amount: 283, remaining: 120.5 }],
    ['medicare_advantage', '2020-01-01', null, { payer_name: 'Evergreen Plan', payer_id: 'H1234', detail: 'HMO' }],
    ['msp', '2022-05-01', null, { payer_name: 'Granite Group', payer_id: 'G7', detail: 'Working aged' }],
  ] });
  const answer = await ask(question(person));
  assert.equal(answer.found, true);
  assert.equal(answer.on, day());
  assert.equal(answer.beneficiary.last_name, person.last_name);
  assert.deepEqual(kinds(answer), ['medicare_advantage', 'msp', 'part_b_deductible']);
  assert.match(answer.alerts[0].words, /Evergreen Plan, H1234.*Bill the plan/);
  const deductible = answer.coverage.find(({ kind }) => kind === 'part_b_deductible');
  assert.deepEqual([deductible.amount, deductible.remaining, deductible.active, deductible.to], ['283.00', '120.50', true, `${year}-12-31`]);
  assert.deepEqual(answer.coverage.slice(0, 2).map(({ kind, from, to }) => [kind, from, to]), [['part_a', '2015-03-01', null], ['part_b', '2015-03-01', null]]);
  assert.ok(answer.as_of);
  assert.equal(audits('eligibility_lookup', person.beneficiary_id), 1);
});

test('Medicare Advantage is shown as of the date asked about, not as of today (portal 2.3, C29)', async () => {
  const person = makeBeneficiary({ coverage: [['medicare_advantage', day(-400), day(-100), { payer_name: 'Past Plan', payer_id: 'H1' }]] });
  assert.deepEqual(kinds(await ask(question(person))), []);
  assert.deepEqual(kinds(await ask(question(person, { on: day(-200) }))), ['medicare_advantage']);
});

test('a QMB owes no deductible: the alert says so and names no amount', async () => {
  const person = makeBeneficiary({ coverage: [['qmb', '2024-01-01', null], ['part_b_deductible', '2024-01-01', null, { amount: 283, remaining: 283 }]] });
  const answer = await ask(question(person));
  assert.deepEqual(kinds(answer), ['qmb']);
  assert.match(answer.alerts[0].words, /do not bill the patient/);
});

test('a date of death is the first that an office is told', async () => {
  const person = makeBeneficiary({ coverage: [['qmb', '2024-01-01', null]] });
  sql("UPDATE connex.beneficiary SET death_on = '2026-05-20' WHERE beneficiary_id = :'who'::bigint", { who: person.beneficiary_id });
  const answer = await ask(question(person));
  assert.equal(answer.beneficiary.death_on, '2026-05-20');
  assert.deepEqual(kinds(answer), ['death', 'qmb']);
  assert.match(answer.alerts[0].words, /died on 05\/20\/2026/);
});

test('every kind of coverage that can be loaded has words, and its place in the answer', async () => {
  const kinds = JSON.parse(sql(`SELECT json_agg(kind || ' ' || words ORDER BY ordinal) FROM connex.coverage_kind`));
  const others = kinds.map((kind) => kind.split(' ')[0]).filter((kind) => !['part_a', 'part_b'].includes(kind)).sort();
  const answer = await ask(question(makeBeneficiary({ coverage: others.map((kind) => [kind, '2020-01-01', null]) })));
  assert.deepEqual(answer.coverage.map(({ kind, words }) => `${kind} ${words}`), kinds);
});

test('the name is compared by six letters and an initial; pasted blanks, dashes, case and accents do not matter', async () => {
  const person = makeBeneficiary({ last_name: "O'Dell-Ñuñez", first_name: 'Ágatha' });
  const dashed = `${person.mbi.slice(0, 4)}-${person.mbi.slice(4, 7)}-${person.mbi.slice(7)}`;
  for (const words of [{ last_name: 'ODELLN', first_name: 'A' }, { last_name: ' o’dell nunezzz ', first_name: 'agnes' }, { mbi: ` ${dashed.toLowerCase()} ` }])
    assert.equal((await ask(question(person, words))).found, true, JSON.stringify(words));
  const short = makeBeneficiary({ last_name: 'Lee' });
  assert.equal((await ask(question(short, { last_name: 'LEE' }))).found, true);
  assert.equal((await ask(question(short, { last_name: 'Le' }))).found, false, 'a name shorter than six letters must be whole');
});

test('every mismatch gets the same answer, names nobody, and is audited without a subject', async () => {
  const person = makeBeneficiary();
  const wrong = [{ last_name: 'Otherperson' }, { first_name: 'B' }, { birth_on: '1950-02-04' }, { mbi: newMbi() }];
  const answers = [];
  for (const words of wrong) answers.push(await ask(question(person, words)));
  for (const answer of answers) {
    assert.deepEqual(answer, answers[0]);
    assert.equal(answer.found, false);
    assert.equal(answer.reason.code, '75');
    assert.equal(answer.beneficiary, null);
    assert.deepEqual(answer.coverage, []);
    assert.deepEqual(answer.alerts, []);
  }
  assert.equal(audits('eligibility_lookup', person.beneficiary_id), 0);
});

test('a Medicare number that has ended is reported with its end date, and still works for earlier days', async () => {
  const person = makeBeneficiary({ mbi_ended_on: day(-30) });
  const now = await ask(question(person));
  assert.equal(now.found, false);
  assert.equal(now.reason.code, '72');
  assert.ok(now.reason.words.includes(day(-30).replace(/(\d+)-(\d+)-(\d+)/, '$2/$3/$1')), now.reason.words);
  const earlier = await ask(question(person, { on: day(-40) }));
  assert.equal(earlier.beneficiary.mbi_ended_on, day(-30));
  const guessed = await ask(question(person, { birth_on: '1951-01-01' }));
  assert.equal(guessed.reason.code, '75', 'the end is told only to a caller who knew the rest');
});

test('dates reach four years back and four months ahead', async () => {
  const person = makeBeneficiary();
  const edge = (words) => one(`SELECT (connex.today() + '${words}'::interval)::date AS day`).day;
  for (const on of [edge('-4 years'), edge('4 months')]) assert.equal((await ask(question(person, { on }))).found, true, on);
  for (const on of [edge('-4 years -1 day'), edge('4 months 1 day')]) {
    const answer = await here.client.expect(422, 'POST', path, { body: question(person, { on }) });
    assert.deepEqual(faults(answer), { on: 'out_of_range' });
  }
});

test('bad input is refused with all its fields, and nothing is looked up', async () => {
  const person = makeBeneficiary();
  const cases = [
    [{}, ['mbi', 'last_name', 'first_name', 'birth_on']],
    [question(person, { mbi: '1S00' }), ['mbi']],
    [question(person, { mbi: '0AA0AA0AA00' }), ['mbi']],
    [question(person, { birth_on: '1950-02-30', on: 'today' }), ['birth_on', 'on']],
    [question(person, { last_name: 'x'.repeat(61), first_name: '' }), ['last_name', 'first_name']],
    [question(person, { last_name: 'Te\u0007st' }), ['last_name']],
    [question(person, { last_name: 7 }), ['last_name']],
    [question(person, { years: 4 }), ['years']],
  ];
  for (const [body, fields] of cases) {
    const answer = await here.client.expect(422, 'POST', path, { body });
    assert.deepEqual(Object.keys(faults(answer)).sort(), [...fields].sort(), JSON.stringify(body));
  }
  await here.client.expect(400, 'POST', path, { body: question(person, { last_name: 'Te\u0000st' }) });
  assert.equal(audits('eligibility_lookup', person.beneficiary_id), 0);
});

test('a lookup needs the function Eligibility, an account of one\'s own, and a log-in', async () => {
  const person = makeBeneficiary();
  const other = await office(['claims']);
  assert.equal((await other.client.post(`${other.path}/eligibility-lookups`, question(person))).status, 403);
  assert.equal((await other.client.post(path, question(person))).status, 404);
  assert.equal((await new Client().post(path, question(person))).status, 401);
});

test('the setting eligibility_lookups_per_hour limits each person, and a refusal says how long to wait', async () => {
  const person = makeBeneficiary();
  const busy = await office();
  await withSetting('eligibility_lookups_per_hour', '2', async () => {
    for (const status of [200, 200, 429]) {
      const answer = await busy.client.expect(status, 'POST', `${busy.path}/eligibility-lookups`, { body: question(person) });
      if (status === 429) assert.ok(Number(answer.headers['retry-after']) > 0);
    }
  });
});
