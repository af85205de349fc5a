// The workers on other databases than an installation should have: a standby, one that takes no writes, one behind
// PgBouncer. /readyz says which it is, and nobody gets a bare 500.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { hangUp } from '../support/http.mjs';
import { demo, until } from '../support/instance.mjs';
import { claimsOf, officerToken } from '../support/processes.mjs';
import { Second } from '../support/second.mjs';
import { Standby } from '../support/standby.mjs';

after(hangUp);
const service = statSync(join(demo.var, 'log'));
const asService = process.getuid() === 0 ? { uid: service.uid, gid: service.gid } : {};
const direct = `host=${demo.pg.host} port=${demo.pg.port} user=connex_app dbname=connex`;
/** Starts workers with this CONNEX_DB, and ends them after `act`. */
async function on(db, act) {
  const portal = await Second.start({ settings: { CONNEX_DB: db } });
  try {
    return await act(portal);
  } finally {
    await portal.end();
  }
}
function notReady(answer, code) {
  assert.equal(answer.status, 503, answer.text);
  assert.equal(answer.body.code, code);
  assert.ok(answer.body.detail.length > 8);
  assert.ok(Number(answer.headers['retry-after']) >= 1);
}

test('a database that takes no writes is not ready: read_only', { timeout: 60000 }, async () => {
  await on(`${direct} options=-cdefault_transaction_read_only=on`, async (portal) => { notReady(await portal.ask('GET', '/readyz'), 'read_only'); });
  await on(direct, async (portal) => { assert.equal((await portal.ask('GET', '/readyz')).status, 200, 'the same one with writes'); });
});

test('a standby as the primary is not ready: standby; promoted, it is', { timeout: 120000 }, async () => {
  const standby = Standby.start();
  try {
    await on(standby.db('connex_app'), async (portal) => {
      notReady(await portal.ask('GET', '/readyz'), 'standby');
      standby.promote();
      await until('it is ready', async () => (await portal.ask('GET', '/readyz')).status === 200);
    });
  } finally {
    standby.end();
  }
});

const pgbouncer = spawnSync('which', ['pgbouncer'], { env: { PATH: `${process.env.PATH}:/usr/sbin` }, encoding: 'utf8' }).stdout.trim();
describe('behind PgBouncer', { skip: pgbouncer ? false : 'pgbouncer is not installed: apt-get install pgbouncer' }, () => {
  async function behind(pool_mode, act) {
    const home = mkdtempSync(join(tmpdir(), 'connex-bouncer-'));
    writeFileSync(join(home, 'users.txt'), '"connex_app" ""\n');
    writeFileSync(join(home, 'pgbouncer.ini'), `[databases]\nconnex = host=${demo.pg.host} port=${demo.pg.port} dbname=connex\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = ${home}
auth_type = any\npool_mode = ${pool_mode}\nignore_startup_parameters = options,extra_float_digits\ndefault_pool_size = 60\nmax_client_conn = 200\nlogfile = ${home}/log\n[users]\n`.replace('auth_type = any', `auth_type = trust\nauth_file = ${home}/users.txt`));
    if (asService.uid) for (const name of ['', 'users.txt', 'pgbouncer.ini']) chownSync(join(home, name), asService.uid, asService.gid);
    const bouncer = spawn(pgbouncer, [join(home, 'pgbouncer.ini')], { ...asService, cwd: '/', stdio: 'ignore' });
    try {
      await until('PgBouncer listens', () => statSync(join(home, '.s.PGSQL.6432'), { throwIfNoEntry: false }));
      return await on(`host=${home} port=6432 user=connex_app dbname=connex`, act);
    } finally {
      bouncer.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    }
  }

  test('pool_mode = transaction is refused with the reason, and 300 searches at once give no 500', { timeout: 120000 }, async (t) => {
    const { token, user_id } = officerToken();
    const [claim] = claimsOf(user_id, 1);
    await behind('transaction', async (portal) => {
      notReady(await portal.ask('GET', '/readyz'), 'pooled');
      const answers = await Promise.all([...Array(300)].map(() => portal.ask('POST', `/api/v1/provider-accounts/${claim.provider_account_id}/claim-searches`,
        { headers: { authorization: `Bearer ${token}` }, body: { limit: 5 } })));
      const counts = {};
      for (const { status, body } of answers) counts[`${status} ${body?.code ?? ''}`] = (counts[`${status} ${body?.code ?? ''}`] ?? 0) + 1;
      const kinds = JSON.stringify(counts);
      t.diagnostic(kinds);
      assert.deepEqual(answers.filter(({ status }) => ![429, 503].includes(status)), [], kinds);
      notReady(await portal.ask('GET', '/readyz'), 'pooled');
      assert.match(portal.log, /"database_away".*pool_mode = transaction/);
    });
  });

  test('pool_mode = session works', { timeout: 120000 }, async () => {
    await behind('session', async (portal) => { await until('it is ready', async () => (await portal.ask('GET', '/readyz')).status === 200); });
  });
});
