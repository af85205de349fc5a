-- What all loads share: the temporary tables that the loader fills. The loader copies rows into them and then calls one
-- function for each 835 transaction or batch of feed rows, each in its own database transaction. Runs as connex_loader.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The temporary tables of one session. The loader names the columns that it writes, so their order does not matter.
-- load_end empties the tables inside the transaction: ON COMMIT DELETE ROWS would take longer than the rest of a small
-- transaction.
CREATE OR REPLACE FUNCTION connex.load_begin() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL client_min_messages = warning;
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_finding (
    finding_no integer, severity text, place text, code text, words text);
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_remittance (
    claim_count integer, sender text, interchange_control text, group_control text, transaction_control text,
      group_sender text, sha256 bytea,
    amount numeric, credit boolean, method text, paid_on date, produced_on date, payment_number text, originator_id text,
    payer_name text, payer_id text, payer_number text, payee_name text, payee_npi text, payee_tin text, payee_number text,
    findings text[], difference numeric, balanced boolean, supplement jsonb, raw text);
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_provider_adjustment (
    adjustment_no integer, provider_id text, fiscal_on date, reason_code text, reference text, amount numeric);
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_claim (
    number integer, segment bigint, patient_control_no text, clp_status text, charge numeric, paid numeric,
    patient_responsibility numeric, filing_indicator text, control_no text, facility text, frequency text, drg text,
    patient_last_name text, patient_first_name text, patient_id text, insured_id text, corrected_id text,
    rendering_provider_id text, crossover_payer text, corrected_payer text, from_on date, through_on date,
    received_on date, coverage_expires_on date, remark_codes text[], findings text[], balanced boolean,
    supplement jsonb, raw text, adjustment_groups text[], adjustment_reasons text[], adjustment_amounts numeric[],
    adjustment_quantities numeric[]);
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_line (
    number integer, line_no integer, procedure_code text, modifiers text[], revenue_code text, units numeric,
    from_on date, through_on date, charge numeric, allowed numeric, paid numeric, submitted_procedure_code text,
    line_control_no text, remark_codes text[], supplement jsonb, adjustment_groups text[], adjustment_reasons text[],
    adjustment_amounts numeric[], adjustment_quantities numeric[]);
  -- Which claim each staged CLP belongs to, and which of its adjudications it becomes.
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_key (
    number integer, system text, control_no text, claim_id bigint, is_new boolean, adjudication_no integer, reverses_no integer,
    is_last boolean, provider_account_id bigint);
  -- Rows of a CSV feed, by the names of its columns (cli/load/feeds.c, which has checked the values), and what happened to
  -- each row.
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_feed (
    row_no bigint, findings text[], refused boolean, changed boolean, key text,
    contractor_no text, line_of_business text, npi text, ptan text, tin text, name text, state text,
    physical_street text, physical_city text, physical_state text, physical_zip text, billing_street text,
    billing_city text, billing_state text, billing_zip text, phone text, effective_on date, ended_on date,
    contractor_name text, jurisdiction text, payment_number text, method text, amount numeric, issued_on date,
    person_key text, mbi text, mbi_effective_on date, mbi_ended_on date, last_name text, first_name text,
    birth_on date, death_on date, sex text, street text, city text, zip text, as_of date, coverage text,
    coverage_from date, coverage_through date, remaining numeric, payer_name text, payer_id text, policy text,
    detail text);
END
$$;

CREATE OR REPLACE FUNCTION connex.load_end() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Deleted rows take up space until the tables are truncated; the sizes of the largest tables show when that is worthwhile.
  IF pg_relation_size('stage_claim') > 1048576 OR pg_relation_size('stage_line') > 1048576
    OR pg_relation_size('stage_feed') > 1048576 THEN
    TRUNCATE stage_finding, stage_remittance, stage_provider_adjustment, stage_claim, stage_line, stage_key, stage_feed;
    RETURN;
  END IF;
  DELETE FROM stage_remittance;
  DELETE FROM stage_provider_adjustment;
  DELETE FROM stage_claim;
  DELETE FROM stage_line;
  DELETE FROM stage_key;
  DELETE FROM stage_feed;
END
$$;

-- Stores the staged findings of the run. The loader numbers them.
CREATE OR REPLACE FUNCTION connex.load_findings(p_load_run_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO connex.load_finding (load_run_id, finding_no, severity, place, code, words)
    SELECT p_load_run_id, s.finding_no, s.severity, s.place, s.code, s.words FROM stage_finding s;
  DELETE FROM stage_finding;
END
$$;
