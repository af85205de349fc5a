// Housekeeping at the turn of a month, behind somebody who reads for a long time (pg_dump, a report): no request fails or waits
// for it, and the months are made once he is gone.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hangUp } from '../support/http.mjs';
import { demo, one, pause, sql, until, withSetting } from '../support/instance.mjs';
import { claimsOf, look, officerToken } from '../support/processes.mjs';

// Other programs on the machine make answers late as well: what is allowed grows with what it is busy with.
const READS_S = 30, SLOWEST_MS = 200 * Math.max(1, loadavg()[0] / cpus().length);
let token, claims;
before(() => {
  let user_id;
  ({ token, user_id } = officerToken());
  claims = claimsOf(user_id, 40);
});
after(() => {
  hangUp();
  // The months that only this test wanted go, so that other tests find what migrate makes.
  sql(`SET lock_timeout = '5s'; DO $$
    DECLARE
      one record;
    BEGIN
      FOR one IN SELECT inhrelid::regclass AS name FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
        WHERE inhparent IN (SELECT partrelid FROM pg_partitioned_table) AND right(relname, 6) ~ '^[0-9]{6}$' AND right(relname, 6)
          > to_char((now() AT TIME ZONE 'UTC') + make_interval(months => connex.setting_integer('partition_months_ahead')), 'YYYYMM') LOOP
        EXECUTE format('DROP TABLE %s', one.name);
      END LOOP;
    END $$`);
});

const db = (role) => `host=${demo.pg.host} port=${demo.pg.port} user=${role} dbname=${demo.pg.dbname}`;
const attached = () => one(`SELECT count(*)::int AS n FROM pg_inherits WHERE inhparent IN (SELECT partrelid FROM pg_partitioned_table)`).n;
/** One round of the jobs daemon, beside everything else; its log. */
const jobs = () => new Promise((done) => {
  let log = '';
  const child = spawn(join(process.env.CONNEX_BIN, 'connex'), ['jobs', '--once'],
    { env: { ...process.env, CONNEX_DB: db('connex_jobs'), CONNEX_LOG: '-', CONNEX_SMTP_URL: '', CONNEX_MAIL_FROM: '' }, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.on('data', (text) => { log += text; });
  child.once('close', (code) => done({ code, log }));
});
const worst = (answers) => Math.max(...answers.map(({ took }) => took));

test('no answer fails or is late while months are made behind a long reader, and they are made after him', { timeout: 120000 }, async () => {
  // Two months more than there are, so that it can run again.
  const ahead = one(`SELECT count(*)::int AS n FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
    WHERE inhparent = 'audit.event'::regclass AND relname > to_char(now() AT TIME ZONE 'UTC', '"event_"YYYYMM') AND relname ~ '[0-9]$'`).n;
  await withSetting('partition_months_ahead', String(ahead), async () => {
    for (const end = Date.now() + 30000; one(`SELECT count(*)::int AS n FROM connex.partition_plan()`).n > 0 && Date.now() < end;) await jobs();
  });
  await withSetting('partition_months_ahead', String(ahead + 2), async () => {
    const traffic = look(token, claims, 2);
    await pause(3000); // warm
    const from = traffic.answers.length;
    await pause(4000);
    const quiet = traffic.answers.slice(from);
    const before = attached();
    const reader = spawn('psql', ['-Xq', '-d', db('connex_owner'), '-c', `BEGIN; SELECT count(*) FROM audit.event;
      SELECT pg_sleep(${READS_S}); COMMIT`], { stdio: 'ignore' });
    const gone = new Promise((done) => reader.once('close', done));
    await until('the reader', () => sql(`SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'`) === '1');
    const since = traffic.answers.length;
    let rounds = 0;
    for (const end = Date.now() + READS_S * 1000 - 5000; Date.now() < end; rounds++) {
      const { code, log } = await jobs();
      assert.equal(code, 0, log);
      assert.match(log, /"partition".*later/, 'it gives up at once');
      await pause(1000);
    }
    assert.equal(attached(), before, 'he reads what would have to be locked: no month is made');
    assert.equal(reader.exitCode, null, 'he read all the time');
    const answers = traffic.answers.slice(since);
    await gone;
    // On a busy machine a lookup itself may take longer than a step waits: then the next round makes the rest.
    const wanted = before + 2;
    for (const end = Date.now() + 30000; attached() < wanted && Date.now() < end;) await jobs();
    assert.equal(attached(), wanted, 'made after him');
    const all = await traffic.stop();
    const bad = all.filter(({ status }) => status !== 200);
    assert.deepEqual(bad.map(({ status, text }) => [status, text.slice(0, 200)]), [], 'none fails');
    console.log(`${rounds} rounds behind the reader: ${answers.length} answers, the slowest ${worst(answers)} ms; ${worst(quiet)} ms without`);
    assert.ok(answers.length > 200, `${answers.length} answers`);
    const late = answers.filter(({ took }) => took > SLOWEST_MS);
    assert.equal(late.length, 0, `${late.length} of ${answers.length} over ${SLOWEST_MS} ms, the slowest ${worst(answers)} ms`);
  });
});
