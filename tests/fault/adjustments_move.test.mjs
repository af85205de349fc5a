// The upgrade of a database whose adjustments are rows of their own to arrays in their lines (0053 to 0055), with what a load of
// the version before writes between the steps. Every adjustment stays what it was.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Cluster, root } from '../support/cluster.mjs';
import { historyWith, olderTree } from '../support/older.mjs';

const ROWS = 'c592969'; // the last version with rows
const repository = historyWith(ROWS);
const skip = repository ? false : `the history of this clone does not go back to ${ROWS}`;
let cluster, tree;

before(() => {
  if (skip) return;
  tree = olderTree(repository, ROWS);
  cluster = Cluster.start(tree);
});
after(() => {
  cluster?.end();
  if (tree) rmSync(tree, { recursive: true, force: true });
});

/** Claims `from` to `through` with two lines; their adjustments come later, as a load brings them. */
const claims = (from, through) => cluster.sql(`
  INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, status, from_on, last_adjudication_no)
    SELECT n * 7, '06102', 'mcs', 'ROWS' || n, 'denied', '2026-01-01', 1 FROM generate_series(${from}, ${through}) n;
  INSERT INTO connex.adjudication (claim_id, adjudication_no, clp_status, charge, paid) SELECT n * 7, 1, '4', 100, 0 FROM generate_series(${from}, ${through}) n;
  INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, charge) SELECT n * 7, 1, l, 50 FROM generate_series(${from}, ${through}) n, generate_series(1, 2) l;`);
const adjustments = (from, through) => cluster.sql(`
  INSERT INTO connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, group_code, reason_code, amount, quantity)
    SELECT n * 7, 1, l, a, (ARRAY['CO', 'PR', 'O"A'])[a], (n * l + a)::text, n + a / 100.0, CASE WHEN n % 3 = 0 AND a = 2 THEN 1.5 END
      FROM generate_series(${from}, ${through}) n, generate_series(0, 2) l, generate_series(1, n % 4) a;`);
const all = () => cluster.sql(`SELECT claim_id, adjudication_no, line_no, adjustment_no, group_code, reason_code, amount, quantity FROM connex.claim_adjustment ORDER BY 1, 2, 3, 4`);
const apply = (name) => execFileSync('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', '-d', cluster.db('connex_owner')],
  { input: readFileSync(join(root, 'sql/migrations', name), 'utf8').replace(/^-- migrate:(up|down).*$/gm, '') });

test('each adjustment moves into its line or claim, whenever a load brought it', { skip }, () => {
  claims(1, 4500);
  adjustments(1, 4000);
  apply('0053_adjustments_begin.sql');
  adjustments(4001, 4100); // before the copy
  apply('0054_adjustments_copy.sql');
  adjustments(4101, 4500); // after it
  cluster.sql(`UPDATE connex.claim_adjustment SET amount = amount + 1 WHERE claim_id IN (7, 70)`);
  const before = all();
  assert.ok(before.length > 15000, `${before.length}`);
  const [program, words, options] = cluster.migration();
  const done = spawnSync(program, words, { ...options, encoding: 'utf8' });
  assert.equal(done.status, 0, `${done.stdout}${done.stderr}`);
  assert.equal(cluster.one(`SELECT relkind FROM pg_class WHERE oid = 'connex.claim_adjustment'::regclass`), 'v');
  const moved = all();
  assert.equal(moved.length, before.length);
  assert.deepEqual(moved.filter((row, i) => `${row}` !== `${before[i]}`).slice(0, 9), []); // the whole difference would take minutes to print
  assert.deepEqual(cluster.sql(`SELECT adjustment_groups, adjustment_reasons, adjustment_amounts, adjustment_quantities FROM connex.claim_line WHERE (claim_id, line_no) IN ((21, 1), (14, 1)) ORDER BY claim_id`),
    [['{CO,PR}', '{3,4}', '{2.01,2.02}', '{}'], ['{CO,PR,"O\\"A"}', '{4,5,6}', '{3.01,3.02,3.03}', '{NULL,1.500,NULL}']]);
});

test('an adjustment that belongs to nothing stops the upgrade before anything is lost', { skip }, () => {
  const other = Cluster.start(tree);
  try {
    other.sql(`INSERT INTO connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, group_code, reason_code, amount) VALUES (7, 1, 1, 1, 'CO', '45', 1)`);
    const [program, words, options] = other.migration();
    const done = spawnSync(program, words, { ...options, encoding: 'utf8' });
    assert.notEqual(done.status, 0);
    assert.match(`${done.stdout}${done.stderr}`, /adjustments of claims .* belong to no line and no adjudication/);
    assert.equal(other.one('SELECT count(*) FROM connex.claim_adjustment'), '1');
    other.sql('DELETE FROM connex.claim_adjustment');
    assert.equal(spawnSync(program, words, options).status, 0, 'after it is deleted, the upgrade goes on');
  } finally {
    other.end();
  }
});
