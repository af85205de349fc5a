// A second scripts/migrate on a database that is in use: what the contractor added to the reports lives on, and rules, policies,
// and views are replaced together or not at all.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cluster, root } from '../support/cluster.mjs';

let cluster;
before(() => { cluster = Cluster.start(); });
after(() => cluster?.end());

const migrate = () => spawnSync(join(root, 'scripts/migrate'),
  { cwd: root, encoding: 'utf8', env: { ...process.env, VAR: join(cluster.home, 'var'), CONNEX_DB: cluster.db('postgres') } });
/** As after a release that changed a policy: every policy and grant is taken away and given again. */
const outdated = () => cluster.sql(`UPDATE connex.policy_state SET files = 'of an older release'`);

test("the contractor's own grants and views on the reports survive", () => {
  cluster.sql(`CREATE ROLE contractor_dba LOGIN; GRANT USAGE ON SCHEMA report TO contractor_dba; GRANT CONNECT ON DATABASE connex TO contractor_dba;
    GRANT SELECT ON report.loads, report.appeals_by_status_and_age, report.access_by_provider_account TO contractor_dba;
    GRANT EXECUTE ON FUNCTION report.now, report.today, report.masked TO contractor_dba; -- views call functions as who reads them
    CREATE SCHEMA contractor AUTHORIZATION contractor_dba`);
  cluster.sql(`CREATE VIEW contractor.overdue AS SELECT contractor_no, sum(overdue) AS overdue FROM report.appeals_by_status_and_age GROUP BY 1`, 'contractor_dba');
  const views = () => cluster.one(`SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'report'::regnamespace`);
  const made = views();
  outdated();
  const done = migrate();
  assert.equal(done.status, 0, done.stderr);
  assert.equal(views(), made, 'the views are the same ones, replaced in place');
  for (const query of ['SELECT count(*) FROM report.loads', 'SELECT count(*) FROM report.access_by_provider_account', 'SELECT count(*) FROM contractor.overdue'])
    assert.equal(cluster.one(query, 'contractor_dba'), '0', query);
});

test('where one of them cannot be replaced, nothing is: neither rule, nor policy, nor view', () => {
  // An older function, a policy that no file has, and a view that has a column more, which cannot be taken away in place.
  cluster.sql(`SET ROLE connex_owner; CREATE OR REPLACE FUNCTION connex.jobs_wait(p_tries integer) RETURNS interval LANGUAGE sql VOLATILE RETURN interval '1 second';
    CREATE POLICY of_before ON connex.claim FOR SELECT TO connex_reader USING (false);
    DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW report.remittances_by_day AS SELECT v.*, 1 AS of_the_contractor FROM ('
      || rtrim(pg_get_viewdef('report.remittances_by_day'::regclass), ';') || ') v'; END $$`);
  outdated();
  const state = () => cluster.sql(`SELECT connex.jobs_wait(1), (SELECT count(*) FROM pg_policies WHERE policyname = 'of_before'), connex.policy_fingerprint(),
    (SELECT string_agg(md5(pg_get_viewdef(oid)), ' ' ORDER BY oid) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'report'::regnamespace)`);
  const old = state();
  const refused = migrate();
  assert.notEqual(refused.status, 0);
  assert.match(refused.stderr, /cannot drop columns from view[^]*nothing was changed/);
  assert.deepEqual(state(), old);
  cluster.sql('DROP VIEW report.remittances_by_day');
  const done = migrate();
  assert.equal(done.status, 0, done.stderr);
  assert.deepEqual(cluster.sql(`SELECT connex.jobs_wait(1) > interval '10 seconds', (SELECT count(*) FROM pg_policies WHERE policyname = 'of_before')`), [['t', '0']]);
});

test('a request that has entered never waits for a migrate that waits for it', async () => {
  outdated();
  const ended = (child) => { let out = ''; child.stdout.on('data', (data) => { out += data; }); return new Promise((done) => child.on('close', (status) => done([status, out.trim()]))); };
  // As a request: first its session, then one table after the other, against migrate's order. What it has read stays locked until
  // its end.
  const request = ended(spawn('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', cluster.db('postgres'), '-c', `BEGIN; SELECT FROM connex.session LIMIT 1;
    DO $$ DECLARE t regclass; began timestamptz; longest interval := '0'; BEGIN
      FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'connex'::regnamespace AND relkind = 'r' AND relname <> 'token' ORDER BY relname DESC LOOP
        PERFORM pg_sleep(0.1);
        began := clock_timestamp();
        EXECUTE format('SELECT FROM %s LIMIT 1', t);
        longest := greatest(longest, clock_timestamp() - began);
      END LOOP;
      PERFORM set_config('test.longest', extract(epoch FROM longest)::text, false);
    END $$; SELECT current_setting('test.longest'); COMMIT`]));
  const migrating = ended(spawn(join(root, 'scripts/migrate'), { cwd: root, env: { ...process.env, VAR: join(cluster.home, 'var'), CONNEX_DB: cluster.db('postgres') } }));
  const [[read, longest], [migrated]] = await Promise.all([request, migrating]);
  assert.deepEqual([read, migrated], [0, 0]);
  assert.ok(Number(longest) < 0.15, `a table was read after ${longest} s`);
});
