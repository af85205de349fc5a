-- Remittances and loads.
-- SPDX-License-Identifier: Apache-2.0
CREATE OR REPLACE VIEW report.remittances_by_day AS
SELECT r.paid_on, coalesce(r.contractor_no, 'unknown') AS contractor_no, coalesce(r.method, 'unknown') AS method,
       count(*) AS remittances, sum(r.claim_count)::bigint AS claims,
       sum(CASE WHEN r.credit THEN r.amount ELSE -r.amount END) AS amount,
       count(*) FILTER (WHERE NOT r.balanced) AS unbalanced,
       sum(abs(r.difference)) FILTER (WHERE NOT r.balanced) AS unbalanced_amount,
       count(*) FILTER (WHERE r.provider_account_id IS NULL) AS without_provider_account,
       max(r.loaded_at) AS last_loaded_at
  FROM connex.remittance r
 GROUP BY r.paid_on, coalesce(r.contractor_no, 'unknown'), coalesce(r.method, 'unknown');
COMMENT ON VIEW report.remittances_by_day IS 'Remittances by date of payment, contractor, and method. Ask for a '
  'range of paid_on, which has an index.';
COMMENT ON COLUMN report.remittances_by_day.paid_on IS 'Date of the check or EFT (835 BPR16).';
COMMENT ON COLUMN report.remittances_by_day.contractor_no IS 'Contractor number; unknown if the file named none of ours.';
COMMENT ON COLUMN report.remittances_by_day.method IS 'How it was paid (835 BPR04): ACH, CHK, NON, and others.';
COMMENT ON COLUMN report.remittances_by_day.remittances IS 'Number of remittances.';
COMMENT ON COLUMN report.remittances_by_day.claims IS 'Number of claims in them.';
COMMENT ON COLUMN report.remittances_by_day.amount IS 'Total paid, with debits subtracted.';
COMMENT ON COLUMN report.remittances_by_day.unbalanced IS 'How many do not balance (payment against claims and '
  'provider-level adjustments).';
COMMENT ON COLUMN report.remittances_by_day.unbalanced_amount IS 'Sum of their differences, regardless of sign.';
COMMENT ON COLUMN report.remittances_by_day.without_provider_account IS 'How many match no provider account: no '
  'office can see them.';
COMMENT ON COLUMN report.remittances_by_day.last_loaded_at IS 'When the last of them was loaded.';

CREATE OR REPLACE VIEW report.loads AS
SELECT r.load_run_id, r.kind, regexp_replace(r.file_name, '^.*/', '') AS file_name, r.state, r.accepted, r.unchanged, r.flagged,
       r.refused, r.bytes, r.started_at, r.finished_at,
       (SELECT count(*) FROM connex.load_finding f WHERE f.load_run_id = r.load_run_id) AS findings
  FROM connex.load_run r;
COMMENT ON VIEW report.loads IS 'Every file that was loaded and every demonstration run, with its totals.';
COMMENT ON COLUMN report.loads.load_run_id IS 'Number of the run.';
COMMENT ON COLUMN report.loads.kind IS '835, provider-accounts, payments, beneficiaries, or demonstration.';
COMMENT ON COLUMN report.loads.file_name IS 'Name of the file, without its directory.';
COMMENT ON COLUMN report.loads.state IS 'running, clean, findings, or failed.';
COMMENT ON COLUMN report.loads.accepted IS 'Rows or claims that were accepted.';
COMMENT ON COLUMN report.loads.unchanged IS 'Rows or claims that were there already.';
COMMENT ON COLUMN report.loads.flagged IS 'Rows or claims that were accepted with a finding.';
COMMENT ON COLUMN report.loads.refused IS 'Rows or claims that were not accepted.';
COMMENT ON COLUMN report.loads.bytes IS 'Size of the file.';
COMMENT ON COLUMN report.loads.started_at IS 'When the run started.';
COMMENT ON COLUMN report.loads.finished_at IS 'When the run ended; null while it is running.';
COMMENT ON COLUMN report.loads.findings IS 'Number of findings kept.';
