-- Merging what `connex load` has staged. The loader copies rows into temporary tables and calls
-- one function here for each 835 transaction or batch of feed rows, inside its transaction: all of it, or nothing.
-- Re-created on every migrate. Runs as connex_loader.
-- SPDX-License-Identifier: Apache-2.0

-- The temporary tables of one session. The loader names the columns that it writes, so their order does not matter. They
-- are emptied by load_end, inside the transaction: ON COMMIT DELETE ROWS would cost more than all the rest of a small
-- transaction.
CREATE OR REPLACE FUNCTION connex.load_begin() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  SET LOCAL client_min_messages = warning;
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_finding (
    finding_no integer, severity text, place text, code text, words text);
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_remittance (
    claim_count integer, sender text, interchange_control text, group_control text, transaction_control text, group_sender text, sha256 bytea,
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
    supplement jsonb, raw text);
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_line (
    number integer, line_no integer, procedure_code text, modifiers text[], revenue_code text, units numeric,
    from_on date, through_on date, charge numeric, allowed numeric, paid numeric, submitted_procedure_code text,
    line_control_no text, remark_codes text[], supplement jsonb);
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_adjustment (
    number integer, line_no integer, adjustment_no integer, group_code text, reason_code text, amount numeric,
    quantity numeric);
  -- Which claim, and which adjudication of it, each staged CLP becomes.
  CREATE TEMPORARY TABLE IF NOT EXISTS stage_key (
    number integer, system text, control_no text, claim_id bigint, is_new boolean, last_no integer, standing_no integer, standing_status text,
    adjudication_no integer, reverses_no integer, is_last boolean, provider_account_id bigint);
  -- Rows of a CSV feed, under the names of its columns (cli/load/feeds.c; the values were checked there), and what became
  -- of each row.
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
  -- Deleted rows stay in the files until these are cut; the widest and the longest table tell when that is worth it.
  IF pg_relation_size('stage_claim') > 1048576 OR pg_relation_size('stage_adjustment') > 1048576 OR pg_relation_size('stage_feed') > 1048576 THEN
    TRUNCATE stage_finding, stage_remittance, stage_provider_adjustment, stage_claim, stage_line, stage_adjustment, stage_key, stage_feed;
    RETURN;
  END IF;
  DELETE FROM stage_remittance;
  DELETE FROM stage_provider_adjustment;
  DELETE FROM stage_claim;
  DELETE FROM stage_line;
  DELETE FROM stage_adjustment;
  DELETE FROM stage_key;
  DELETE FROM stage_feed;
END
$$;

-- What a CLP says of the claim's life (X12 835 CLP02). MA130 marks an unprocessable claim, which is no initial
-- determination (standards 4.4); nothing paid and nothing owed by the patient is a denial, whatever CLP02 says.
CREATE OR REPLACE FUNCTION connex.claim_status_of_clp(p_clp_status text, p_charge numeric, p_paid numeric,
                                                      p_patient_responsibility numeric, p_remark_codes text[])
  RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN p_clp_status = '22' THEN 'reversed'
    WHEN 'MA130' = ANY (p_remark_codes) THEN 'rejected'
    WHEN p_clp_status IN ('4', '23') THEN 'denied'
    WHEN p_clp_status = '25' THEN 'pending'
    WHEN p_paid = 0 AND coalesce(p_patient_responsibility, 0) = 0 AND p_charge > 0 THEN 'denied'
    ELSE 'paid'
  END;

-- The shared system of a claim: FISS for Part A and home health and hospice, MCS for Part B. A contractor number is one
-- workload, so it tells; CLP06 does where the contractor is not known (outpatient claims of Part A may carry MB).
CREATE OR REPLACE FUNCTION connex.system_of_claim(p_filing_indicator text, p_line_of_business text)
  RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN p_line_of_business IN ('part_a', 'hhh') THEN 'fiss'
    WHEN p_line_of_business = 'part_b' THEN 'mcs'
    WHEN p_filing_indicator = 'MA' THEN 'fiss'
    WHEN p_filing_indicator = 'MB' THEN 'mcs'
    ELSE 'other'
  END;

-- An identifier as it is kept: upper case, no dashes and blanks (standards 1.2).
CREATE OR REPLACE FUNCTION connex.identifier(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN nullif(upper(translate(p_text, '- ', '')), '');

-- Takes the staged 835 transaction in. The first row's code is 'loaded' or 'already_loaded', with the remittance in
-- `segment`; the others are findings, with the segment they are about.
CREATE OR REPLACE FUNCTION connex.load_remittance(p_load_run_id bigint, p_contractor_no text)
  RETURNS TABLE (severity text, code text, segment bigint, words text)
  LANGUAGE plpgsql AS $$
DECLARE
  r record;
  this_remittance bigint;
  this_contractor text;
  this_business text;
  this_account bigint;
  accounts bigint[];
  changed record;
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  -- Loads take turns: which adjudication comes after which must not depend on who is faster.
  PERFORM pg_advisory_xact_lock(hashtext('connex.load_remittance'));

  SELECT m.remittance_id INTO this_remittance FROM connex.remittance m
   WHERE (m.sender, m.interchange_control, m.group_control, m.transaction_control, m.sha256)
       = (r.sender, r.interchange_control, r.group_control, r.transaction_control, r.sha256);
  IF FOUND THEN
    RETURN QUERY SELECT NULL::text, 'already_loaded', this_remittance, NULL::text;
    RETURN;
  END IF;
  IF r.sender <> '' AND EXISTS (SELECT FROM connex.remittance m
       WHERE (m.sender, m.interchange_control, m.group_control, m.transaction_control)
           = (r.sender, r.interchange_control, r.group_control, r.transaction_control)) THEN
    RETURN QUERY SELECT 'flagged', 'control_number_reused', NULL::bigint,
      'These control numbers came before with other content (TA105 025); both are kept.';
  END IF;

  SELECT c.contractor_no, c.line_of_business INTO this_contractor, this_business
    FROM unnest(ARRAY[p_contractor_no, r.payer_number, r.payer_id, r.group_sender, r.sender]) WITH ORDINALITY AS given (no, ordinal)
    JOIN connex.contractor c ON c.contractor_no = given.no
   ORDER BY ordinal LIMIT 1;
  IF NOT FOUND THEN
    this_contractor := coalesce(nullif(p_contractor_no, ''), r.payer_number, r.payer_id, r.originator_id, nullif(r.sender, ''), 'unknown');
    RETURN QUERY SELECT 'flagged', 'payer_unknown', NULL::bigint,
      'The payer is no contractor of this database (REF*2U, N1*PR, GS02, ISA06); name it with --contractor.';
  END IF;

  SELECT array_agg(a.provider_account_id) INTO accounts
    FROM connex.provider_account a
   WHERE a.contractor_no = this_contractor
     AND (r.payee_npi IS NOT NULL OR r.payee_tin IS NOT NULL)
     AND (r.payee_npi IS NULL OR a.npi = r.payee_npi)
     AND (r.payee_tin IS NULL OR a.tin = connex.identifier(r.payee_tin));
  IF cardinality(accounts) > 1 THEN
    SELECT array_agg(a.provider_account_id) INTO accounts
      FROM connex.provider_account a
     WHERE a.provider_account_id = ANY (accounts) AND a.ptan = connex.identifier(r.payee_number);
  END IF;
  IF cardinality(accounts) = 1 THEN
    this_account := accounts[1];
  ELSE
    RETURN QUERY SELECT 'flagged', 'payee_unknown', NULL::bigint,
      'The payee (N1*PE, REF*TJ, REF*PQ) is not exactly one provider account of the contractor; nobody but the contractor will see it.';
  END IF;

  INSERT INTO connex.remittance (provider_account_id, contractor_no, payer_name, payer_id, payee_name, payee_npi, payee_tin,
      payment_number, method, amount, credit, paid_on, produced_on, balanced, difference, claim_count, findings,
      sender, interchange_control, group_control, transaction_control, sha256, supplement, raw, load_run_id)
    VALUES (this_account, this_contractor, r.payer_name, coalesce(r.payer_number, r.payer_id, r.originator_id), r.payee_name,
      r.payee_npi, connex.identifier(r.payee_tin), coalesce(r.payment_number, ''), r.method, r.amount, r.credit, r.paid_on,
      r.produced_on, r.balanced, r.difference, r.claim_count, coalesce(r.findings, '{}'), r.sender, r.interchange_control,
      r.group_control, r.transaction_control, r.sha256, r.supplement, r.raw, p_load_run_id)
    RETURNING remittance_id INTO this_remittance;
  INSERT INTO connex.provider_adjustment (remittance_id, adjustment_no, provider_id, fiscal_on, reason_code, reference, amount)
    SELECT this_remittance, p.adjustment_no, coalesce(p.provider_id, ''), p.fiscal_on, coalesce(p.reason_code, ''), p.reference, p.amount
      FROM stage_provider_adjustment p;
  RETURN QUERY SELECT NULL::text, 'loaded', this_remittance, NULL::text;
  IF r.claim_count > 1000 THEN   -- the planner knows nothing of a temporary table by itself
    ANALYZE stage_claim;
    ANALYZE stage_line;
    ANALYZE stage_adjustment;
  END IF;

  INSERT INTO stage_key (number, system, control_no, claim_id)
    SELECT s.number, k.system, s.control_no,
           (SELECT claim_id FROM connex.claim_key e WHERE (e.contractor_no, e.system, e.control_no) = (this_contractor, k.system, s.control_no))
      FROM stage_claim s, LATERAL (SELECT connex.system_of_claim(s.filing_indicator, this_business) AS system) k;
  -- Probes into claims that are there cost as much as all the months have partitions: only where there are such claims.
  IF EXISTS (SELECT FROM stage_key k WHERE k.claim_id IS NOT NULL) THEN
    UPDATE stage_key k
       SET last_no = (SELECT max(a.adjudication_no) FROM connex.adjudication a WHERE a.claim_id = k.claim_id),
           (standing_no, provider_account_id) = (SELECT c.last_adjudication_no, c.provider_account_id FROM connex.claim c WHERE c.claim_id = k.claim_id)
     WHERE k.claim_id IS NOT NULL;
    -- A claim stays its provider account's, and so do its further rows: an office sees all of a claim or nothing of it.
    RETURN QUERY
      SELECT 'flagged', 'claim_of_other_account', s.segment,
             format('Claim %s is known as another provider account''s than the payee; it stays there.', s.number)
        FROM stage_claim s JOIN stage_key k USING (number)
       WHERE k.provider_account_id <> this_account ORDER BY s.number;
    UPDATE stage_key k
       SET standing_status = (SELECT a.clp_status FROM connex.adjudication a
                               WHERE a.claim_id = k.claim_id AND a.adjudication_no = k.standing_no)
     WHERE k.claim_id IS NOT NULL;
  END IF;
  WITH made AS (
    INSERT INTO connex.claim_key (contractor_no, system, control_no, claim_id)
      SELECT this_contractor, n.system, n.control_no, connex.claim_id_new(n.on_day)
        FROM (SELECT DISTINCT ON (k.system, k.control_no) k.system, k.control_no,
                     coalesce(s.from_on, s.received_on, r.paid_on, r.produced_on, connex.today()) AS on_day
                FROM stage_key k JOIN stage_claim s USING (number)
               WHERE k.claim_id IS NULL ORDER BY k.system, k.control_no, k.number) n
      RETURNING system, control_no, claim_id)
  UPDATE stage_key k SET claim_id = made.claim_id, is_new = true
    FROM made WHERE (k.system, k.control_no) = (made.system, made.control_no) AND k.claim_id IS NULL;

  -- The chain: each CLP is a further adjudication; a reversal takes back the one before it in this transaction, or else
  -- the one that stands, unless that is a reversal too.
  UPDATE stage_key k
     SET adjudication_no = coalesce(k.last_no, 0) + c.ordinal, is_last = c.is_last,
         reverses_no = CASE WHEN c.clp_status IS DISTINCT FROM '22' THEN NULL
                            WHEN c.ordinal > 1 THEN CASE WHEN c.before_status IS DISTINCT FROM '22' THEN coalesce(k.last_no, 0) + c.ordinal - 1 END
                            WHEN k.standing_status <> '22' THEN k.standing_no END
    FROM (SELECT i.number, t.clp_status, (row_number() OVER w)::integer AS ordinal,
                 lag(t.clp_status) OVER w AS before_status, lead(i.number) OVER w IS NULL AS is_last
            FROM stage_key i JOIN stage_claim t USING (number)
          WINDOW w AS (PARTITION BY i.claim_id ORDER BY i.number)) c
   WHERE c.number = k.number;
  RETURN QUERY
    SELECT 'flagged', 'reversal_alone', s.segment,
           format('Claim %s is a reversal (CLP02 22), but no standing adjudication of that claim is known.', s.number)
      FROM stage_claim s JOIN stage_key k USING (number)
     WHERE s.clp_status = '22' AND k.reverses_no IS NULL ORDER BY s.number;

  INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, beneficiary_id, mbi,
      patient_last_name, patient_first_name, patient_control_no, line_of_business, status, status_on, received_on, from_on,
      through_on, finalized_on, charge, paid, patient_responsibility, bill_type, facility, drg, remittance_id,
      last_adjudication_no, findings)
    SELECT k.claim_id, this_contractor, k.system, k.control_no, this_account,
           (SELECT b.beneficiary_id FROM connex.beneficiary_mbi b WHERE b.mbi = person.mbi), person.mbi,
           s.patient_last_name, s.patient_first_name, s.patient_control_no,
           coalesce(this_business, CASE k.system WHEN 'fiss' THEN 'part_a' WHEN 'mcs' THEN 'part_b' END),
           connex.claim_status_of_clp(s.clp_status, s.charge, s.paid, s.patient_responsibility, s.remark_codes),
           coalesce(r.paid_on, r.produced_on), s.received_on,
           -- Searches page by the service date: it is never null.
           coalesce(s.from_on, s.received_on, r.paid_on, r.produced_on, connex.today()), s.through_on, coalesce(r.produced_on, r.paid_on),
           CASE WHEN s.clp_status = '22' THEN -s.charge ELSE s.charge END, CASE WHEN s.clp_status = '22' THEN 0 ELSE s.paid END,
           CASE WHEN s.clp_status = '22' THEN 0 ELSE s.patient_responsibility END,
           CASE WHEN k.system = 'fiss' THEN s.facility || coalesce(s.frequency, '') END, s.facility, s.drg,
           this_remittance, k.adjudication_no, coalesce(s.findings, '{}')
      FROM stage_key k JOIN stage_claim s USING (number),
           LATERAL (SELECT coalesce(connex.identifier(s.corrected_id), connex.identifier(s.patient_id)) AS mbi) person
     WHERE k.is_new AND k.is_last;
  -- A claim that is there takes the newest remittance's word; an older remittance that comes late only joins the chain.
  FOR changed IN
    SELECT k.claim_id, k.adjudication_no, k.provider_account_id AS claim_account, s.*,
           connex.claim_status_of_clp(s.clp_status, s.charge, s.paid, s.patient_responsibility, s.remark_codes) AS status
      FROM stage_key k JOIN stage_claim s USING (number) WHERE k.is_new IS NOT TRUE AND k.is_last ORDER BY k.claim_id
  LOOP
    IF changed.claim_account IS NULL AND this_account IS NOT NULL THEN   -- what came before the account was known
      UPDATE connex.adjudication a SET provider_account_id = this_account WHERE a.claim_id = changed.claim_id;
      UPDATE connex.claim_line l SET provider_account_id = this_account WHERE l.claim_id = changed.claim_id;
      UPDATE connex.claim_adjustment j SET provider_account_id = this_account WHERE j.claim_id = changed.claim_id;
    END IF;
    UPDATE connex.claim c
       SET version = c.version + 1, provider_account_id = coalesce(c.provider_account_id, this_account)
     WHERE c.claim_id = changed.claim_id;
    UPDATE connex.claim c
       SET last_adjudication_no = changed.adjudication_no, status = changed.status, status_on = coalesce(r.paid_on, r.produced_on, c.status_on),
           finalized_on = coalesce(r.produced_on, r.paid_on, c.finalized_on),
           charge = CASE WHEN changed.clp_status = '22' THEN c.charge ELSE changed.charge END,
           paid = CASE WHEN changed.clp_status = '22' THEN 0 ELSE changed.paid END,
           patient_responsibility = CASE WHEN changed.clp_status = '22' THEN 0 ELSE changed.patient_responsibility END,
           received_on = coalesce(c.received_on, changed.received_on),
           from_on = coalesce(changed.from_on, c.from_on), through_on = coalesce(changed.through_on, c.through_on),
           drg = coalesce(changed.drg, c.drg), remittance_id = this_remittance,
           findings = (SELECT coalesce(array_agg(DISTINCT f), '{}') FROM unnest(c.findings || coalesce(changed.findings, '{}')) f)
     WHERE c.claim_id = changed.claim_id
       AND coalesce(r.produced_on, r.paid_on, 'infinity') >= coalesce(c.finalized_on, '-infinity');
  END LOOP;

  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, reverses_no, charge, paid,
      patient_responsibility, filing_indicator, facility, frequency, drg, patient_control_no, from_on, through_on,
      received_on, corrected_mbi, crossover_payer, remark_codes, rendering_provider_id, insured_id, corrected_payer,
      coverage_expires_on, supplement, findings, raw, balanced, adjudicated_on)
    SELECT k.claim_id, k.adjudication_no, coalesce(k.provider_account_id, this_account), this_remittance, coalesce(s.clp_status, ''), k.reverses_no, s.charge, s.paid,
           s.patient_responsibility, s.filing_indicator, s.facility, s.frequency, s.drg, s.patient_control_no, s.from_on,
           s.through_on, s.received_on, connex.identifier(s.corrected_id), s.crossover_payer, coalesce(s.remark_codes, '{}'),
           s.rendering_provider_id, s.insured_id, s.corrected_payer, s.coverage_expires_on, s.supplement,
           coalesce(s.findings, '{}'), s.raw, s.balanced, coalesce(r.produced_on, r.paid_on)
      FROM stage_key k JOIN stage_claim s USING (number);
  INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, procedure_code, modifiers,
      revenue_code, units, from_on, through_on, charge, allowed, paid, submitted_procedure_code, line_control_no,
      remark_codes, supplement)
    SELECT k.claim_id, k.adjudication_no, l.line_no, coalesce(k.provider_account_id, this_account), l.procedure_code, coalesce(l.modifiers, '{}'),
           l.revenue_code, l.units, l.from_on, l.through_on, l.charge, l.allowed, l.paid, l.submitted_procedure_code,
           l.line_control_no, coalesce(l.remark_codes, '{}'), l.supplement
      FROM stage_key k JOIN stage_line l USING (number);
  INSERT INTO connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, provider_account_id, group_code,
      reason_code, amount, quantity)
    SELECT k.claim_id, k.adjudication_no, a.line_no, a.adjustment_no, coalesce(k.provider_account_id, this_account), coalesce(a.group_code, ''),
           coalesce(a.reason_code, ''), a.amount, a.quantity
      FROM stage_key k JOIN stage_adjustment a USING (number);
  PERFORM connex.load_end();
END
$$;

-- Findings of the run, as far as they were staged; the loader numbers them.
CREATE OR REPLACE FUNCTION connex.load_findings(p_load_run_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO connex.load_finding (load_run_id, finding_no, severity, place, code, words)
    SELECT p_load_run_id, s.finding_no, s.severity, s.place, s.code, s.words FROM stage_finding s;
  DELETE FROM stage_finding;
END
$$;

-- ---------------------------------------------------------------- CSV feeds (sql/feeds.md)
GRANT SELECT ON connex.coverage_kind TO connex_loader;

-- Each function takes the staged rows in and answers like load_remittance: findings with their row, and two rows without
-- severity, 'accepted' and 'unchanged', whose `place` is how many. Feeds are upserts by key: the same file again changes
-- nothing, and of two rows with one key the later counts.

-- Marks rows as refused and tells why.
CREATE OR REPLACE FUNCTION connex.load_refuse(p_rows bigint[], p_code text, p_words text)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stage_feed g SET refused = true WHERE g.row_no = ANY (p_rows) AND g.refused IS NOT TRUE;
  RETURN QUERY SELECT 'refused', p_code, r, p_words FROM unnest(p_rows) r ORDER BY r;
END
$$;

-- Of rows with one key (column `key`) the last one stays; the others are told, and passed over.
CREATE OR REPLACE FUNCTION connex.load_same_key()
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
    WITH doubled AS (
      SELECT g.row_no, max(g.row_no) OVER (PARTITION BY g.key) AS last_no FROM stage_feed g WHERE g.refused IS NOT TRUE),
    passed AS (
      UPDATE stage_feed g SET refused = true FROM doubled d WHERE d.row_no = g.row_no AND d.row_no < d.last_no RETURNING g.row_no, d.last_no)
    SELECT 'flagged', 'row_repeated', passed.row_no, format('The same key stands again in row %s, which counts.', passed.last_no)
      FROM passed ORDER BY 3;
END
$$;

CREATE OR REPLACE FUNCTION connex.load_counts()
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT NULL::text, 'accepted', count(*) FILTER (WHERE g.changed), NULL::text FROM stage_feed g WHERE g.refused IS NOT TRUE;
  RETURN QUERY SELECT NULL::text, 'unchanged', count(*) FILTER (WHERE g.changed IS NOT TRUE), NULL::text FROM stage_feed g WHERE g.refused IS NOT TRUE;
END
$$;

CREATE OR REPLACE FUNCTION connex.load_provider_accounts(p_load_run_id bigint)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business)
    SELECT DISTINCT ON (g.contractor_no) g.contractor_no, g.contractor_name, g.jurisdiction, g.line_of_business
      FROM stage_feed g
     WHERE g.contractor_name IS NOT NULL AND g.jurisdiction IS NOT NULL ORDER BY g.contractor_no, g.row_no
    ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g
           WHERE NOT EXISTS (SELECT FROM connex.contractor c WHERE c.contractor_no = g.contractor_no)),
    'contractor_unknown', 'The contractor is not known; give contractor_name and jurisdiction with the first of its rows.');
  UPDATE stage_feed g SET key = concat_ws(' ', g.contractor_no, g.npi, g.ptan, g.tin);
  RETURN QUERY SELECT * FROM connex.load_same_key();
  WITH changed AS (
    INSERT INTO connex.provider_account AS a (contractor_no, line_of_business, npi, ptan, tin, name, state,
        physical_street, physical_city, physical_state, physical_zip, billing_street, billing_city, billing_state, billing_zip,
        phone, effective_on, ended_on, findings, load_run_id)
      SELECT g.contractor_no, g.line_of_business, g.npi, g.ptan, g.tin, g.name, g.state,
             g.physical_street, g.physical_city, g.physical_state, g.physical_zip,
             g.billing_street, g.billing_city, g.billing_state, g.billing_zip,
             g.phone, g.effective_on, g.ended_on, coalesce(g.findings, '{}'), p_load_run_id
        FROM stage_feed g WHERE g.refused IS NOT TRUE ORDER BY g.row_no
      ON CONFLICT (contractor_no, npi, ptan, tin) DO UPDATE
        SET (line_of_business, name, state, physical_street, physical_city, physical_state, physical_zip, billing_street,
             billing_city, billing_state, billing_zip, phone, effective_on, ended_on, findings, load_run_id)
          = (excluded.line_of_business, excluded.name, excluded.state, excluded.physical_street, excluded.physical_city,
             excluded.physical_state, excluded.physical_zip, excluded.billing_street, excluded.billing_city,
             excluded.billing_state, excluded.billing_zip, excluded.phone, excluded.effective_on, excluded.ended_on,
             excluded.findings, excluded.load_run_id)
        WHERE (a.line_of_business, a.name, a.state, a.physical_street, a.physical_city, a.physical_state, a.physical_zip,
               a.billing_street, a.billing_city, a.billing_state, a.billing_zip, a.phone, a.effective_on, a.ended_on, a.findings)
          IS DISTINCT FROM
              (excluded.line_of_business, excluded.name, excluded.state, excluded.physical_street, excluded.physical_city,
               excluded.physical_state, excluded.physical_zip, excluded.billing_street, excluded.billing_city,
               excluded.billing_state, excluded.billing_zip, excluded.phone, excluded.effective_on, excluded.ended_on, excluded.findings)
      RETURNING a.contractor_no, a.npi, a.ptan, a.tin)
  UPDATE stage_feed g SET changed = true FROM changed c
   WHERE g.refused IS NOT TRUE AND g.key = concat_ws(' ', c.contractor_no, c.npi, c.ptan, c.tin);
  RETURN QUERY SELECT * FROM connex.load_counts();
  PERFORM connex.load_end();
END
$$;

CREATE OR REPLACE FUNCTION connex.load_payments(p_load_run_id bigint)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  -- The provider account, as text in `key`; without a TIN the PTAN and NPI must name one alone.
  UPDATE stage_feed g
     SET key = (SELECT CASE count(*) WHEN 1 THEN min(a.provider_account_id)::text END
                  FROM connex.provider_account a
                 WHERE a.contractor_no = g.contractor_no AND a.npi = g.npi AND a.ptan = g.ptan
                   AND (g.tin IS NULL OR a.tin = g.tin));
  RETURN QUERY SELECT * FROM connex.load_refuse(ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.key IS NULL),
    'account_unknown', 'No provider account, or more than one, has this contractor, NPI, PTAN and TIN; load provider-accounts first.');
  RETURN QUERY SELECT * FROM connex.load_refuse(ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE AND g.amount < 0),
    'amount_negative', 'A payment is never negative.');
  UPDATE stage_feed g SET key = concat_ws(' ', g.contractor_no, g.payment_number, g.key) WHERE g.refused IS NOT TRUE;
  RETURN QUERY SELECT * FROM connex.load_same_key();
  WITH changed AS (
    INSERT INTO connex.payment AS p (contractor_no, payment_number, provider_account_id, method, amount, issued_on, load_run_id)
      SELECT g.contractor_no, g.payment_number, split_part(g.key, ' ', 3)::bigint, g.method, g.amount, g.issued_on, p_load_run_id
        FROM stage_feed g WHERE g.refused IS NOT TRUE ORDER BY g.row_no
      ON CONFLICT (contractor_no, payment_number, provider_account_id) DO UPDATE
        SET method = excluded.method, amount = excluded.amount, issued_on = excluded.issued_on, load_run_id = excluded.load_run_id
        WHERE (p.method, p.amount, p.issued_on) IS DISTINCT FROM (excluded.method, excluded.amount, excluded.issued_on)
      RETURNING p.contractor_no, p.payment_number, p.provider_account_id)
  UPDATE stage_feed g SET changed = true FROM changed c
   WHERE g.refused IS NOT TRUE AND g.key = concat_ws(' ', c.contractor_no, c.payment_number, c.provider_account_id);
  RETURN QUERY SELECT * FROM connex.load_counts();
  PERFORM connex.load_end();
END
$$;

CREATE OR REPLACE FUNCTION connex.load_beneficiaries(p_load_run_id bigint)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
DECLARE
  given record;
  person bigint;
  touched integer;
  moved integer;
BEGIN
  -- Who a row is about: the contractor's own key; else whoever has the number already; else the number.
  UPDATE stage_feed g
     SET key = coalesce(g.person_key,
                        (SELECT b.source_key FROM connex.beneficiary_mbi m JOIN connex.beneficiary b USING (beneficiary_id)
                          WHERE m.mbi = g.mbi),
                        g.mbi);
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g
           WHERE EXISTS (SELECT FROM connex.beneficiary_mbi m JOIN connex.beneficiary b USING (beneficiary_id)
                          WHERE m.mbi = g.mbi AND b.source_key <> g.key)
              OR EXISTS (SELECT FROM stage_feed e WHERE e.mbi = g.mbi AND e.key <> g.key AND e.row_no < g.row_no)),
    'mbi_of_another', 'This MBI belongs to another person (person_key) already.');
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE AND g.coverage IS NOT NULL
             AND NOT EXISTS (SELECT FROM connex.coverage_kind k WHERE k.kind = g.coverage)),
    'coverage_unknown', 'This kind of coverage is not known (sql/feeds.md has the list).');
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE AND g.coverage IS NOT NULL
             AND (g.coverage_from IS NULL OR g.coverage_through < g.coverage_from)),
    'coverage_period', 'A coverage needs coverage_from, and coverage_through must not lie before it.');

  WITH changed AS (
    INSERT INTO connex.beneficiary AS b (source_key, last_name, first_name, birth_on, death_on, sex, street, city, state, zip, as_of, load_run_id)
      SELECT DISTINCT ON (g.key) g.key, g.last_name, g.first_name, g.birth_on, g.death_on, upper(g.sex), g.street, g.city,
             g.state, g.zip, coalesce(g.as_of::timestamptz, connex.now()), p_load_run_id
        FROM stage_feed g WHERE g.refused IS NOT TRUE ORDER BY g.key, g.row_no DESC
      ON CONFLICT (source_key) DO UPDATE
        SET (last_name, first_name, birth_on, death_on, sex, street, city, state, zip, as_of, load_run_id)
          = (excluded.last_name, excluded.first_name, excluded.birth_on, excluded.death_on, excluded.sex, excluded.street,
             excluded.city, excluded.state, excluded.zip, excluded.as_of, excluded.load_run_id)
        WHERE (b.last_name, b.first_name, b.birth_on, b.death_on, b.sex, b.street, b.city, b.state, b.zip)
          IS DISTINCT FROM (excluded.last_name, excluded.first_name, excluded.birth_on, excluded.death_on, excluded.sex,
                            excluded.street, excluded.city, excluded.state, excluded.zip)
      RETURNING b.source_key)
  UPDATE stage_feed g SET changed = true FROM changed c WHERE g.refused IS NOT TRUE AND g.key = c.source_key;
  WITH changed AS (
    INSERT INTO connex.beneficiary_mbi AS m (mbi, beneficiary_id, effective_on, ended_on, findings)
      SELECT DISTINCT ON (g.mbi) g.mbi, b.beneficiary_id, g.mbi_effective_on, g.mbi_ended_on,
             ARRAY(SELECT w FROM unnest(g.findings) w WHERE w LIKE 'mbi%')
        FROM stage_feed g JOIN connex.beneficiary b ON b.source_key = g.key
       WHERE g.refused IS NOT TRUE ORDER BY g.mbi, g.row_no DESC
      ON CONFLICT (mbi) DO UPDATE
        SET effective_on = excluded.effective_on, ended_on = excluded.ended_on, findings = excluded.findings
        WHERE (m.effective_on, m.ended_on, m.findings) IS DISTINCT FROM (excluded.effective_on, excluded.ended_on, excluded.findings)
      RETURNING m.mbi)
  UPDATE stage_feed g SET changed = true FROM changed c WHERE g.refused IS NOT TRUE AND g.mbi = c.mbi;

  -- Coverage row by row, the earlier period first: periods of one kind must not overlap, and a row that does is refused
  -- alone. A period is known by its first day (and the payer where kinds may overlap); what else it says may change.
  FOR given IN
    SELECT g.*, b.beneficiary_id, daterange(g.coverage_from, g.coverage_through, '[]') AS period, k.overlap_allowed
      FROM stage_feed g JOIN connex.beneficiary b ON b.source_key = g.key JOIN connex.coverage_kind k ON k.kind = g.coverage
     WHERE g.refused IS NOT TRUE ORDER BY g.key, g.coverage, g.coverage_from, g.row_no
  LOOP
    BEGIN
      UPDATE connex.coverage c
         SET (period, amount, remaining, payer_name, payer_id, policy, detail, phone, as_of, load_run_id)
           = (given.period, given.amount, given.remaining, given.payer_name, given.payer_id, given.policy, given.detail,
              given.phone, coalesce(given.as_of::timestamptz, connex.now()), p_load_run_id)
       WHERE c.beneficiary_id = given.beneficiary_id AND c.kind = given.coverage AND lower(c.period) = lower(given.period)
         AND (NOT given.overlap_allowed OR c.payer_id IS NOT DISTINCT FROM given.payer_id)
         AND (c.period, c.amount, c.remaining, c.payer_name, c.payer_id, c.policy, c.detail, c.phone)
           IS DISTINCT FROM (given.period, given.amount, given.remaining, given.payer_name, given.payer_id, given.policy,
                             given.detail, given.phone);
      GET DIAGNOSTICS touched = ROW_COUNT;
      moved := touched;
      IF touched = 0 THEN
        INSERT INTO connex.coverage (beneficiary_id, kind, period, amount, remaining, payer_name, payer_id, policy, detail, phone, as_of, load_run_id)
          SELECT given.beneficiary_id, given.coverage, given.period, given.amount, given.remaining, given.payer_name,
                 given.payer_id, given.policy, given.detail, given.phone, coalesce(given.as_of::timestamptz, connex.now()), p_load_run_id
           WHERE NOT EXISTS (SELECT FROM connex.coverage c
                              WHERE c.beneficiary_id = given.beneficiary_id AND c.kind = given.coverage
                                AND lower(c.period) = lower(given.period)
                                AND (NOT given.overlap_allowed OR c.payer_id IS NOT DISTINCT FROM given.payer_id));
        GET DIAGNOSTICS moved = ROW_COUNT;
      END IF;
      IF moved > 0 THEN
        UPDATE stage_feed g SET changed = true WHERE g.row_no = given.row_no;
      END IF;
    EXCEPTION WHEN exclusion_violation OR unique_violation THEN
      RETURN QUERY SELECT * FROM connex.load_refuse(ARRAY[given.row_no], 'coverage_overlaps',
        'The period overlaps another one of the same kind of this person; end the earlier one first.');
    END;
  END LOOP;
  RETURN QUERY SELECT * FROM connex.load_counts();
  PERFORM connex.load_end();
END
$$;

GRANT EXECUTE ON FUNCTION connex.load_begin(), connex.load_end(), connex.claim_status_of_clp(text, numeric, numeric, numeric, text[]),
  connex.system_of_claim(text, text), connex.identifier(text), connex.load_remittance(bigint, text), connex.load_findings(bigint),
  connex.load_refuse(bigint[], text, text), connex.load_same_key(), connex.load_counts(), connex.load_provider_accounts(bigint),
  connex.load_payments(bigint), connex.load_beneficiaries(bigint) TO connex_loader;
