-- Merging a staged 835 transaction. Runs as connex_loader.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The claim status that a CLP gives (X12 835 CLP02). MA130 marks an unprocessable claim, for which there is no initial
-- determination (standards 4.4). If nothing was paid and the patient owes nothing, it is a denial, whatever CLP02 says.
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

-- The shared system of a claim: FISS for Part A and home health and hospice, MCS for Part B. A contractor number stands for
-- one workload, so it decides. If the contractor is not known, CLP06 decides (outpatient claims of Part A may have MB).
CREATE OR REPLACE FUNCTION connex.system_of_claim(p_filing_indicator text, p_line_of_business text)
  RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN p_line_of_business IN ('part_a', 'hhh') THEN 'fiss'
    WHEN p_line_of_business = 'part_b' THEN 'mcs'
    WHEN p_filing_indicator = 'MA' THEN 'fiss'
    WHEN p_filing_indicator = 'MB' THEN 'mcs'
    ELSE 'other'
  END;

-- An identifier as it is stored: upper case, without dashes and blanks (standards 1.2).
CREATE OR REPLACE FUNCTION connex.identifier(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN nullif(upper(translate(p_text, '- ', '')), '');

-- The contractor's provider account that is the payee; null if not exactly one matches.
CREATE OR REPLACE FUNCTION connex.load_payee(p_contractor_no text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r record;
  accounts bigint[];
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  SELECT array_agg(a.provider_account_id) INTO accounts
    FROM connex.provider_account a
   WHERE a.contractor_no = p_contractor_no
     AND (r.payee_npi IS NOT NULL OR r.payee_tin IS NOT NULL)
     AND (r.payee_npi IS NULL OR a.npi = r.payee_npi)
     AND (r.payee_tin IS NULL OR a.tin = connex.identifier(r.payee_tin));
  IF cardinality(accounts) > 1 THEN
    SELECT array_agg(a.provider_account_id) INTO accounts
      FROM connex.provider_account a
     WHERE a.provider_account_id = ANY (accounts) AND a.ptan = connex.identifier(r.payee_number);
  END IF;
  RETURN CASE WHEN cardinality(accounts) = 1 THEN accounts[1] END;
END
$$;

-- Inserts the remittance itself with its provider adjustments, and returns its number.
CREATE OR REPLACE FUNCTION connex.load_remittance_row(p_load_run_id bigint, p_contractor_no text, p_provider_account_id bigint)
  RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  r record;
  made bigint;
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  INSERT INTO connex.remittance (provider_account_id, contractor_no, payer_name, payer_id, payee_name, payee_npi, payee_tin,
      payment_number, method, amount, credit, paid_on, produced_on, balanced, difference, claim_count, findings,
      sender, interchange_control, group_control, transaction_control, sha256, supplement, raw, load_run_id)
    VALUES (p_provider_account_id, p_contractor_no, r.payer_name, coalesce(r.payer_number, r.payer_id, r.originator_id),
      r.payee_name,
      r.payee_npi, connex.identifier(r.payee_tin), coalesce(r.payment_number, ''), r.method, r.amount, r.credit, r.paid_on,
      r.produced_on, r.balanced, r.difference, r.claim_count, coalesce(r.findings, '{}'), r.sender, r.interchange_control,
      r.group_control, r.transaction_control, r.sha256, r.supplement, r.raw, p_load_run_id)
    RETURNING remittance_id INTO made;
  INSERT INTO connex.provider_adjustment (remittance_id, adjustment_no, provider_id, fiscal_on, reason_code, reference,
    amount)
    SELECT made, p.adjustment_no, coalesce(p.provider_id, ''), p.fiscal_on, coalesce(p.reason_code, ''),
      p.reference, p.amount
      FROM stage_provider_adjustment p;
  RETURN made;
END
$$;

-- Finds the claim that each staged CLP belongs to, or a number for a new one, and the CLP's place in the claim's chain: each CLP
-- is another adjudication. A reversal reverses the one before it in this transaction or, if there is none, the one in force,
-- unless that is a reversal too. One statement, because a second version of a staged row would be read again and again. LIMIT:
-- claims are found by key, one by one; the temporary tables have no statistics, and a join could read all claims.
CREATE OR REPLACE FUNCTION connex.load_claim_keys(p_contractor_no text, p_line_of_business text) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  INSERT INTO stage_key (number, system, control_no, claim_id, is_new, provider_account_id, adjudication_no, is_last, reverses_no)
    SELECT c.number, c.system, c.control_no, coalesce(c.claim_id, max(c.new_id) OVER (PARTITION BY c.system, c.control_no)),
           c.claim_id IS NULL, c.provider_account_id, coalesce(c.last_no, 0) + c.ordinal, c.is_last,
           CASE WHEN c.clp_status IS DISTINCT FROM '22' THEN NULL
                WHEN c.ordinal > 1 THEN
                  CASE WHEN c.before_status IS DISTINCT FROM '22' THEN coalesce(c.last_no, 0) + c.ordinal - 1 END
                WHEN c.standing_status <> '22' THEN c.standing_no END
      FROM (SELECT s.number, k.system, s.control_no, s.clp_status, e.claim_id, h.*, (row_number() OVER w)::integer AS ordinal,
                   lag(s.clp_status) OVER w AS before_status, lead(s.number) OVER w IS NULL AS is_last,
                   CASE WHEN e.claim_id IS NULL AND row_number() OVER w = 1 THEN connex.claim_id_new(
                          coalesce(s.from_on, s.received_on, r.paid_on, r.produced_on, connex.today())) END AS new_id
              FROM stage_claim s
             CROSS JOIN LATERAL (SELECT connex.system_of_claim(s.filing_indicator, p_line_of_business) AS system) k
              LEFT JOIN LATERAL (SELECT y.claim_id FROM connex.claim_key y
                                  WHERE (y.contractor_no, y.system, y.control_no) = (p_contractor_no, k.system, s.control_no)
                                  LIMIT 1) e ON true
              LEFT JOIN LATERAL (SELECT c.provider_account_id, c.last_adjudication_no AS standing_no,
                                        (SELECT max(a.adjudication_no) FROM connex.adjudication a
                                          WHERE a.claim_id = c.claim_id) AS last_no,
                                        (SELECT a.clp_status FROM connex.adjudication a
                                          WHERE a.claim_id = c.claim_id
                                            AND a.adjudication_no = c.last_adjudication_no) AS standing_status
                                   FROM connex.claim c WHERE c.claim_id = e.claim_id LIMIT 1) h ON true
            WINDOW w AS (PARTITION BY k.system, s.control_no ORDER BY s.number)) c;
  INSERT INTO connex.claim_key (contractor_no, system, control_no, claim_id)
    SELECT p_contractor_no, k.system, k.control_no, k.claim_id FROM stage_key k WHERE k.is_new AND k.is_last;
END
$$;

-- What is worth a look in the chains. A claim stays with its provider account, and so do its later rows: an office sees all of a
-- claim or nothing of it.
CREATE OR REPLACE FUNCTION connex.load_claim_findings(p_provider_account_id bigint)
  RETURNS TABLE (severity text, code text, segment bigint, words text)
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
    SELECT 'flagged', 'claim_of_other_account', s.segment,
           format('Claim %s already belongs to a provider account other than the payee and stays there.', s.number)
      FROM stage_claim s JOIN stage_key k USING (number)
     WHERE k.provider_account_id <> p_provider_account_id ORDER BY s.number;
  RETURN QUERY
    SELECT 'flagged', 'reversal_alone', s.segment,
           format('Claim %s is a reversal (CLP02 22), but no adjudication of that claim is in force.', s.number)
      FROM stage_claim s JOIN stage_key k USING (number)
     WHERE s.clp_status = '22' AND k.reverses_no IS NULL ORDER BY s.number;
END
$$;

-- Inserts the claims that are new.
CREATE OR REPLACE FUNCTION connex.load_new_claims(p_remittance_id bigint, p_contractor_no text, p_line_of_business text,
    p_provider_account_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, beneficiary_id, mbi,
      patient_last_name, patient_first_name, patient_control_no, line_of_business, status, status_on, received_on, from_on,
      through_on, finalized_on, charge, paid, patient_responsibility, bill_type, facility, drg, remittance_id,
      last_adjudication_no, findings)
    SELECT k.claim_id, p_contractor_no, k.system, k.control_no, p_provider_account_id,
           (SELECT b.beneficiary_id FROM connex.beneficiary_mbi b WHERE b.mbi = person.mbi), person.mbi,
           s.patient_last_name, s.patient_first_name, s.patient_control_no,
           coalesce(p_line_of_business, CASE k.system WHEN 'fiss' THEN 'part_a' WHEN 'mcs' THEN 'part_b' END),
           connex.claim_status_of_clp(p_clp_status => s.clp_status, p_charge => s.charge, p_paid => s.paid,
             p_patient_responsibility => s.patient_responsibility, p_remark_codes => s.remark_codes),
           coalesce(r.paid_on, r.produced_on), s.received_on,
           -- Searches page by the service date, so it is never null.
           coalesce(s.from_on, s.received_on, r.paid_on, r.produced_on, connex.today()), s.through_on,
             coalesce(r.produced_on, r.paid_on),
           CASE WHEN s.clp_status = '22' THEN -s.charge ELSE s.charge END,
             CASE WHEN s.clp_status = '22' THEN 0 ELSE s.paid END,
           CASE WHEN s.clp_status = '22' THEN 0 ELSE s.patient_responsibility END,
           CASE WHEN k.system = 'fiss' THEN s.facility || coalesce(s.frequency, '') END, s.facility, s.drg,
           p_remittance_id, k.adjudication_no, coalesce(s.findings, '{}')
      FROM stage_key k JOIN stage_claim s USING (number),
           LATERAL (SELECT coalesce(connex.identifier(s.corrected_id), connex.identifier(s.patient_id)) AS mbi) person
     WHERE k.is_new AND k.is_last;
END
$$;

-- Lists page by a claim's first day of service, so a claim keeps the one it came with (0057). A remittance with another one is
-- reported: its own day is in its adjudication and lines. That is rare: a replacement claim has a control number of its own.
CREATE OR REPLACE FUNCTION connex.load_days_kept()
  RETURNS TABLE (severity text, code text, segment bigint, words text)
  LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
    SELECT 'flagged', 'service_date_changed', s.segment,
           format('Claim %s (claim_id %s) is listed under %s, the first day of service that was loaded, and stays there. '
                  'This remittance says %s.', s.number, k.claim_id, listed.from_on, s.from_on)
      FROM stage_key k JOIN stage_claim s USING (number)
     -- LIMIT: found by key, one by one. The temporary tables have no statistics, and a join could read all claims.
     CROSS JOIN LATERAL (SELECT c.from_on FROM connex.claim c WHERE c.claim_id = k.claim_id LIMIT 1) listed
     WHERE k.is_new IS NOT TRUE AND s.from_on <> listed.from_on ORDER BY s.number;
END
$$;

-- An existing claim gets the values of the newest remittance, except its first day of service (load_days_kept). The last day
-- follows only a remittance with the same first day, because the two are one period. An older remittance that arrives late only
-- joins the chain.
CREATE OR REPLACE FUNCTION connex.load_known_claims(p_remittance_id bigint, p_provider_account_id bigint) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  r record;
  changed record;
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  FOR changed IN
    SELECT k.claim_id, k.adjudication_no, k.provider_account_id AS claim_account, s.*,
           connex.claim_status_of_clp(p_clp_status => s.clp_status, p_charge => s.charge, p_paid => s.paid,
             p_patient_responsibility => s.patient_responsibility, p_remark_codes => s.remark_codes) AS status
      FROM stage_key k JOIN stage_claim s USING (number) WHERE k.is_new IS NOT TRUE AND k.is_last ORDER BY k.claim_id
  LOOP
    IF changed.claim_account IS NULL AND p_provider_account_id IS NOT NULL THEN   -- rows from before the account was known
      UPDATE connex.adjudication a SET provider_account_id = p_provider_account_id WHERE a.claim_id = changed.claim_id;
      UPDATE connex.claim_line l SET provider_account_id = p_provider_account_id WHERE l.claim_id = changed.claim_id;
    END IF;
    UPDATE connex.claim c
       SET version = c.version + 1, provider_account_id = coalesce(c.provider_account_id, p_provider_account_id)
     WHERE c.claim_id = changed.claim_id;
    UPDATE connex.claim c
       SET last_adjudication_no = changed.adjudication_no, status = changed.status, status_on = coalesce(r.paid_on,
         r.produced_on, c.status_on),
           finalized_on = coalesce(r.produced_on, r.paid_on, c.finalized_on),
           charge = CASE WHEN changed.clp_status = '22' THEN c.charge ELSE changed.charge END,
           paid = CASE WHEN changed.clp_status = '22' THEN 0 ELSE changed.paid END,
           patient_responsibility = CASE WHEN changed.clp_status = '22' THEN 0 ELSE changed.patient_responsibility END,
           received_on = coalesce(c.received_on, changed.received_on),
           through_on = CASE WHEN changed.from_on <> c.from_on THEN c.through_on
                             ELSE coalesce(changed.through_on, c.through_on) END,
           drg = coalesce(changed.drg, c.drg), remittance_id = p_remittance_id,
           findings = (SELECT coalesce(array_agg(DISTINCT f), '{}') FROM unnest(c.findings || coalesce(changed.findings,
             '{}')) f)
     WHERE c.claim_id = changed.claim_id
       AND coalesce(r.produced_on, r.paid_on, 'infinity') >= coalesce(c.finalized_on, '-infinity');
  END LOOP;
END
$$;

-- Inserts the adjudications with their lines and adjustments.
CREATE OR REPLACE FUNCTION connex.load_adjudications(p_remittance_id bigint, p_provider_account_id bigint) RETURNS void
  LANGUAGE plpgsql AS $$
DECLARE
  r record;
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, reverses_no,
    charge, paid,
      patient_responsibility, filing_indicator, facility, frequency, drg, patient_control_no, from_on, through_on,
      received_on, corrected_mbi, crossover_payer, remark_codes, rendering_provider_id, insured_id, corrected_payer,
      coverage_expires_on, supplement, findings, raw, balanced, adjudicated_on, adjustment_groups, adjustment_reasons,
      adjustment_amounts, adjustment_quantities)
    SELECT k.claim_id, k.adjudication_no, coalesce(k.provider_account_id, p_provider_account_id), p_remittance_id,
      coalesce(s.clp_status, ''), k.reverses_no, s.charge, s.paid,
           s.patient_responsibility, s.filing_indicator, s.facility, s.frequency, s.drg, s.patient_control_no, s.from_on,
           s.through_on, s.received_on, connex.identifier(s.corrected_id), s.crossover_payer, coalesce(s.remark_codes,
             '{}'),
           s.rendering_provider_id, s.insured_id, s.corrected_payer, s.coverage_expires_on, s.supplement,
           coalesce(s.findings, '{}'), s.raw, s.balanced, coalesce(r.produced_on, r.paid_on),
           coalesce(s.adjustment_groups, '{}'), coalesce(s.adjustment_reasons, '{}'), coalesce(s.adjustment_amounts, '{}'),
           coalesce(s.adjustment_quantities, '{}')
      FROM stage_key k JOIN stage_claim s USING (number);
  INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, procedure_code, modifiers,
      revenue_code, units, from_on, through_on, charge, allowed, paid, submitted_procedure_code, line_control_no,
      remark_codes, supplement, adjustment_groups, adjustment_reasons, adjustment_amounts, adjustment_quantities)
    SELECT k.claim_id, k.adjudication_no, l.line_no, coalesce(k.provider_account_id, p_provider_account_id), l.procedure_code,
      coalesce(l.modifiers, '{}'),
           l.revenue_code, l.units, l.from_on, l.through_on, l.charge, l.allowed, l.paid, l.submitted_procedure_code,
           l.line_control_no, coalesce(l.remark_codes, '{}'), l.supplement, coalesce(l.adjustment_groups, '{}'),
           coalesce(l.adjustment_reasons, '{}'), coalesce(l.adjustment_amounts, '{}'), coalesce(l.adjustment_quantities, '{}')
      FROM stage_key k JOIN stage_line l USING (number);
END
$$;

-- Loads the staged 835 transaction. The first row's code is 'loaded' or 'already_loaded', with the remittance in `segment`;
-- the other rows are findings, with the segment they are about.
CREATE OR REPLACE FUNCTION connex.load_remittance(p_load_run_id bigint, p_contractor_no text)
  RETURNS TABLE (severity text, code text, segment bigint, words text)
  LANGUAGE plpgsql AS $$
DECLARE
  r record;
  this_remittance bigint;
  this_contractor text;
  this_business text;
  this_account bigint;
BEGIN
  SELECT * INTO STRICT r FROM stage_remittance;
  -- Loads take turns, so that the order of adjudications does not depend on which one is faster.
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
      'These control numbers were used before with different content (TA105 025). Both are kept.';
  END IF;

  SELECT c.contractor_no, c.line_of_business INTO this_contractor, this_business
    FROM unnest(ARRAY[p_contractor_no, r.payer_number, r.payer_id, r.group_sender, r.sender]) WITH ORDINALITY AS given (no,
      ordinal)
    JOIN connex.contractor c ON c.contractor_no = given.no
   ORDER BY ordinal LIMIT 1;
  IF NOT FOUND THEN
    this_contractor := coalesce(nullif(p_contractor_no, ''), r.payer_number, r.payer_id, r.originator_id, nullif(r.sender,
      ''), 'unknown');
    RETURN QUERY SELECT 'flagged', 'payer_unknown', NULL::bigint,
      'The payer is not a contractor in this database (REF*2U, N1*PR, GS02, ISA06). Name it with --contractor.';
  END IF;

  this_account := connex.load_payee(this_contractor);
  IF this_account IS NULL THEN
    RETURN QUERY SELECT 'flagged', 'payee_unknown', NULL::bigint,
      'The payee (N1*PE, REF*TJ, REF*PQ) does not match exactly one provider account of the contractor. '
      'Only the contractor will see this remittance.';
  END IF;

  this_remittance := connex.load_remittance_row(p_load_run_id, this_contractor, this_account);
  RETURN QUERY SELECT NULL::text, 'loaded', this_remittance, NULL::text;
  IF r.claim_count > 1000 THEN   -- temporary tables have no statistics until they are analyzed
    ANALYZE stage_claim;
    ANALYZE stage_line;
  END IF;
  PERFORM connex.load_claim_keys(this_contractor, this_business);
  RETURN QUERY SELECT * FROM connex.load_claim_findings(this_account);
  PERFORM connex.load_new_claims(this_remittance, this_contractor, this_business, this_account);
  RETURN QUERY SELECT * FROM connex.load_days_kept();
  PERFORM connex.load_known_claims(this_remittance, this_account);
  PERFORM connex.load_adjudications(this_remittance, this_account);
  PERFORM connex.load_end();
END
$$;
