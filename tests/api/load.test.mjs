// connex load with a PostgreSQL of its own: the tables hold what the files say, a broken part costs only itself, and loading
// again changes nothing (standards.md 5.3; design.md section 4). The tests make files of their own; the shared samples are
// read if they are here, and skipped loudly if not.
// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Cluster, connex, pause, root, until } from '../support/cluster.mjs';

const samples = join(root, '../shared/samples/x12');
let cluster, folder, files = 0;

before(() => {
  assert.ok(connex, 'build the programs first: make');
  cluster = Cluster.start();
  folder = mkdtempSync(join(tmpdir(), 'connex-load-'));
});
after(() => {
  cluster?.end();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const number = (text) => Number(cluster.one(text));
const tables = ['remittance', 'provider_adjustment', 'claim_key', 'claim', 'adjudication', 'claim_line', 'claim_adjustment', 'contractor',
  'provider_account', 'payment', 'beneficiary', 'beneficiary_mbi', 'coverage'];
/** The number of rows in each table and a digest of them all: if two fingerprints are equal, nothing changed. */
const fingerprint = () => Object.fromEntries(tables.map((table) =>
  [table, cluster.one(`SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM connex.${table} t`)]));
// DELETE, not TRUNCATE: TRUNCATE creates the files of each table and index again, which takes longer for a few rows.
const emptied = () => cluster.sql(['load_finding', 'provider_adjustment', 'claim_line', 'adjudication', 'claim', 'claim_key', 'remittance',
  'payment', 'provider_account', 'coverage', 'beneficiary_mbi', 'beneficiary', 'load_run', 'contractor'].map((table) => `DELETE FROM connex.${table};`).join(' '));

function run(args, { input, env = {} } = {}) {
  const done = spawnSync(connex, ['load', ...args], {
    input, encoding: 'utf8', maxBuffer: 1 << 28, env: { ...process.env, CONNEX_DB: cluster.db('connex_loader'), ...env } });
  assert.equal(done.signal, null, done.stderr);
  return done;
}
/** Loads and returns the report for scripts, with the exit status. */
function load(kind, names, ...options) {
  const done = run(['--report', 'json', ...options, kind, ...[names].flat()]);
  assert.ok(done.stdout.startsWith('['), `no report: ${done.stdout}${done.stderr}`);
  const reports = JSON.parse(done.stdout);
  return { status: done.status, reports, ...reports[0] };
}
function file(text, name = `file${++files}`) {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const codes = (report) => report.findings.map(({ code }) => code);

// --- 835 text of our own -------------------------------------------------------------------------------------------------

const isa = (control = 1) => `ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0600*^*00501*${String(control).padStart(9, '0')}*0*T*:~`;
const transaction = (control, segments) => ['ST*835*' + control, ...segments, `SE*${segments.length + 2}*${control}`].map((s) => `${s}~`).join('\n');
const interchange = (transactions, control = 1) => [isa(control), 'GS*HP*06102*RECEIVER*20261121*0600*1*X*005010X221A1~', ...transactions,
  `GE*${transactions.length}*1~`, `IEA*1*${String(control).padStart(9, '0')}~`].join('\n');
const header = (amount, { npi = '1234567893', tin = '123456789', ptan = 'IL1234', on = '20261101', payer = '06102' } = {}) => [
  `BPR*I*${amount}*C*CHK************${on}`, 'TRN*1*CHECK1*1999999999', `DTM*405*${on}`, 'N1*PR*CONTRACTOR', `REF*2U*${payer}`,
  `N1*PE*OFFICE*XX*${npi}`, `REF*TJ*${tin}`, `REF*PQ*${ptan}`, 'LX*1'];
const claim = (control, { status = 1, charge = '100', paid = '80', share = '', adjustments = ['CAS*CO*45*20'], dates = true } = {}) => [
  `CLP*ACCT*${status}*${charge}*${paid}*${share}*MB*${control}*11*1`, ...adjustments, 'NM1*QC*1*LARKSPUR*ADA****MI*1EG4TE5MK73',
  ...(dates ? ['DTM*232*20261001', 'DTM*233*20261001'] : [])];

const accounts = () => cluster.sql(`
  INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('06102', 'Example Contractor', 'J6', 'part_b');
  INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state) VALUES
    ('06102', '1234567893', 'IL1234', '123456789', 'Riverbend Family Practice', 'part_b', 'IL'),
    ('06102', '1234567893', 'IL1235', '123456789', 'Riverbend Second Door', 'part_b', 'IL');`);

// --- tests ---------------------------------------------------------------------------------------------------------------

describe('the shared samples', { skip: existsSync(samples) ? false : `SKIPPED: ${samples} is not here` }, () => {
  const names = existsSync(samples) ? readdirSync(join(samples, '835')).sort().map((name) => join(samples, '835', name)) : [];
  const rows = (name) => readFileSync(join(samples, name), 'utf8').trim().split(/\r?\n/).slice(1);
  let first;

  before(() => { emptied(); first = load('835', names, '--without-envelope'); });

  test('every transaction is loaded, and every fault is reported with its segment', () => {
    assert.equal(first.status, 2);
    assert.equal(first.reports.length, names.length);
    const transactions = first.reports.flatMap((report) => report.transactions);
    const expected = rows('manifest.csv').filter((row) => row.startsWith('835/'))
      .reduce((sum, row) => sum + Number(/,835:(\d+),/.exec(row)[1]), 0);
    assert.equal(transactions.length, expected);
    for (const report of first.reports) assert.equal(report.failed, false, report.failure);
    for (const { outcome } of transactions) assert.match(outcome, /^(loaded|already_loaded)$/); // one is in two files
    const broken = first.reports.find(({ file: name }) => name.includes('nevada'));
    assert.deepEqual(codes(broken).filter((code) => !/^(payer_unknown|payee_unknown|npi_.*)$/.test(code)), ['isa_width', 'iea02_control']);
    assert.match(broken.findings.at(-1).place, /^segment \d+ \(IEA\)$/);
  });

  test('there are as many claims as the manifest says', () => {
    for (const row of rows('manifest.csv').filter((line) => line.startsWith('835/'))) {
      const [, name, claims] = /^([^,]+),.*,835:\d+,(\d+),\d+$/.exec(row);
      const report = first.reports.find(({ file: path }) => path.endsWith(name));
      assert.equal(report.transactions.reduce((sum, one) => sum + one.claims, 0), Number(claims), name);
    }
  });

  test('balances agree with the oracle, row for row', () => {
    const oracle = rows('835_balance.csv');
    assert.ok(oracle.length >= 15);
    for (const row of oracle) {
      const [name, control, claims, claimsBalanced, lines, linesBalanced, withLines, equal, payment, paid, adjusted, balanced] = row.trim().split(',');
      const report = first.reports.find(({ file: path }) => path.endsWith(name));
      const seen = report.transactions.find(({ transaction_control }) => transaction_control === control);
      assert.deepEqual(
        [seen.claims, seen.claims_balanced, seen.svc_lines, seen.svc_balanced, seen.claims_with_svc, seen.svc_charge_sum_equals_claim,
          Number(seen.payment), Number(seen.claims_paid), Number(seen.provider_adjustments), seen.balanced],
        [...[claims, claimsBalanced, lines, linesBalanced, withLines, equal, payment, paid, adjusted].map(Number), balanced === 'True'], row);
    }
  });

  test('loading them again changes nothing and says so', () => {
    const before_ = fingerprint();
    const again = load('835', names, '--without-envelope');
    assert.deepEqual(fingerprint(), before_);
    for (const report of again.reports) {
      assert.equal(report.accepted, 0);
      assert.equal(report.refused, 0);
      assert.equal(report.unchanged, report.transactions.length);
    }
    assert.match(run(['--without-envelope', '835', names[0]]).stdout, /already loaded/);
    const known = first.reports.flatMap((report) => report.transactions).length;
    assert.ok(run(['--without-envelope', '835', ...names]).stdout.includes(`\n${names.length} files: 0 accepted, ${known} unchanged, 0 refused; `));
  });

  test('no file of any kind, cut anywhere or with a byte changed, crashes the reader', () => {
    const kinds = readdirSync(samples).filter((name) => /^\d{3}$|^TA1$/.test(name));
    const all = kinds.flatMap((kind) => readdirSync(join(samples, kind)).map((name) => join(samples, kind, name)));
    assert.ok(all.length > 60);
    let state = 7; // a small generator: the same places each time
    const next = (below) => { state = (state * 48271) % 2147483647; return state % below; };
    const damaged = names.flatMap((name) => {
      const whole = readFileSync(name);
      return [0, 1, 2].flatMap(() => {
        const changed = Buffer.from(whole);
        changed[next(whole.length)] = next(256);
        return [file(whole.subarray(0, next(whole.length))), file(changed)];
      });
    });
    const done = load('835', [...all, ...damaged], '--without-envelope');
    assert.equal(done.reports.length, all.length + damaged.length);
    // A file that was cut inside its ISA is no longer an interchange: that is reported, and is the only way to fail.
    for (const report of done.reports) assert.match(report.failure, /^$|^the file has no interchange/, report.file);
    assert.ok(done.reports.filter(({ failed }) => failed).length < damaged.length / 10);
    assert.equal(number('SELECT count(*) FROM connex.remittance r WHERE claim_count <> (SELECT count(*) FROM connex.adjudication a WHERE a.remittance_id = r.remittance_id)'), 0);
  });
});

describe('an 835', () => {
  beforeEach(() => { emptied(); accounts(); });

  test('that is clean is loaded with exit status 0, and is in the tables', () => {
    const report = load('835', file(interchange([transaction('0001', [...header('75'), ...claim('1126001000001', {
      paid: '75', share: '5', adjustments: ['CAS*CO*45*15'] }).filter((s) => !s.startsWith('CAS')), 'MOA***MA01', 'SVC*HC:99213:25*100*75**2', 'DTM*472*20261001',
      'CAS*CO*45*15', 'CAS*PR*2*10', 'REF*6R*7', 'AMT*B6*85', 'LQ*HE*N365'])])));
    assert.deepEqual([report.status, report.accepted, report.claims, report.lines, report.flags], [0, 1, 1, 1, 0], JSON.stringify(report.findings));
    assert.deepEqual(cluster.sql(`SELECT r.contractor_no, r.payment_number, r.amount, r.paid_on, r.balanced, r.claim_count, a.ptan
                                    FROM connex.remittance r JOIN connex.provider_account a USING (provider_account_id)`),
      [['06102', 'CHECK1', '75.00', '2026-11-01', 't', '1', 'IL1234']]);
    assert.deepEqual(cluster.sql(`SELECT contractor_no, system, control_no, status, line_of_business, mbi, from_on, charge, paid, patient_responsibility,
                                         last_adjudication_no, finalized_on FROM connex.claim`),
      [['06102', 'mcs', '1126001000001', 'paid', 'part_b', '1EG4TE5MK73', '2026-10-01', '100.00', '75.00', '5.00', '1', '2026-11-01']]);
    assert.deepEqual(cluster.sql('SELECT line_no, procedure_code, modifiers, units, charge, allowed, paid, line_control_no, remark_codes FROM connex.claim_line'),
      [['1', '99213', '{25}', '2.000', '100.00', '85.00', '75.00', '7', '{N365}']]);
    assert.deepEqual(cluster.sql('SELECT line_no, adjustment_no, group_code, reason_code, amount FROM connex.claim_adjustment ORDER BY 2'),
      [['1', '1', 'CO', '45', '15.00'], ['1', '2', 'PR', '2', '10.00']]);
    assert.match(cluster.one('SELECT raw FROM connex.adjudication'), /^CLP\*ACCT\*1\*100\*75\*5\*MB\*1126001000001[^]*LQ\*HE\*N365\n$/);
    assert.deepEqual(cluster.sql('SELECT state, accepted, flagged, refused FROM connex.load_run'), [['clean', '1', '0', '0']]);
  });

  test('has every element in the column of its name', () => {
    const columns = (table, words, order = '1') => cluster.one(`SELECT jsonb_agg(to_jsonb(t) ORDER BY ${order}) FROM (SELECT ${words} FROM connex.${table}) t`);
    const report = load('835', file(interchange([transaction('0002', [
      'BPR*I*40.07*C*ACH************20261102', 'TRN*1*EFT5*1888888888', 'DTM*405*20261103', 'N1*PR*PAYER NAME*XV*PAYERID', 'REF*2U*06102',
      'N1*PE*PAYEE NAME*XX*1234567893', 'REF*TJ*123456789', 'REF*PQ*IL1234', 'LX*1',
      'CLP*ACCT9*2*100.01*60.02*5.03*MB*1126001000077*49*7**470', 'CAS*OA*23*1.11*3', 'NM1*QC*1*LAST*FIRST****MI*1EG4TE5MK73', 'NM1*IL*1*I*****MI*INSURED1',
      'NM1*74*1*C*****C*1EG4TE5MK74', 'NM1*82*1*R*****XX*1003000126', 'NM1*TT*2*CROSSOVER', 'NM1*PR*2*CORRECTED PAYER', 'MOA***MA01*MA07*MA13*MA18*N211',
      'DTM*232*20261001', 'DTM*233*20261004', 'DTM*050*20261005', 'DTM*036*20261231',
      'SVC*HC:99213:25:59:76:77*100.01*60.02*0510*2**4', 'DTM*150*20261002', 'DTM*151*20261003', 'CAS*CO*45*38.88*2', 'REF*6R*LINE7', 'AMT*B6*61.13', 'LQ*HE*N365',
      'PLB*1234567893*20261231*WO:REFERENCE*19.95'])], 9)));
    assert.equal(report.accepted, 1, JSON.stringify(report.findings));
    assert.deepEqual(JSON.parse(columns('remittance', `payer_name, payer_id, payee_name, payee_npi, payee_tin, payment_number, method, amount, credit, paid_on, produced_on,
      claim_count, sender, interchange_control, group_control, transaction_control`)), [{
      payer_name: 'PAYER NAME', payer_id: '06102', payee_name: 'PAYEE NAME', payee_npi: '1234567893', payee_tin: '123456789', payment_number: 'EFT5', method: 'ACH', amount: 40.07,
      credit: true, paid_on: '2026-11-02', produced_on: '2026-11-03', claim_count: 1, sender: 'SENDER', interchange_control: '000000009', group_control: '1', transaction_control: '0002' }]);
    assert.deepEqual(JSON.parse(columns('provider_adjustment', 'adjustment_no, provider_id, fiscal_on, reason_code, reference, amount')), [{
      adjustment_no: 1, provider_id: '1234567893', fiscal_on: '2026-12-31', reason_code: 'WO', reference: 'REFERENCE', amount: 19.95 }]);
    assert.deepEqual(JSON.parse(columns('claim', `contractor_no, system, control_no, mbi, patient_last_name, patient_first_name, patient_control_no, received_on, from_on, through_on,
      finalized_on, status_on, charge, paid, patient_responsibility, facility, drg`)), [{
      contractor_no: '06102', system: 'mcs', control_no: '1126001000077', mbi: '1EG4TE5MK74', patient_last_name: 'LAST', patient_first_name: 'FIRST', patient_control_no: 'ACCT9',
      received_on: '2026-10-05', from_on: '2026-10-01', through_on: '2026-10-04', finalized_on: '2026-11-03', status_on: '2026-11-02', charge: 100.01, paid: 60.02,
      patient_responsibility: 5.03, facility: '49', drg: '470' }]);
    assert.deepEqual(JSON.parse(columns('adjudication', `adjudication_no, clp_status, charge, paid, patient_responsibility, filing_indicator, facility, frequency, drg, patient_control_no,
      from_on, through_on, received_on, corrected_mbi, crossover_payer, remark_codes, rendering_provider_id, insured_id, corrected_payer, coverage_expires_on, adjudicated_on, balanced`)), [{
      adjudication_no: 1, clp_status: '2', charge: 100.01, paid: 60.02, patient_responsibility: 5.03, filing_indicator: 'MB', facility: '49', frequency: '7', drg: '470',
      patient_control_no: 'ACCT9', from_on: '2026-10-01', through_on: '2026-10-04', received_on: '2026-10-05', corrected_mbi: '1EG4TE5MK74', crossover_payer: 'CROSSOVER',
      remark_codes: ['MA01', 'MA07', 'MA13', 'MA18', 'N211'], rendering_provider_id: '1003000126', insured_id: 'INSURED1', corrected_payer: 'CORRECTED PAYER', coverage_expires_on: '2026-12-31',
      adjudicated_on: '2026-11-03', balanced: true }]);
    assert.deepEqual(JSON.parse(columns('claim_line', `line_no, procedure_code, modifiers, revenue_code, units, from_on, through_on, charge, allowed, paid, submitted_procedure_code,
      line_control_no, remark_codes`)), [{
      line_no: 1, procedure_code: '99213', modifiers: ['25', '59', '76', '77'], revenue_code: '0510', units: 2, from_on: '2026-10-02', through_on: '2026-10-03', charge: 100.01, allowed: 61.13,
      paid: 60.02, submitted_procedure_code: null, line_control_no: 'LINE7', remark_codes: ['N365'] }]);
    assert.deepEqual(JSON.parse(columns('claim_adjustment', 'line_no, adjustment_no, group_code, reason_code, amount, quantity', 'line_no')), [
      { line_no: 0, adjustment_no: 1, group_code: 'OA', reason_code: '23', amount: 1.11, quantity: 3 },
      { line_no: 1, adjustment_no: 1, group_code: 'CO', reason_code: '45', amount: 38.88, quantity: 2 }]);
  });

  test('with control and bidirectional characters in it is reported with visible signs for them (CWE-150)', () => {
    const path = file(interchange([transaction('0001\x1b[2J\u202e', [...header('80'), ...claim('1')]).replace(/SE\*(\d+)\*[^~]*/, 'SE*$1*9\n9')]));
    const { stdout } = run(['835', path]);
    assert.match(stdout, /SE02 is 9␊9, but the transaction began as ST02 0001␛\[2J\ufffd/);
    assert.doesNotMatch(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/, 'nothing that a terminal would obey');
    const report = load('835', path);
    assert.equal(report.transactions[0].transaction_control, '0001␛[2J\ufffd');
    assert.ok(report.findings.some(({ words }) => words.includes('␛[2J\ufffd')));
    assert.equal(number("SELECT count(*) FROM connex.load_finding WHERE words ~ '[\\x01-\\x1f\\u202e]' OR place ~ '[\\x01-\\x1f\\u202e]'"), 0);
  });

  test('can also come from standard input', () => {
    const done = run(['--report', 'json', '835', '-'], { input: interchange([transaction('0001', [...header('80'), ...claim('1')])]) });
    assert.equal(done.status, 0, done.stdout + done.stderr);
    assert.equal(number('SELECT count(*) FROM connex.claim'), 1);
  });

  test('with a broken transaction loses only that transaction', () => {
    const good = (n) => transaction(`000${n}`, [...header('80'), ...claim(`112600100000${n}`)]);
    const report = load('835', file(interchange([good(1), transaction('0002', ['BPR*I*eighty*C*CHK', ...claim('2')]), good(3),
      good(4).replace('SE*', 'ZE*'), good(5), transaction('0006', ['BHT*0022']).replace('835', '270')])));
    assert.equal(report.status, 2);
    assert.deepEqual([report.accepted, report.refused], [3, 3]);
    assert.deepEqual(cluster.sql('SELECT transaction_control FROM connex.remittance ORDER BY 1').flat(), ['0001', '0003', '0005']);
    assert.deepEqual(cluster.sql('SELECT control_no FROM connex.claim ORDER BY 1').flat(), ['1126001000001', '1126001000003', '1126001000005']);
    for (const code of ['payment_unreadable', 'se_missing', 'set_unsupported']) assert.ok(codes(report).includes(code), code);
    assert.equal(number("SELECT count(*) FROM connex.load_finding WHERE severity = 'refused'"), report.findings.filter(({ severity }) => severity === 'refused').length);
  });

  test('with a reversal and a correction chains them onto the same claim (CLP02 22)', () => {
    load('835', file(interchange([transaction('0001', [...header('80'), ...claim('A1')])], 1)));
    const report = load('835', file(interchange([transaction('0001', [...header('10', { on: '20261108' }),
      ...claim('A1', { status: 22, charge: '-100', paid: '-80', adjustments: ['CAS*CO*45*-20'] }),
      ...claim('A1', { charge: '100', paid: '90', adjustments: ['CAS*CO*45*10'] })])], 2)));
    assert.deepEqual([report.status, report.flags], [0, 0], JSON.stringify(report.findings));
    assert.deepEqual(cluster.sql('SELECT adjudication_no, clp_status, paid, reverses_no FROM connex.adjudication ORDER BY 1'),
      [['1', '1', '80.00', ''], ['2', '22', '-80.00', '1'], ['3', '1', '90.00', '']]);
    assert.deepEqual(cluster.sql('SELECT status, paid, charge, last_adjudication_no, finalized_on FROM connex.claim'), [['paid', '90.00', '100.00', '3', '2026-11-08']]);
    assert.equal(number('SELECT count(*) FROM connex.claim_key'), 1);
  });

  test('that takes a claim back leaves it reversed, and an older remittance that comes late does not undo that', () => {
    const paid = file(interchange([transaction('0001', [...header('80', { on: '20261015' }), ...claim('A1')])], 1));
    const reversed = file(interchange([transaction('0001', ['BPR*I*80*D*CHK************20261101', ...header('80').slice(1),
      ...claim('A1', { status: 22, charge: '-100', paid: '-80', adjustments: ['CAS*CO*45*-20'] })])], 2));
    const report = load('835', reversed);
    assert.deepEqual(codes(report), ['reversal_alone']);
    load('835', paid);
    assert.deepEqual(cluster.sql('SELECT status, paid, charge, last_adjudication_no FROM connex.claim'), [['reversed', '0.00', '100.00', '1']],
      'the page shows the lines of the newest word, not of the newest load');
    assert.equal(number('SELECT count(*) FROM connex.adjudication'), 2, 'and the older one is in the chain');
    load('835', file(interchange([transaction('0001', [...header('90', { on: '20261109' }), ...claim('A1', { paid: '90', adjustments: ['CAS*CO*45*10'] })])], 3)));
    load('835', file(interchange([transaction('0001', [...header('70', { on: '20261001' }), ...claim('A1', { paid: '70', adjustments: ['CAS*CO*45*30'] })])], 4)));
    load('835', file(interchange([transaction('0001', ['BPR*I*90*D*CHK************20261115', ...header('90', { on: '20261115' }).slice(1),
      ...claim('A1', { status: 22, charge: '-100', paid: '-90', adjustments: ['CAS*CO*45*-10'] })])], 5)));
    assert.deepEqual(cluster.sql('SELECT adjudication_no, clp_status, paid, reverses_no FROM connex.adjudication ORDER BY 1'),
      [['1', '22', '-80.00', ''], ['2', '1', '80.00', ''], ['3', '1', '90.00', ''], ['4', '1', '70.00', ''], ['5', '22', '-90.00', '3']],
      'a reversal takes back what stood, not what was loaded last');
    emptied();
    accounts();
    load('835', [paid, reversed]);
    assert.deepEqual(cluster.sql('SELECT status, paid, charge, last_adjudication_no FROM connex.claim'), [['reversed', '0.00', '100.00', '2']]);
  });

  test('tells a denial and an unprocessable claim (MA130) from a payment', () => {
    load('835', file(interchange([transaction('0001', [...header('0'),
      ...claim('D1', { status: 4, paid: '0', adjustments: ['CAS*CO*50*100'] }),
      ...claim('D2', { paid: '0', adjustments: ['CAS*CO*97*100'] }),
      ...claim('D3', { paid: '0', share: '100', adjustments: ['CAS*PR*1*100'] }),
      ...claim('D4', { paid: '0', adjustments: ['CAS*CO*16*100'] }), 'MOA***MA130'])])));
    assert.deepEqual(cluster.sql('SELECT control_no, status FROM connex.claim ORDER BY 1'),
      [['D1', 'denied'], ['D2', 'denied'], ['D3', 'paid'], ['D4', 'rejected']]);
  });

  test('whose payee does not match exactly one account is kept, and nobody but the contractor sees it', () => {
    const of = (more, control) => load('835', file(interchange([transaction('0001', [...header('80', more), ...claim(`C${control}`)])], control)));
    assert.deepEqual(codes(of({ ptan: 'ZZ9999' }, 1)), ['payee_unknown']); // two accounts match, and neither has this PTAN
    assert.deepEqual(codes(of({ npi: '1999999984' }, 2)), ['payee_unknown']);
    assert.deepEqual(codes(of({ ptan: 'il-1235' }, 3)), []);
    assert.deepEqual(cluster.sql('SELECT r.interchange_control::int, a.ptan FROM connex.remittance r LEFT JOIN connex.provider_account a USING (provider_account_id) ORDER BY 1'),
      [['1', ''], ['2', ''], ['3', 'IL1235']]);
    assert.equal(number('SELECT count(*) FROM connex.claim WHERE provider_account_id IS NULL'), 2);
  });

  test('of many transaction sets merges them in the order of the file, large ones between small ones', () => {
    const controls = Array.from({ length: 12 }, (_, i) => String(i + 1).padStart(4, '0'));
    const claims = (i) => Array.from({ length: i % 3 === 0 ? 500 : 1 }, (_, n) => claim(`S${i}N${n}`)).flat();
    const report = load('835', file(interchange(controls.map((control, i) =>
      transaction(control, [...header('80'), ...claim('CHAIN', { paid: String(10 + i), adjustments: [`CAS*CO*45*${90 - i}`] }), ...claims(i)])))));
    assert.equal(report.accepted, 12, JSON.stringify(report.findings.slice(0, 3)));
    assert.deepEqual(report.transactions.map(({ transaction_control, outcome }) => `${transaction_control} ${outcome}`), controls.map((control) => `${control} loaded`));
    assert.deepEqual(cluster.sql('SELECT transaction_control FROM connex.remittance ORDER BY remittance_id').flat(), controls);
    assert.deepEqual(cluster.sql(`SELECT a.adjudication_no, a.paid FROM connex.adjudication a JOIN connex.claim c USING (claim_id) WHERE c.control_no = 'CHAIN' ORDER BY 1`),
      controls.map((_, i) => [String(i + 1), `${10 + i}.00`]));
    const places = report.findings.map(({ place }) => Number(/^segment (\d+)/.exec(place)?.[1] ?? 0)).filter((segment) => segment > 0);
    assert.deepEqual(places, [...places].sort((one, other) => one - other), 'what was found is told in the order of the file');
    assert.equal(new Set(report.findings.map(({ place, code }) => `${place} ${code}`)).size, report.findings.length, 'once');
  });

  test('of many transaction sets is loaded without the one that the database refuses', () => {
    const controls = Array.from({ length: 7 }, (_, i) => String(i + 1).padStart(4, '0'));
    cluster.sql("ALTER TABLE connex.remittance ADD CONSTRAINT for_this_test CHECK (transaction_control <> '0002')"); // as a later rule might
    try {
      const report = load('835', file(interchange(controls.map((control, i) => transaction(control, [...header('80'), ...claim(`R${i}`)])))));
      assert.deepEqual(report.transactions.map(({ transaction_control, outcome }) => `${transaction_control} ${outcome}`),
        controls.map((control) => `${control} ${control === '0002' ? 'refused' : 'loaded'}`));
      assert.deepEqual([report.status, report.accepted, report.refused], [2, 6, 1]);
      assert.deepEqual(report.findings.map(({ place, code }) => `${place} ${code}`), ['transaction 0002 database_refused']);
      assert.deepEqual(cluster.sql('SELECT transaction_control FROM connex.remittance ORDER BY remittance_id').flat(), controls.filter((control) => control !== '0002'));
    } finally {
      cluster.sql('ALTER TABLE connex.remittance DROP CONSTRAINT for_this_test');
    }
  });

  test('about a known claim joins the claim\'s own provider account, so that an office sees all of it', () => {
    const of = (more, control, on) => load('835', file(interchange([transaction('0001', [...header('80', { on, ...more }), ...claim('A1')])], control)));
    const owners = () => cluster.sql(`SELECT DISTINCT coalesce(a.ptan, '-') FROM (SELECT provider_account_id FROM connex.adjudication
        UNION ALL SELECT provider_account_id FROM connex.claim_line UNION ALL SELECT provider_account_id FROM connex.claim_adjustment) x
      LEFT JOIN connex.provider_account a USING (provider_account_id) ORDER BY 1`).flat();
    assert.deepEqual(codes(of({ ptan: 'ZZ9999' }, 1, '20261001')), ['payee_unknown']);
    assert.deepEqual(codes(of({ ptan: 'il-1235' }, 2, '20261002')), []);
    assert.deepEqual(owners(), ['IL1235'], 'rows that came before the account was known are its own now');
    assert.deepEqual(codes(of({ ptan: 'ZZ9999' }, 3, '20261003')), ['payee_unknown']);
    assert.deepEqual(owners(), ['IL1235']);
    const [other] = cluster.sql("SELECT ptan FROM connex.provider_account WHERE ptan <> 'IL1235' AND npi = (SELECT npi FROM connex.provider_account WHERE ptan = 'IL1235') LIMIT 1").flat();
    assert.deepEqual(codes(of({ ptan: other }, 4, '20261004')), ['claim_of_other_account']);
    assert.deepEqual(owners(), ['IL1235']);
    assert.equal(number('SELECT count(*) FROM connex.adjudication'), 4);
  });

  test('of an unknown payer is flagged, and --contractor names it', () => {
    const text = interchange([transaction('0001', [...header('80', { payer: '77777' }), ...claim('X1')])]).replace('GS*HP*06102', 'GS*HP*OTHER');
    const report = load('835', file(text));
    assert.ok(codes(report).includes('payer_unknown'));
    assert.equal(cluster.one('SELECT contractor_no FROM connex.claim'), '77777');
    emptied();
    accounts();
    assert.deepEqual(codes(load('835', file(text), '--contractor', '06102')), []);
    assert.equal(cluster.one('SELECT contractor_no FROM connex.claim'), '06102');
  });

  test('with the same control numbers but different content is kept beside the first, and reported', () => {
    load('835', file(interchange([transaction('0001', [...header('80'), ...claim('A1')])])));
    const report = load('835', file(interchange([transaction('0001', [...header('80'), ...claim('A2')])])));
    assert.deepEqual(codes(report), ['control_number_reused']);
    assert.equal(number('SELECT count(*) FROM connex.remittance'), 2);
  });

  test('with different line endings is the same transaction', () => {
    const text = interchange([transaction('0001', [...header('80'), ...claim('A1')])]);
    load('835', file(text));
    const before_ = fingerprint();
    assert.equal(load('835', file(text.replaceAll('~\n', '~\r\n'))).unchanged, 1);
    assert.deepEqual(fingerprint(), before_);
  });

  test('whose names are not UTF-8, or hold quotes, backslashes, and tabs, is stored as written', () => {
    const text = Buffer.from(interchange([transaction('0001', [...header('80'), ...claim('A1')])]).replace('LARKSPUR*ADA', 'ÖBERG\\N"\t{}*ADA\0'), 'latin1');
    const report = load('835', file(text));
    assert.equal(report.accepted, 1, JSON.stringify(report.findings));
    assert.deepEqual(cluster.sql('SELECT patient_last_name, patient_first_name FROM connex.claim'), [['ÖBERG\\N"\t{}', 'ADA']]);
  });

  test('with identifiers that break their rule is kept and flagged (standards.md section 0, point 1)', () => {
    const text = interchange([transaction('0001', [...header('80', { npi: '1234567890' }), ...claim('A1')])]).replace('1EG4TE5MK73', '1SG4TE5MK7');
    const report = load('835', file(text));
    assert.deepEqual(codes(report).sort(), ['mbi_form', 'npi_check_digit', 'payee_unknown']);
    assert.deepEqual(cluster.sql('SELECT c.mbi, c.findings, r.findings FROM connex.claim c JOIN connex.remittance r USING (remittance_id)'),
      [['1SG4TE5MK7', '{mbi_form}', '{npi_check_digit}']]);
    assert.doesNotMatch(JSON.stringify(report.findings), /1SG4TE5MK7|1234567890/);
    const other = load('835', file(text.replaceAll('*MB*', '*12*').replace('000000001*0*T', '000000002*0*T').replace('IEA*1*000000001', 'IEA*1*000000002')));
    assert.ok(!codes(other).includes('mbi_form')); // another payer's number is not an MBI
  });

  test('without dates still gets a service date, because searches page by it', () => {
    load('835', file(interchange([transaction('0001', [...header('80'), ...claim('A1', { dates: false })])])));
    assert.equal(cluster.one('SELECT from_on FROM connex.claim'), '2026-11-01');
  });

  test('with an amount larger than the database can hold is refused and reported, not cut', () => {
    const report = load('835', file(interchange([transaction('0001', [...header('80'), ...claim('A1', { charge: '123456789012345' }), ...claim('A2')])])));
    assert.ok(codes(report).includes('claim_unusable'));
    assert.deepEqual(cluster.sql('SELECT control_no FROM connex.claim').flat(), ['A2']);
  });
});

describe('a load', () => {
  beforeEach(() => { emptied(); accounts(); });

  /** Many small transactions, made by the program that makes the demonstration. */
  function many(claims) {
    const path = join(folder, `many${claims}`);
    const made = spawnSync(connex, ['demo', '--remittances', path, '--claims', String(claims)], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    return path;
  }
  const halves = () => number(`SELECT count(*) FROM connex.remittance r
    WHERE claim_count <> (SELECT count(*) FROM connex.adjudication a WHERE a.remittance_id = r.remittance_id)`);

  test('that is killed has all or nothing of each transaction, and loading again completes it', async () => {
    const path = many(4000);
    const whole = (readFileSync(path, 'utf8').match(/^CLP\*/gm) ?? []).length;
    const child = spawn(connex, ['load', '835', path], { stdio: 'ignore', env: { ...process.env, CONNEX_DB: cluster.db('connex_loader') } });
    const ended = new Promise((done) => child.once('exit', (status, signal) => done(signal)));
    await until('some transactions', () => number('SELECT count(*) FROM connex.remittance') >= 5);
    child.kill('SIGKILL');
    assert.equal(await ended, 'SIGKILL', 'the load was still running');
    await until('the session ends', () => number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'connex load'") === 0);
    const loaded = number('SELECT count(*) FROM connex.remittance');
    assert.ok(loaded < 80, `${loaded} of 80 transactions`);
    assert.equal(halves(), 0);
    const report = load('835', path);
    assert.equal(report.unchanged, loaded);
    assert.equal(report.accepted, 80 - loaded);
    assert.equal(number('SELECT count(*) FROM connex.adjudication'), whole);
    assert.equal(halves(), 0);
  });

  test('of one file by two loaders at once takes each transaction once', async () => {
    const path = many(1000);
    const one = () => new Promise((done) => spawn(connex, ['load', '835', path], { stdio: 'ignore',
      env: { ...process.env, CONNEX_DB: cluster.db('connex_loader') } }).once('exit', done));
    const ends = await Promise.all([one(), one(), one()]);
    assert.ok(ends.every((status) => status === 0 || status === 2), ends.join());
    assert.equal(number('SELECT count(*) FROM connex.remittance'), 20);
    assert.equal(number('SELECT count(*) FROM connex.adjudication'), 1000);
  });

  test('goes on while PostgreSQL is up, fails clearly when it goes down, and is completed by loading again', async () => {
    const path = many(6000);
    const child = spawn(connex, ['load', '--report', 'json', '835', path], { env: { ...process.env, CONNEX_DB: cluster.db('connex_loader') } });
    let said = '';
    child.stdout.on('data', (piece) => { said += piece; });
    const ended = new Promise((done) => child.once('close', done));
    await until('some transactions', () => number('SELECT count(*) FROM connex.remittance') >= 5);
    cluster.control('restart', '-m', 'immediate');
    assert.equal(await ended, 1);
    assert.equal(JSON.parse(said)[0].failed, true);
    assert.equal(halves(), 0);
    const again = load('835', path);
    assert.equal(again.failed, false, again.failure);
    assert.equal(number('SELECT count(*) FROM connex.adjudication'), 6000);
  });

  test('ends with 1 and says why when there is nothing to read or nowhere to put it', () => {
    assert.equal(run(['835', join(folder, 'nowhere')]).status, 1);
    assert.match(run(['835', join(folder, 'nowhere')]).stdout, /FAILED: .*No such file/);
    assert.match(run(['835', folder]).stdout, /FAILED: .*directory/);
    const away = run(['835', file('x')], { env: { CONNEX_DB: `host=${folder} user=connex_loader dbname=connex` } });
    assert.equal(away.status, 1);
    assert.match(away.stderr, /the database cannot be used/);
  });

  test('with a wrong command line ends with 1, like any run that loads nothing, and explains its usage', () => {
    for (const words of [[], ['835'], ['999', 'x'], ['--nonsense', '835', 'x'], ['--report', 'xml', '835', 'x'], ['--contractor', '1', '835', 'x'], ['--segment-limit', 'x', '835', 'x']]) {
      const done = run(words);
      assert.equal(done.status, 1, words.join(' '));
      assert.match(done.stderr, /usage: connex load/);
    }
    assert.match(run(['--help']).stdout, /usage: connex load/);
  });

  test('of an empty file, garbage, another format, or a text full of ISA fails and loads nothing', () => {
    const table = 'contractor_no,npi,ptan,tin,name\n06102,1234567893,IL1234,123456789,Riverbend\n';
    for (const text of ['', '\n\n', 'no X12 at all\n'.repeat(1000), table, randomBytes(50000), 'ISA*'.repeat(50000), Buffer.alloc(100000), '~'.repeat(1000)]) {
      const path = file(text);
      for (const options of [[], ['--without-envelope']]) {
        const report = load('835', path, ...options);
        assert.deepEqual([report.status, report.failed, report.accepted, report.refused], [1, true, 0, 0], String(text).slice(0, 40));
        assert.match(report.failure, /^the file has no interchange: .*ISA/);
      }
    }
    assert.equal(cluster.one("SELECT DISTINCT state FROM connex.load_run"), 'failed');
    assert.equal(number('SELECT count(*) FROM connex.remittance'), 0);
  });

  test('of an interchange with no transaction set, or of an ST where none is expected, is not "no interchange"', () => {
    const empty = load('835', file(interchange([])));
    assert.deepEqual([empty.status, empty.failed, empty.accepted], [0, false, 0]);
    const bare = load('835', file(transaction('1', header(0))));
    assert.deepEqual([bare.status, bare.failed, codes(bare)], [2, false, ['envelope_missing']]);
  });

  test('takes a file of any name: control characters and bytes that are not UTF-8 are shown as %XX', () => {
    const path = Buffer.concat([Buffer.from(folder), Buffer.from('/lat'), Buffer.from([0xe9]), Buffer.from('\x1b[31m 100% gr\u00fcn.835')]);
    writeFileSync(path, interchange([transaction('1', header(0))]));
    // Through a shell, because Node does not pass on arguments that are not UTF-8.
    const done = spawnSync('bash', ['-c', '"$0" load 835 "$1"$\'/lat\\xe9\\x1b[31m 100% gr\u00fcn.835\'', connex, folder],
      { encoding: 'utf8', env: { ...process.env, CONNEX_DB: cluster.db('connex_loader') } });
    assert.notEqual(done.status, 1, done.stdout + done.stderr);
    assert.equal(done.stdout.split('\n')[0], `${folder}/lat%E9%1B[31m 100% gr\u00fcn.835`);
    assert.doesNotMatch(done.stdout, /FAILED|\x1b/);
    assert.equal(cluster.one("SELECT file_name FROM connex.load_run"), `${folder}/lat%E9%1B[31m 100% gr\u00fcn.835`);
    const nowhere = spawnSync('bash', ['-c', '"$0" load --report json 835 "$1"$\'/no\\xff\'', connex, folder], { encoding: 'utf8', env: { ...process.env, CONNEX_DB: cluster.db('connex_loader') } });
    const [report] = JSON.parse(nowhere.stdout);
    assert.deepEqual([nowhere.status, report.file], [1, `${folder}/no%FF`]);
    assert.match(report.failure, /No such file/);
  });
});

describe('feeds', () => {
  beforeEach(() => emptied());
  const header_ = 'contractor_no,line_of_business,npi,ptan,tin,name,state,contractor_name,jurisdiction,effective_on\n';
  const account = (more = {}) => Object.values({ contractor_no: '06102', line_of_business: 'Part B', npi: '1234567893', ptan: 'IL-1234', tin: '12-3456789',
    name: '"Riverbend ""Family"", LLC"', state: 'il', contractor_name: 'Example Contractor', jurisdiction: 'J6', effective_on: '01/31/2020', ...more }).join(',') + '\n';

  test('of provider accounts are cleaned, kept by key, and change nothing the second time', () => {
    const path = file('\uFEFF' + header_ + account() + account({ ptan: 'IL1235', npi: '1234567890' }));
    const first = load('provider-accounts', path);
    assert.deepEqual([first.status, first.accepted, first.refused], [2, 2, 0]);
    assert.deepEqual(codes(first), ['npi_check_digit']); // accepted with a flag: standards.md section 0, point 1
    assert.deepEqual(cluster.sql('SELECT contractor_no, line_of_business, npi, ptan, tin, name, state, effective_on, findings FROM connex.provider_account ORDER BY ptan'),
      [['06102', 'part_b', '1234567893', 'IL1234', '123456789', 'Riverbend "Family", LLC', 'IL', '2020-01-31', '{}'],
        ['06102', 'part_b', '1234567890', 'IL1235', '123456789', 'Riverbend "Family", LLC', 'IL', '2020-01-31', '{npi_check_digit}']]);
    const before_ = fingerprint();
    const again = load('provider-accounts', path);
    assert.deepEqual([again.accepted, again.unchanged], [0, 2]);
    assert.deepEqual(fingerprint(), before_);
    const moved = load('provider-accounts', file(header_ + account({ name: 'Riverbend' })));
    assert.deepEqual([moved.status, moved.accepted], [0, 1]);
    assert.equal(cluster.one("SELECT name FROM connex.provider_account WHERE ptan = 'IL1234'"), 'Riverbend');
  });

  test('have every value in the column of its name, whatever the order in the file', () => {
    const json = (table, words) => JSON.parse(cluster.one(`SELECT jsonb_agg(to_jsonb(t)) FROM (SELECT ${words} FROM connex.${table}) t`));
    const csv = (values) => file(`${Object.keys(values).reverse().join(',')}\n${Object.values(values).reverse().join(',')}\n`);
    const account_ = { contractor_no: '06102', line_of_business: 'part_b', npi: '1234567893', ptan: 'IL1234', tin: '123456789', name: 'Riverbend', state: 'IL', physical_street: '1 Main',
      physical_city: 'Alton', physical_state: 'MO', physical_zip: '62002', billing_street: '2 Box', billing_city: 'Cairo', billing_state: 'KY', billing_zip: '62914', phone: '618-555-0101',
      effective_on: '2020-01-31', ended_on: '2027-02-28' };
    assert.equal(load('provider-accounts', csv({ ...account_, contractor_name: 'Example Contractor', jurisdiction: 'J6' })).status, 0);
    assert.deepEqual(json('provider_account', Object.keys(account_)), [account_]);
    assert.deepEqual(json('contractor', 'contractor_no, name, jurisdiction, line_of_business'),
      [{ contractor_no: '06102', name: 'Example Contractor', jurisdiction: 'J6', line_of_business: 'part_b' }]);
    const payment = { contractor_no: '06102', payment_number: 'EFT77', method: 'eft', amount: 12.34, issued_on: '2026-11-01' };
    assert.equal(load('payments', csv({ ...payment, npi: account_.npi, ptan: account_.ptan, tin: account_.tin })).status, 0);
    assert.deepEqual(json('payment', Object.keys(payment)), [payment]);
    const person = { last_name: 'Larkspur', first_name: 'Ada', birth_on: '1948-03-02', death_on: '2026-10-09', sex: 'F', street: '3 Lane', city: 'Quincy', state: 'IA', zip: '62301' };
    const coverage = { amount: 283, remaining: 100.5, payer_name: 'Plan A', payer_id: 'H1', policy: 'POL', detail: 'HMO', phone: '800-555-0140' };
    const number_ = { mbi: '1EG4TE5MK73', effective_on: '2013-03-01', ended_on: '2026-03-31' };
    assert.equal(load('beneficiaries', csv({ person_key: 'P1', mbi: number_.mbi, mbi_effective_on: number_.effective_on, mbi_ended_on: number_.ended_on, ...person, as_of: '2026-11-20',
      coverage: 'medicare_advantage', coverage_from: '2025-01-01', coverage_through: '2026-12-31', ...coverage })).status, 0);
    assert.deepEqual(json('beneficiary', ['source_key', 'as_of::date', ...Object.keys(person)]), [{ source_key: 'P1', as_of: '2026-11-20', ...person }]);
    assert.deepEqual(json('beneficiary_mbi', Object.keys(number_)), [number_]);
    assert.deepEqual(json('coverage', ['kind', 'period', 'as_of::date', ...Object.keys(coverage)]),
      [{ kind: 'medicare_advantage', period: '[2025-01-01,2027-01-01)', as_of: '2026-11-20', ...coverage }]);
  });

  test('report all faults of a row, and refuse only that row', () => {
    const report = load('provider-accounts', file(header_ + account() + account({ npi: '12', tin: '1', name: '', state: 'ZZ', effective_on: '2020-02-30' })
      + account({ ptan: 'IL9999', contractor_no: '06302', contractor_name: '', jurisdiction: '' }) + 'a,b\n' + account({ ptan: 'IL1236' })));
    assert.deepEqual([report.accepted, report.refused], [2, 3]);
    assert.deepEqual(report.findings.filter(({ place }) => place === 'row 3').map(({ words }) => words.split(':')[0]), ['npi', 'tin', 'name', 'state', 'effective_on']);
    assert.deepEqual(report.findings.filter(({ place }) => place !== 'row 3').map(({ place, code }) => `${place} ${code}`).sort(), ['row 4 contractor_unknown', 'row 5 fields']);
    assert.equal(number('SELECT count(*) FROM connex.provider_account'), 2);
  });

  test('whose header lacks a column, repeats one, or is not text fail before a row is loaded', () => {
    for (const text of ['', 'npi,ptan\n1,2\n', header_.replace('npi', 'ptan') + account(), '\0\0\0', header_ + '"']) {
      const report = load('provider-accounts', file(text));
      assert.deepEqual([report.status, report.failed, report.accepted], [1, true, 0], JSON.stringify(text));
    }
  });

  test('take the later of two rows with the same key, and report it', () => {
    const report = load('provider-accounts', file(header_ + account({ name: 'First' }) + account({ name: 'Second' })));
    assert.deepEqual(codes(report), ['row_repeated']);
    assert.equal(cluster.one('SELECT name FROM connex.provider_account'), 'Second');
  });

  test('of payments find their provider account', () => {
    load('provider-accounts', file(header_ + account()));
    const path = file('contractor_no,payment_number,method,amount,issued_on,npi,ptan\n06102,0004411,Check,1234.50,2026-11-02,1234567893,il1234\n'
      + '06102,2,eft,-5,2026-11-02,1234567893,IL1234\n06102,3,eft,1e9,2026-11-02,1234567893,IL1234\n06102,4,eft,5,2026-11-02,1234567893,IL9999\n');
    const report = load('payments', path);
    assert.deepEqual([report.accepted, report.refused], [1, 3]);
    assert.deepEqual(report.findings.map(({ place, code }) => `${place} ${code}`).sort(), ['row 3 amount_negative', 'row 4 unusable', 'row 5 account_unknown']);
    assert.deepEqual(cluster.sql('SELECT payment_number, method, amount, issued_on FROM connex.payment'), [['0004411', 'check', '1234.50', '2026-11-02']]);
    assert.deepEqual([load('payments', path).accepted, load('payments', path).unchanged], [0, 1]);
  });

  test('of beneficiaries keep people, their numbers and their coverage', () => {
    const head = 'person_key,mbi,mbi_ended_on,last_name,first_name,birth_on,sex,coverage,coverage_from,coverage_through,amount,remaining,payer_name,payer_id\n';
    const person = (mbi, more = '', ended = '') => `P1,${mbi},${ended},Larkspur,Ada,1948-03-02,F,${more}\n`;
    const path = file(head + person('1EG4-TE5-MK73', 'part_b,2013-03-01,,,,,') + person('1EG4TE5MK73', 'part_b_deductible,2026-01-01,2026-12-31,283.00,100,,')
      + person('1EG4TE5MK73', 'medicare_advantage,2025-01-01,2025-12-31,,,Plan A,H1') + person('1EG4TE5MK73', 'medicare_advantage,2025-06-01,,,,Plan B,H2')
      + person('1EG4TE5MK73', 'msp,2026-01-01,,,,One,1') + person('1EG4TE5MK73', 'msp,2026-01-01,,,,Two,2')
      + 'P2,1EG4TE5MK73,,Thief,Ida,1950-01-01,F,,,,,,,\n' + 'P3,2S00EU8FA10,,Invented,Ina,1950-01-01,F,,,,,,,\n'
      + 'P4,1EG4TE5MK75,,Late,Leo,1950-01-01,M,part_a,2026-02-01,2026-01-01,,,,\n' + 'P5,1EG4TE5MK76,,No,Kind,1950-01-01,M,dental,2026-02-01,,,,,\n');
    const report = load('beneficiaries', path);
    assert.deepEqual([report.accepted, report.refused], [6, 4], JSON.stringify(report.findings));
    assert.deepEqual(report.findings.map(({ place, code }) => `${place} ${code}`).sort(),
      ['row 10 coverage_period', 'row 11 coverage_unknown', 'row 5 coverage_overlaps', 'row 8 mbi_of_another', 'row 9 mbi_synthetic']);
    assert.deepEqual(cluster.sql('SELECT kind, period, amount, remaining, payer_name FROM connex.coverage ORDER BY 1, 5'),
      [['medicare_advantage', '[2025-01-01,2026-01-01)', '', '', 'Plan A'], ['msp', '[2026-01-01,)', '', '', 'One'], ['msp', '[2026-01-01,)', '', '', 'Two'],
        ['part_b', '[2013-03-01,)', '', '', ''], ['part_b_deductible', '[2026-01-01,2027-01-01)', '283.00', '100.00', '']]);
    const before_ = fingerprint();
    assert.deepEqual([load('beneficiaries', path).accepted, load('beneficiaries', path).unchanged], [0, 6]);
    assert.deepEqual(fingerprint(), before_);
    // An MBI is replaced: the old one keeps its end date, and both are the same person. A period ends: the same coverage changes.
    const changed = load('beneficiaries', file(head + person('1EG4TE5MK73', 'medicare_advantage,2025-01-01,2025-05-31,,,Plan A,H1', '2026-03-31')
      + person('1EG4TE5MK74', 'medicare_advantage,2025-06-01,,,,Plan B,H2')));
    assert.deepEqual([changed.status, changed.accepted], [0, 2], JSON.stringify(changed.findings));
    assert.deepEqual(cluster.sql("SELECT mbi, ended_on FROM connex.beneficiary_mbi JOIN connex.beneficiary USING (beneficiary_id) WHERE source_key = 'P1' ORDER BY 1"),
      [['1EG4TE5MK73', '2026-03-31'], ['1EG4TE5MK74', '']]);
    assert.deepEqual(cluster.sql("SELECT period FROM connex.coverage WHERE kind = 'medicare_advantage' ORDER BY 1").flat(), ['[2025-01-01,2025-06-01)', '[2025-06-01,)']);
  });

  test('say nothing about a person in the report or in what is stored of it', () => {
    const head = 'mbi,last_name,first_name,birth_on\n';
    const done = run(['beneficiaries', file(head + '3TT4TE5MK7X,Larkspur,Ada,1948-13-02\n')]);
    const stored = cluster.sql('SELECT words, place, code FROM connex.load_finding').flat().join(' ');
    assert.equal(done.status, 2);
    for (const text of [done.stdout, done.stderr, stored]) assert.doesNotMatch(text, /Larkspur|Ada|3TT4|1948/);
  });

  test('with a quote that is not closed load what came before it, and fail', () => {
    const report = load('provider-accounts', file(header_ + account() + '06102,"part_b,never closed\n' + account({ ptan: 'IL1239', name: 'Plain' })));
    assert.deepEqual([report.status, report.failed, report.accepted], [1, true, 1]);
    assert.match(report.failure, /quote/);
  });

  test('of many rows are loaded in batches, and a row that the database refuses costs only itself', () => {
    const rows = Array.from({ length: 6000 }, (_, i) => account({ ptan: `B${String(i).padStart(6, '0')}` })).join('');
    cluster.sql("ALTER TABLE connex.provider_account ADD CONSTRAINT for_this_test CHECK (ptan <> 'B005998')"); // as a later rule might
    try {
      const report = load('provider-accounts', file(header_ + rows));
      assert.deepEqual([report.accepted, report.refused], [5999, 1], JSON.stringify(report.findings.slice(0, 3)));
      assert.deepEqual(report.findings.map(({ place, code }) => `${place} ${code}`), ['row 6000 database_refused']);
      assert.equal(number('SELECT count(*) FROM connex.provider_account'), 5999);
    } finally {
      cluster.sql('ALTER TABLE connex.provider_account DROP CONSTRAINT for_this_test');
    }
  });
});

test('a loader reads and writes nothing but what it loads', () => {
  for (const table of ['user_account', 'credential', 'session', 'token', 'access', 'appeal', 'outbox', 'letter']) {
    assert.throws(() => cluster.sql(`SELECT 1 FROM connex.${table} LIMIT 1`, 'connex_loader'), /permission denied/, table);
  }
  assert.throws(() => cluster.sql('DELETE FROM connex.claim', 'connex_loader'), /permission denied/);
});
