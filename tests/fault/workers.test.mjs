// Workers are killed, reloaded, and flooded with wrong log-ins while clients work. Promised (issue 2): a crashed worker costs
// only its own requests; a reload costs none; a full queue of password hashes means a quick 503 and affects nobody else; a
// worker that is killed while it hashes gives its permit back.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hangUp } from '../support/http.mjs';
import { demo, pause } from '../support/instance.mjs';
import { ask, audited, claimsOf, look, officerToken, workers } from '../support/processes.mjs';

let token, user_id, claims;
before(() => {
  ({ token, user_id } = officerToken());
  claims = claimsOf(user_id, 40);
});
after(hangUp);

const parent = () => Number(readFileSync(join(demo.var, 'run/connex-fcgi.pid'), 'utf8'));
const good = (answers) => answers.filter(({ status }) => status === 200);
const told = (answers) => JSON.stringify(answers.slice(0, 3).map(({ status, text, took }) => ({ status, took, text: text.slice(0, 200) })));
async function until(what, look_, seconds = 10) {
  for (const end = Date.now() + seconds * 1000; !look_();) {
    assert.ok(Date.now() < end, `${what} within ${seconds} s`);
    await pause(20);
  }
}
/** Traffic that has started. */
async function flowing(clients) {
  const traffic = look(token, claims, clients);
  await until('traffic flows', () => traffic.answers.length > 10 * clients, 20);
  return traffic;
}

test('a killed worker costs its own requests and is replaced', { timeout: 60000 }, async () => {
  const had = workers();
  const traffic = await flowing(8);
  const victim = had[0];
  process.kill(victim, 'SIGKILL');
  const killed = Date.now();
  await until('a new worker', () => workers().length === had.length && !workers().includes(victim));
  const replaced = Date.now() - killed;
  await pause(1500);
  const answers = await traffic.stop();
  const bad = answers.filter(({ status }) => status !== 200);
  console.log(`  replaced after ${replaced} ms; ${bad.length} of ${answers.length} answers were lost with it`);
  assert.ok(bad.length <= 8, `at most one for each client: ${told(bad)}`);
  assert.ok(bad.every(({ status, began }) => [502, 503, 504].includes(status) && began < killed + 1500), told(bad));
  assert.equal(audited(good(answers)), good(answers).length);
  assert.ok(had.slice(1).every((pid) => workers().includes(pid)), 'no other worker crashed');
});

test('reloads under traffic cost no request', { timeout: 60000 }, async () => {
  const main = parent();
  const traffic = await flowing(8);
  for (let i = 0; i < 3; i++) {
    const had = workers();
    process.kill(main, 'SIGHUP');
    await until('new workers', () => workers().filter((pid) => !had.includes(pid)).length >= had.length / 2);
    await pause(700);
  }
  const answers = await traffic.stop();
  assert.deepEqual(answers.filter(({ status }) => status !== 200).map(({ status, text }) => [status, text.slice(0, 200)]), []);
  assert.equal(parent(), main, 'the parent kept running');
});

test('a flood of wrong log-ins is refused quickly and lookups go on', { timeout: 90000 }, async () => {
  const traffic = await flowing(4);
  let going = true;
  const logIns = [];
  // IDs of this run only: an ID that was tried before is locked, known or not (LOCK-01).
  const letters = [...Array(4)].map(() => String.fromCharCode(65 + Math.floor(Math.random() * 26))).join('');
  const flood = [...Array(24).keys()].map(async (i) => {
    while (going) {
      logIns.push(await ask('POST', '/api/v1/session', { body: { user_id: `${letters}${String(i).padStart(3, '0')}`, password: 'a wrong password of its own' } }));
      await pause(10);
    }
  });
  await pause(1500);
  const [victim] = workers();
  process.kill(victim, 'SIGKILL'); // some thread of it is hashing or waiting
  await pause(2500);
  going = false;
  await Promise.all(flood);
  const answers = await traffic.stop();
  const hashed = logIns.filter(({ status }) => status === 401).length;
  const kinds = [...new Set(logIns.map(({ status }) => status))].sort();
  console.log(`  ${logIns.length} log-ins: ${hashed} hashed, answers ${kinds}; lookups meanwhile ${answers.length}`);
  assert.ok(kinds.every((status) => [401, 429, 502, 503].includes(status)), `${kinds}: ${told(logIns.filter(({ status }) => ![401, 429, 502, 503].includes(status)))}`);
  for (const { status, headers, text } of logIns)
    if (status === 429 || (status === 503 && text.startsWith('{'))) assert.match(headers['retry-after'] ?? '', /^[0-9]+$/, text);
  assert.ok(hashed > 0, 'some were hashed');
  assert.ok(answers.filter(({ status }) => status !== 200).length <= 4, told(answers.filter(({ status }) => status !== 200)));
  // The permit of the killed worker is free again, so the right password works. A limit on log-ins may ask for a wait.
  const user = demo.users.find(({ role }) => role === 'office');
  let answer;
  for (const end = Date.now() + 30000; ;) {
    answer = await ask('POST', '/api/v1/session', { body: { user_id: user.user_id, password: user.password } });
    if (![429, 503].includes(answer.status) || Date.now() > end) break;
    await pause(Math.min(3000, 1000 * Number(answer.headers['retry-after'] ?? 1)));
  }
  assert.equal(answer.status, 200, answer.text);
});
