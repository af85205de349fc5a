// No log of the instance repeats what a person typed or what is known about a person: not nginx's, the workers', the jobs
// daemon's, or PostgreSQL's, whatever goes right or wrong.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { hangUp } from '../support/http.mjs';
import { demo, pause, rows, sql } from '../support/instance.mjs';
import { ask, claimsOf, officerSession, officerToken, workers } from '../support/processes.mjs';

after(hangUp);

const logs = () => readdirSync(join(demo.var, 'log')).filter((name) => name.endsWith('.log'));
/** What was written to each log since `before`. */
const written = (before) => logs().map((name) => [name, readFileSync(join(demo.var, 'log', name)).subarray(before[name] ?? 0).toString('utf8')]);
const sizes = () => Object.fromEntries(logs().map((name) => [name, readFileSync(join(demo.var, 'log', name)).length]));

test('no log holds a name, a Medicare number, a password, a code or a token', { timeout: 60000 }, async () => {
  const before = sizes();
  const { token, user_id } = officerToken();
  const person = rows(`SELECT b.first_name, b.last_name, b.birth_on::text, m.mbi FROM connex.beneficiary b JOIN connex.beneficiary_mbi m USING (beneficiary_id)
    WHERE length(b.last_name) > 7 ORDER BY b.beneficiary_id LIMIT 1`)[0];
  const [claim] = claimsOf(user_id, 1);
  const account = `/api/v1/provider-accounts/${claim.provider_account_id}`;
  const secret = { password: `typed ${randomBytes(12).toString('hex')}`, reason: `Reason ${randomUUID()}`, code: `Q${randomBytes(5).toString('hex').toUpperCase()}` };

  const answers = [
    // right
    await ask('GET', `${account}/claims/${claim.claim_id}`, { token }),
    await ask('POST', `${account}/claim-searches`, { token, body: { mbi: person.mbi } }),
    // no right to eligibility with this token, a field that is wrong, an unknown field
    await ask('POST', `${account}/eligibility-lookups`, { token, body: { mbi: person.mbi, last_name: person.last_name, first_name: person.first_name, birth_on: person.birth_on } }),
    await ask('POST', `${account}/claim-searches`, { token, body: { mbi: `${person.mbi}9`, last_name: person.last_name } }),
    // log-ins that fail, known and unknown, and a reset with a wrong code
    await ask('POST', '/api/v1/session', { body: { user_id, password: secret.password } }),
    await ask('POST', '/api/v1/session', { body: { user_id: 'ZZZZ999', password: secret.password } }),
    await ask('POST', '/api/v1/recovery/password', { body: { user_id, code: secret.code, password: secret.password, password_again: secret.password } }),
    // forged and mangled tokens
    await ask('GET', `${account}/claims/${claim.claim_id}`, { token: `${token.slice(0, -1)}!` }),
    await ask('GET', `${account}/claims/${claim.claim_id}`, { token: `cnx_${randomBytes(36).toString('base64url')}` }),
  ];
  // filed twice with one key (the second is a replay), and once more with another key (one appeal for one claim)
  const [denied] = claimsOf(user_id, 1, true);
  assert.ok(denied, 'there is a denied claim');
  const filing = { claim_id: denied.claim_id, requester_name: person.last_name, requester_phone: '207-555-0177', reason: secret.reason };
  const key = randomUUID();
  const path = `/api/v1/provider-accounts/${denied.provider_account_id}/redeterminations`;
  answers.push(await ask('POST', path, { token, key, body: filing }), await ask('POST', path, { token, key, body: filing }),
    await ask('POST', path, { token, key: randomUUID(), body: filing }));
  const statuses = answers.map(({ status }) => status);
  assert.deepEqual(statuses.slice(-3), [201, 201, 409], JSON.stringify(answers.slice(-3).map(({ text }) => text.slice(0, 300))));
  assert.ok(statuses.every((status) => status >= 200 && status < 500), `each was answered: ${statuses}`);
  // and what PostgreSQL itself refuses in words that quote the value
  assert.throws(() => sql(`SELECT :'mbi'::date;`, { mbi: person.mbi }, 'connex_app'), /invalid input syntax/);
  await pause(1500); // the jobs daemon writes its lines

  const hidden = { 'a last name': person.last_name, 'a Medicare number': person.mbi, 'a password': secret.password, 'a reason': secret.reason,
    'a token': token.slice(4, 24), 'a phone number': '2075550177', 'a phone number as typed': '207-555-0177', 'a typed code': secret.code };
  let lines = 0;
  for (const [name, text] of written(before)) {
    lines += text.split('\n').length - 1;
    for (const [what, value] of Object.entries(hidden))
      assert.ok(!text.includes(value), `${name} holds ${what}: ${text.split('\n').find((line) => line.includes(value))?.slice(0, 300)}`);
  }
  assert.ok(lines > answers.length, `the logs were written to (${lines} lines)`);
  const access = written(before).find(([name]) => name === 'nginx-access.log')?.[1] ?? '';
  for (const { headers } of answers) assert.ok(access.includes(headers['x-request-id']), 'each request is in the access log by its id');
});

/** Blocks every reader of the people's table, as long maintenance would; returns the function that lets them go. */
async function holdPeople() {
  const psql = spawn('psql', ['-XqAt', '-h', demo.pg.host, '-p', String(demo.pg.port), '-U', 'connex_owner', '-d', demo.pg.dbname], { stdio: ['pipe', 'pipe', 'inherit'] });
  const held = new Promise((done) => psql.stdout.once('data', done));
  psql.stdin.write("BEGIN; LOCK TABLE connex.user_account IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n");
  await held;
  return () => new Promise((done) => { psql.once('exit', done); psql.stdin.end('ROLLBACK;\n'); });
}

// nginx writes the request line of a request that broke off to its error log, with any name that is in the address.
test('a worker that crashes during a search for a person leaves no name in a log', { timeout: 60000 }, async () => {
  const before = sizes();
  const cookie = officerSession();
  const name = `Quillfeather${randomBytes(4).toString('hex').replace(/[0-9]/g, 'x')}`;
  const search = () => ask('POST', '/api/v1/user-management/access-searches', { cookie, body: { q: name } });
  const alive = await search();
  assert.deepEqual([alive.status, alive.body?.items], [200, []], alive.text.slice(0, 300));
  const letGo = await holdPeople();
  let answer;
  try {
    const asked = search();
    await pause(500); // it has been passed to a worker, and waits there
    for (const worker of workers()) process.kill(worker, 'SIGKILL');
    answer = await asked;
  } finally {
    await letGo();
  }
  assert.ok([502, 503, 504].includes(answer.status), `the search broke off: ${answer.status} ${answer.text.slice(0, 200)}`);
  const errors = written(before).find(([log]) => log === 'nginx-error.log')?.[1] ?? '';
  assert.match(errors, /user-management/, 'and nginx wrote about it');
  for (const [log, text] of written(before)) assert.ok(!text.includes(name), `${log} holds the name that was searched for`);
  for (const end = Date.now() + 10000; (await search()).status !== 200;) assert.ok(Date.now() < end, 'new workers answer');
});
