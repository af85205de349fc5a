// Reads every report view in full, as the report role, over tables with many rows each, and prints how long each takes.
//
//   make proof-reports [VAR=var]
//   REPORT_ROWS=1000000              rows of each table that a report reads; a million needs about 3 GB and a few minutes
//
// A view that takes more than 10 s, or that statement_timeout cancels, fails.
// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { loadavg } from 'node:os';
import { Cluster } from '../support/cluster.mjs';

const ROWS = Number(process.env.REPORT_ROWS || 1000000);
const LONGEST_MS = 10000;
const settings = ['shared_buffers=256MB', 'effective_cache_size=1GB', 'maintenance_work_mem=128MB', 'max_wal_size=2GB', 'random_page_cost=1.1'].map((one) => `-c ${one}`).join(' ');
const say = (...words) => console.log(...words);
const ms_since = (began) => performance.now() - began;

/** In steps, each with its name: plain rows, with every status, reason, and outcome that a report tells apart. */
const STEPS = {
  'people and provider accounts': `
    INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) SELECT '9910' || n, 'Proof ' || n, 'J-T', 'part_b' FROM generate_series(1, 3) n;
    INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
      SELECT '9910' || n % 3 + 1, '1999999984', 'PROOF' || n, '999999999', 'Practice ' || n, (ARRAY['part_a', 'part_b', 'hhh'])[n % 3 + 1], 'ME' FROM generate_series(1, 1000) n;
    INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email)
      SELECT 'PR' || chr(65 + n / 676) || chr(65 + n / 26 % 26) || lpad((n % 1000)::text, 3, '0'), 'office', 'Proof', 'Test', 'billing', 'proof' || n || '@tests.example' FROM generate_series(0, greatest(1, ${ROWS} / 1000 - 1)) n;`,
  access: `
    INSERT INTO connex.access (user_account_id, provider_account_id, status, functions, functions_requested)
      SELECT u.user_account_id, a.provider_account_id, 'approved', '{claims,eligibility}', '{claims,eligibility}' FROM connex.user_account u, connex.provider_account a LIMIT ${ROWS};`,
  remittances: `
    INSERT INTO connex.remittance (provider_account_id, contractor_no, payment_number, method, amount, paid_on, balanced, difference, claim_count, sender, interchange_control, group_control, transaction_control, sha256)
      SELECT a.first + n % 1000, '9910' || (n % 3 + 1), 'EFT' || n, CASE n % 5 WHEN 0 THEN 'CHK' ELSE 'ACH' END, n % 900, current_date - n % 1500, n % 97 > 0, CASE n % 97 WHEN 0 THEN 1 ELSE 0 END, 1, 'PROOF', n::text, '1', '1', sha256(n::text::bytea)
        FROM generate_series(1, ${ROWS}) n, (SELECT min(provider_account_id) AS first FROM connex.provider_account) a;`,
  claims: `
    INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, mbi, patient_last_name, status, from_on, finalized_on, charge, paid, last_adjudication_no)
      SELECT connex.claim_id_new(d.on_day), '9910' || n % 3 + 1, 'mcs', 'PROOF' || n, a.first + n % 1000, '1S00A00AA' || lpad((n % 90)::text, 2, '0'), 'Person', s.status,
             d.on_day, CASE WHEN s.decided THEN d.on_day + 14 END, n % 500, CASE s.status WHEN 'paid' THEN n % 400 ELSE 0 END, CASE WHEN s.decided THEN CASE n % 20 WHEN 0 THEN 3 ELSE 1 END ELSE 0 END
        FROM generate_series(1, ${ROWS}) n, (SELECT min(provider_account_id) AS first FROM connex.provider_account) a, LATERAL (SELECT current_date - (n * 7) % 1500 AS on_day) d,
             LATERAL (SELECT CASE n % 10 WHEN 0 THEN 'denied' WHEN 1 THEN 'denied' WHEN 2 THEN 'returned' WHEN 3 THEN 'received' WHEN 4 THEN 'reversed' ELSE 'paid' END AS status, n % 10 <> 3 AS decided) s;`,
  // One decision each; every twentieth claim also has its reversal and a corrected one.
  adjudications: `
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on, remark_codes)
      SELECT c.claim_id, n, c.provider_account_id, CASE n WHEN 2 THEN '22' ELSE '1' END, c.charge, c.paid, c.finalized_on + n, CASE WHEN c.claim_id % 50 = 0 THEN '{MA130}' ELSE '{MA01}' END::text[]
        FROM connex.claim c, generate_series(1, c.last_adjudication_no) n;`,
  lines: `
    INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, procedure_code, charge, paid, remark_codes, adjustment_groups, adjustment_reasons, adjustment_amounts)
      SELECT c.claim_id, c.last_adjudication_no, n, c.provider_account_id, '9921' || n, c.charge / 2, c.paid / 2, CASE WHEN c.claim_id % 30 = 0 THEN '{N211}' ELSE '{N115}' END::text[],
             CASE WHEN decided THEN '{CO}' ELSE '{}' END::text[],
             CASE WHEN decided THEN ARRAY[CASE WHEN n = 1 THEN '45' WHEN c.claim_id % 60 = 0 THEN '16' WHEN c.claim_id % 7 = 0 THEN '29' ELSE '50' END] ELSE '{}' END,
             CASE WHEN decided THEN ARRAY[c.charge] ELSE '{}' END
        FROM connex.claim c, generate_series(1, 2) n, LATERAL (SELECT c.last_adjudication_no > 0 AS decided) d;`,
  redeterminations: `
    INSERT INTO connex.appeal (confirmation_no, claim_id, provider_account_id, contractor_no, requester_name, requester_phone, reason, filed_by, filed_at, notice_on, deadline_on, decision_due_on, status, outcome, decided_at)
      SELECT 'R-' || c.claim_id, c.claim_id, c.provider_account_id, c.contractor_no, 'x', 'x', 'x', u.user_account_id, d.filed, d.filed::date - 20, d.filed::date + 105, d.filed::date + 60, s.status,
             CASE s.status WHEN 'decided' THEN 'unfavorable' WHEN 'dismissed' THEN 'dismissed' END, CASE WHEN s.status IN ('decided', 'dismissed') THEN d.filed + interval '40 days' END
        FROM connex.claim c, (SELECT min(user_account_id) AS user_account_id FROM connex.user_account) u, LATERAL (SELECT c.from_on + interval '34 days' AS filed) d,
             LATERAL (SELECT (ARRAY['received', 'in_review', 'decided', 'decided', 'dismissed', 'withdrawn', 'withdrawn', 'withdrawn'])[c.claim_id % 8 + 1] AS status) s;`,
  loads: `
    INSERT INTO connex.load_run (kind, file_name, state, accepted, bytes) SELECT '835', '/in/' || n || '.835', CASE n % 9 WHEN 0 THEN 'findings' ELSE 'clean' END, n % 50, n FROM generate_series(1, ${ROWS}) n;
    INSERT INTO connex.load_finding (load_run_id, finding_no, severity, place, code, words) SELECT load_run_id, 1, 'flagged', 'segment 4', 'unbalanced', 'It does not balance.' FROM connex.load_run;`,
  'audit trail': `
    INSERT INTO audit.event (at, request_id, user_account_id, action, provider_account_id, subject_kind, subject_id, detail)
      SELECT now() - make_interval(secs => n), md5(n::text), u.first + n % 2, CASE n % 2 WHEN 0 THEN 'claim_view' ELSE 'refused' END, 1, 'claim', n, '{"status": 403, "code": "forbidden", "operation": "claim_get"}'
        FROM generate_series(1, ${2 * ROWS}) n, (SELECT min(user_account_id) AS first FROM connex.user_account) u;`,
};

function fill(cluster) {
  for (const [name, text] of Object.entries(STEPS)) {
    const began = performance.now();
    cluster.sql(`SET ROLE connex_owner; ${text}`);
    say(`  ${name.padEnd(32)} ${(ms_since(began) / 1000).toFixed(1).padStart(7)} s to make`);
  }
  cluster.sql('VACUUM ANALYZE');
}

/** Every row of a view to where nobody reads it; the milliseconds, or why not. */
function read(cluster, view) {
  const began = performance.now();
  const done = spawnSync('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', '-d', cluster.db('connex_report'), '-c', `COPY (SELECT * FROM report.${view}) TO STDOUT`], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  return { ms: ms_since(began), fault: done.status === 0 ? '' : done.stderr.trim().split('\n')[0] };
}

const cluster = Cluster.start(undefined, { under: realpathSync(process.env.VAR), settings });
let failed = 0;
try {
  say(`${ROWS} rows of each table; load average ${loadavg()[0].toFixed(1)}`);
  fill(cluster);
  const timeout = cluster.one('SHOW statement_timeout', 'connex_report');
  say(`\nEvery row of every report, as connex_report (statement_timeout ${timeout}); load average ${loadavg()[0].toFixed(1)}`);
  for (const view of cluster.sql(`SELECT viewname FROM pg_views WHERE schemaname = 'report' ORDER BY 1`).flat()) {
    const { ms, fault } = read(cluster, view);
    const bad = fault || ms > LONGEST_MS;
    if (bad) failed++;
    say(`  ${bad ? 'FAILED' : 'holds '}  report.${view.padEnd(28)} ${(ms / 1000).toFixed(2).padStart(6)} s${fault && `  ${fault}`}`);
  }
} finally {
  if (process.env.KEEP) say(cluster.db('postgres')); else cluster.end();
}
say(`\n${failed ? `${failed} reports failed.` : `Every report was read within ${LONGEST_MS / 1000} s.`}`);
process.exit(failed ? 1 : 0);
