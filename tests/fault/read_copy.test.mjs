// CONNEX_DB_READ names a standby: it is read from while it is there and near enough, the primary else, and nobody who has
// just logged in is unknown.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../support/instance.mjs';
import { makeUser } from '../support/people.mjs';
import { Second } from '../support/second.mjs';
import { Standby } from '../support/standby.mjs';

let standby, portal;
before(async () => {
  standby = Standby.start();
  // One process, so that /metrics is of the one that was asked.
  portal = await Second.start({ settings: { CONNEX_DB_READ: standby.db('connex_app'), CONNEX_READ_LAG: '2', CONNEX_PROCESSES: '1' } });
});
after(async () => {
  await portal?.end();
  standby?.end();
});
const read = () => portal.ask('GET', '/api/v1/attestation');
const used = async () => Number((await portal.ask('GET', '/metrics')).text.match(/^connex_read_copy_used (\d)$/m)[1]) === 1;
/** Reads until the copy is, or is not, used; every answer on the way must be good. */
const becomes = (wanted) => until(`the copy is ${wanted ? '' : 'not '}used`, async () => {
  assert.equal((await read()).status, 200);
  return (await used()) === wanted;
});

test('it is read from while it is near', { timeout: 60000 }, async () => {
  await becomes(true);
  const reads = () => Number(standby.sql(`SELECT xact_commit FROM pg_stat_database WHERE datname = 'connex'`));
  const before_ = reads();
  for (let i = 0; i < 50; i++) await read();
  await until('the copy counts them', () => reads() >= before_ + 40);
});

test('/metrics tells how far it is behind', { timeout: 60000 }, async () => {
  const lag = async (unit) => Number((await portal.ask('GET', '/metrics')).text.match(new RegExp(`^connex_replication_lag_${unit}\\{standby="walreceiver-\\d+"\\} ([0-9.]+)$`, 'm'))?.[1] ?? NaN);
  await until('it has caught up', async () => (await lag('bytes')) === 0 && (await lag('seconds')) < 1);
  standby.sql('SELECT pg_wal_replay_pause()');
  makeUser();
  await until('it is behind', async () => (await lag('bytes')) > 100);
  standby.sql('SELECT pg_wal_replay_resume()');
  await until('it has caught up again', async () => (await lag('bytes')) === 0);
});

test('behind by more than the setting, the primary is read; near again, the copy', { timeout: 60000 }, async () => {
  standby.sql('SELECT pg_wal_replay_pause()');
  await becomes(false);
  assert.ok(Number((await portal.ask('GET', '/metrics')).text.match(/^connex_read_copy_lag_seconds ([0-9.]+)$/m)[1]) > 2);
  standby.sql('SELECT pg_wal_replay_resume()');
  await becomes(true);
});

test('who has just logged in is known, though the copy does not have the session yet', { timeout: 60000 }, async () => {
  await becomes(true);
  standby.sql('SELECT pg_wal_replay_pause()');
  try {
    const user = makeUser();
    const first = await portal.ask('POST', '/api/v1/session', { body: { user_id: user.user_id, password: user.password } });
    assert.equal(first.status, 200, first.text);
    const headers = { cookie: first.headers['set-cookie'][0].split(';')[0], origin: `https://localhost:${portal.port}` };
    const one = await portal.ask('GET', '/api/v1/session', { headers });
    assert.equal(one.status, 200, one.text);
    assert.equal(one.body.next, 'security_code');
    const second = await portal.ask('POST', '/api/v1/session/security-code-verification', { headers, body: { code: user.code } });
    const two = await portal.ask('GET', '/api/v1/session', { headers: { cookie: second.headers['set-cookie'][0].split(';')[0] } });
    assert.equal(two.status, 200, two.text);
    assert.equal(two.body.next, 'home', 'and is as far as it is');
  } finally {
    standby.sql('SELECT pg_wal_replay_resume()');
  }
});

test('dead, it takes nothing away: not one answer; alive again, it is used', { timeout: 90000 }, async () => {
  await becomes(true);
  standby.control('stop', '-m', 'immediate');
  const answers = await Promise.all([...Array(40)].map(() => read()));
  assert.deepEqual(answers.filter(({ status }) => status !== 200), []);
  assert.equal((await portal.ask('GET', '/readyz')).status, 200);
  await becomes(false);
  assert.match(portal.log, /"read_copy_left"/);
  standby.control('start');
  await becomes(true);
});
