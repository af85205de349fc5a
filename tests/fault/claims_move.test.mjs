// The upgrade of a database whose claims stand in months (the last version that made them so) to plain tables: while people
// read, with a load in between, killed half-way and run again. Every figure stays, and no reader waits for a second.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Cluster, pause, until } from '../support/cluster.mjs';
import { historyWith, olderTree } from '../support/older.mjs';

const MONTHLY = 'eb00b38'; // the last version with months
const CLAIMS = 20000;
const moved = ['claim', 'adjudication', 'claim_line']; // and connex.claim_adjustment, which becomes a view of arrays in two of them (0053 to 0055)
const repository = historyWith(MONTHLY);
const skip = repository ? false : `the history of this clone does not go back to ${MONTHLY}`;
let cluster, tree;

/** A psql that stays: one connection, one answer after the other. */
class Session {
  constructor(role) {
    this.process = spawn('psql', ['-XqAt', '-v', 'VERBOSITY=verbose', '-d', cluster.db(role)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.out = '';
    this.errors = '';
    this.process.stdout.on('data', (data) => { this.out += data; this.answered?.(); });
    this.process.stderr.on('data', (data) => { this.errors += data; });
    this.process.on('exit', () => { this.gone = true; this.answered?.(); });
  }
  async ask(text) {
    this.out = '';
    this.process.stdin.write(`${text};\n\\echo @@\n`);
    while (!this.out.endsWith('@@\n')) {
      if (this.gone) throw new Error(`psql ended: ${this.errors}`);
      await new Promise((done) => { this.answered = done; });
    }
    return this.out.slice(0, -4);
  }
  end() { this.process.stdin.end(); }
}

before(() => {
  if (skip) return;
  tree = olderTree(repository, MONTHLY);
  cluster = Cluster.start(tree);
  fill();
});
after(() => {
  cluster?.end();
  if (tree) rmSync(tree, { recursive: true, force: true });
});

/** Claims of 30 months (two of them older than any partition) with their children, and redeterminations of some. */
function fill() {
  cluster.sql(`
    INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('06102', 'Move test', 'J-T', 'part_b');
    INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
      SELECT '06102', '1999999984', 'MOVE' || n, '99999991' || n, 'Practice ' || n, 'part_b', 'ME' FROM generate_series(1, 5) n;
    INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email) VALUES ('MOVE001', 'office', 'Move', 'Test', 'billing', 'move@tests.example');
    INSERT INTO connex.remittance (provider_account_id, contractor_no, payment_number, amount, paid_on, balanced, sender, interchange_control, group_control, transaction_control, sha256)
      SELECT provider_account_id, '06102', 'EFT' || n, n, current_date - n, true, 'T', n::text, '1', '1', sha256(n::text::bytea)
        FROM generate_series(1, 50) n JOIN connex.provider_account ON ptan = 'MOVE' || (n % 5 + 1);
    INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, mbi, patient_last_name, status, from_on, finalized_on, charge, paid, remittance_id, last_adjudication_no)
      SELECT connex.claim_id_new(d.on_day), '06102', 'mcs', 'MOVE' || n, a.provider_account_id, '1S00A00AA' || lpad((n % 90)::text, 2, '0'), 'Person', CASE n % 3 WHEN 0 THEN 'denied' ELSE 'paid' END,
             d.on_day, d.on_day + 14, n % 500, CASE n % 3 WHEN 0 THEN 0 ELSE n % 400 END, n % 50 + 1, 1
        FROM generate_series(1, ${CLAIMS}) n, LATERAL (SELECT current_date - (n * 7) % 900 AS on_day) d JOIN connex.provider_account a ON true WHERE a.ptan = 'MOVE' || (n % 5 + 1);
    INSERT INTO connex.claim_key SELECT contractor_no, system, control_no, claim_id FROM connex.claim;
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, charge, paid, adjudicated_on, supplement, raw)
      SELECT claim_id, 1, provider_account_id, remittance_id, '1', charge, paid, finalized_on, '{"REF": "1"}', repeat(control_no, 20) FROM connex.claim;
    INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, procedure_code, charge, paid)
      SELECT claim_id, 1, n, provider_account_id, '9921' || n, charge / 2, paid / 2 FROM connex.claim, generate_series(1, 2) n;
    INSERT INTO connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, provider_account_id, group_code, reason_code, amount)
      SELECT claim_id, 1, line_no, 1, provider_account_id, 'CO', CASE line_no WHEN 1 THEN '45' ELSE '50' END, charge - paid FROM connex.claim_line;
    INSERT INTO connex.appeal (confirmation_no, claim_id, provider_account_id, contractor_no, requester_name, requester_phone, reason, filed_by, notice_on, deadline_on, decision_due_on,
        status, outcome, filed_at, decided_at)
      SELECT 'R-' || claim_id, claim_id, provider_account_id, '06102', 'x', 'x', 'x', (SELECT user_account_id FROM connex.user_account WHERE user_id = 'MOVE001'), finalized_on, finalized_on + 125, finalized_on + 80,
             'decided', 'unfavorable', finalized_on + 20, finalized_on + 50 FROM connex.claim WHERE status = 'denied' AND control_no LIKE '%7';
    ANALYZE;`);
}

/** Every figure of every report, and a digest of every row that moves. */
function figures() {
  const views = cluster.sql(`SELECT viewname FROM pg_views WHERE schemaname = 'report' AND viewname IN
    ('access_by_provider_account', 'appeals_by_status_and_age', 'claims_by_appeal_right', 'remittances_by_day', 'loads') ORDER BY 1`).flat();
  assert.equal(views.length, 5);
  const columns = (name) => cluster.one(`SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = '${name}'::regclass AND attnum > 0 AND attname !~ '^adjustment_.*s$'`);
  return Object.fromEntries([...views.map((name) => `report.${name}`), ...[...moved, 'claim_adjustment'].map((name) => `connex.${name}`)].map((name) =>
    [name, cluster.one(`SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM (SELECT ROW(${columns(name)}) FROM ${name}) t`)]));
}
/** What hangs on the tables, without what the move adds on purpose (storage parameters, the words on claim_id, the adjustments),
 * without what every migrate makes anew (policies and grants; tests/sql/claim.sql), and without the words that 0057 changes. */
const shape = () => cluster.sql(`
  SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attstorage,
                   CASE WHEN a.attname <> 'claim_id' AND (c.relname, a.attname) NOT IN (('claim', 'from_on'), ('claim', 'through_on')) THEN col_description(c.oid, a.attnum) END)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attname !~ '^adjustment_.*s$' LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
   WHERE c.oid IN (${moved.map((t) => `'connex.${t}'::regclass`)}) ORDER BY c.relname, a.attnum`).concat(cluster.sql(`
  SELECT c.relname, obj_description(c.oid), c.relrowsecurity, c.relowner::regrole,
         (SELECT string_agg(concat_ws(' ', conname, pg_get_constraintdef(oid)), '; ' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid AND conname !~ '_adjustments_check$'),
         (SELECT string_agg(regexp_replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON '), '; ' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = c.oid)
    FROM pg_class c WHERE c.oid IN (${moved.map((t) => `'connex.${t}'::regclass`)}) ORDER BY c.relname`));
const kind = () => cluster.one(`SELECT relkind FROM pg_class WHERE oid = 'connex.claim'::regclass`);
const copied = () => cluster.one(`SELECT CASE WHEN to_regclass('connex.claim_move') IS NULL THEN '0' ELSE (xpath('/row/n/text()', query_to_xml('SELECT copied_through AS n FROM connex.claim_move', false, true, '')))[1]::text END`);

function migrate() {
  const [program, words, options] = cluster.migration();
  const child = spawn(program, words, { ...options, detached: true });
  child.words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { child.words += data; });
  child.ended = new Promise((done) => child.once('exit', (code, signal) => done(code ?? signal)));
  return child;
}

test('claims leave their months while people read: killed half-way, run again, every figure the same, no wait of a second', { skip, timeout: 240000 }, async () => {
  assert.equal(kind(), 'p');
  const before = shape();
  const ids = cluster.sql(`SELECT claim_id FROM connex.claim ORDER BY claim_id`).flat();

  // Two readers that go on through all of it: one reads the tables under the loader's policy and grant, one asks the functions
  // that take a row of a claim, in sessions that knew the old types.
  let over = false;
  const waits = [];
  const reader = new Session('connex_loader');
  await reader.ask(`PREPARE look (bigint) AS SELECT c.claim_id, (SELECT count(*) FROM connex.adjudication a WHERE a.claim_id = c.claim_id), (SELECT count(*) FROM connex.claim_line l WHERE l.claim_id = c.claim_id)
      FROM connex.claim c WHERE c.claim_id = $1`);
  await reader.ask('\\timing on\nSELECT 1'); // by psql's clock: this process stands while it asks for figures
  const reading = (async () => {
    for (let n = 0; !over; n++) {
      const id = ids[(n * 7919) % ids.length];
      const [answer, time] = (await reader.ask(`EXECUTE look (${id})`)).split('\n');
      assert.equal(answer, `${id}|1|2`, reader.errors);
      waits.push(Number(/^Time: ([\d.]+) ms/.exec(time)[1]));
    }
  })();
  const asker = new Session('connex_owner');
  const documents = { p: 0, r: 0 };
  const asking = (async () => {
    for (let n = 0; documents.r < 20 && !over; n++) { // then the rules change, which is another matter
      const [now, length] = (await asker.ask(`SELECT (SELECT relkind FROM pg_class WHERE oid = 'connex.claim'::regclass), length(connex.claim_document(${ids[(n * 104729) % ids.length]})::text)`)).trim().split('|');
      assert.ok(Number(length) > 500, asker.errors);
      documents[now]++;
    }
  })();

  // Half-way: a load holds its turn, so the copy stands, and migrate is killed.
  const first = migrate();
  const load = new Session('connex_loader');
  await until('the first step', async () => Number(copied()) > 0, 60);
  await load.ask(`SELECT pg_advisory_lock(hashtext('connex.load_remittance'))`);
  process.kill(-first.pid, 'SIGKILL');
  await until('its copy ends with it', () => cluster.one(`SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%INSERT INTO connex.claim_plain%' AND pid <> pg_backend_pid()`) === '0');
  const half_way = Number(copied());
  assert.ok(half_way > 0 && half_way < Number(ids.at(-1)), `${half_way}`);
  assert.equal(kind(), 'p');

  // What loads write meanwhile, on either side of where the copy stands.
  for (const id of [ids[0], ids.at(-1)])
    await load.ask(`UPDATE connex.claim SET status = 'reversed', version = version + 1 WHERE claim_id = ${id};
      UPDATE connex.claim_line SET paid = 0.01 WHERE claim_id = ${id};
      INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, status, from_on) VALUES (${id} + 500000, '06102', 'mcs', 'NEW${id}', 'paid', current_date);
      INSERT INTO connex.adjudication (claim_id, adjudication_no, clp_status, charge, paid) VALUES (${id} + 500000, 1, '1', 1, 1)`);
  assert.equal(load.errors, '');
  assert.throws(() => cluster.sql(`DELETE FROM connex.claim_line WHERE claim_id = ${ids[0]}`), /claims are being moved/);
  const expected = figures();
  await load.ask(`SELECT pg_advisory_unlock(hashtext('connex.load_remittance'))`);

  // Again, and somebody reads for seconds when the names are to be swapped.
  const second = migrate();
  const long = new Session('postgres');
  await long.ask('BEGIN; SELECT count(*) FROM connex.claim WHERE claim_id = 0');
  await until('all is copied', () => copied() === '9223372036854775807', 60);
  await pause(3000);
  assert.equal(kind(), 'p');
  await long.ask('COMMIT');
  assert.equal(await second.ended, 0, second.words);
  await asking;
  over = true;
  await reading;
  for (const session of [reader, asker, load, long]) session.end();

  assert.equal(kind(), 'r');
  assert.deepEqual(figures(), expected);
  assert.deepEqual(shape(), before);
  assert.equal(cluster.one(`SELECT count(*) FROM pg_class WHERE relnamespace = 'connex'::regnamespace AND relname ~ '_(plain|monthly)(_|$)|^claim_move|_[0-9]{6}$'`), '0', 'nothing is left of the months');
  assert.ok(documents.p > 20 && documents.r >= 20, JSON.stringify(documents));
  const longest = Math.max(...waits);
  console.log(`${waits.length} reads, the longest ${Math.round(longest)} ms`);
  assert.ok(waits.length > 500);
  assert.ok(longest < 1000, `a reader waited ${Math.round(longest)} ms`);
  assert.equal(spawnSync(...cluster.migration()).status, 0, 'again it changes nothing');
  assert.deepEqual(figures(), expected);
});
