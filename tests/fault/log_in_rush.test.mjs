// Many log-ins at once from one address, with the limits that an installation has: whoever is right gets in, however many
// others are right or wrong at that moment; who is wrong too often is slowed down.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeUser } from '../support/people.mjs';
import { Second } from '../support/second.mjs';

const logIn = (portal, user, password = user.password) => portal.ask('POST', '/api/v1/session', { body: { user_id: user.user_id, password } });
/** The whole way: password and the day's code. */
async function enter(portal, user) {
  const first = await logIn(portal, user);
  if (first.status !== 200) return first;
  const cookie = first.headers['set-cookie'][0].split(';')[0];
  return portal.ask('POST', '/api/v1/session/security-code-verification', { headers: { cookie, origin: `https://localhost:${portal.port}` }, body: { code: user.code } });
}
const shown = (answers) => JSON.stringify(answers.filter(({ status }) => status !== 200).map(({ status, body }) => [status, body?.code]));

describe('with default limits', () => {
  let portal;
  before(async () => { portal = await Second.start(); });
  after(() => portal.end());

  test('forty people of one office log in at the same moment, and all get in', { timeout: 60000 }, async (t) => {
    const people = [...Array(40)].map(() => makeUser());
    const began = Date.now();
    const answers = await Promise.all(people.map((user) => enter(portal, user)));
    t.diagnostic(`forty in ${Date.now() - began} ms`);
    assert.ok(answers.every(({ status }) => status === 200), shown(answers));
  });

  test('ten parallel wrong log-ins, known and unknown, do not turn a right one away', { timeout: 60000 }, async () => {
    const victim = makeUser(), right = makeUser();
    const wrong = [...Array(10).keys()].map((i) => logIn(portal, i % 2 ? victim : { user_id: `ZZZZ${100 + i}` }, 'This is not the password 1'));
    const answer = await enter(portal, right);
    assert.equal(answer.status, 200, answer.text);
    for (const { status } of await Promise.all(wrong)) assert.ok([401, 429].includes(status), `${status}`);
  });

  test('who goes on being wrong has to wait, and says so to the next one too', { timeout: 60000 }, async () => {
    const answers = [];
    for (let round = 0; round < 6 && !answers.some(({ body }) => body.code === 'too_many'); round++)
      answers.push(...await Promise.all([...Array(5).keys()].map((i) => logIn(portal, { user_id: `YYYY${100 + round * 5 + i}` }, 'This is not the password 1'))));
    const refused = answers.find(({ body }) => body.code === 'too_many');
    assert.ok(refused, shown(answers));
    assert.ok(Number(refused.headers['retry-after']) >= 1);
  });

  test('a rush of log-ins waits in nginx, and lookups go on meanwhile', { timeout: 60000 }, async () => {
    let going = true;
    const busy = [];
    const rush = Promise.all([...Array(20)].map(() => logIn(portal, { user_id: 'ZZZZ999' }, 'This is not the password 1'))).finally(() => { going = false; });
    while (going) {
      const [, threads] = (await portal.ask('GET', '/metrics')).text.match(/^connex_pool_busy_threads (\d+)$/m);
      busy.push(Number(threads));
    }
    await rush;
    busy.sort((a, b) => a - b);
    assert.ok(busy[busy.length >> 1] <= 4, `busy threads, the median of ${busy.length} looks: ${busy[busy.length >> 1]}`);
  });
});
