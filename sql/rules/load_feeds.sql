-- Merging the staged rows of a CSV feed (sql/feeds.md). Runs as connex_loader.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Marks rows as refused and returns the reason.
CREATE OR REPLACE FUNCTION connex.load_refuse(p_rows bigint[], p_code text, p_words text)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stage_feed g SET refused = true WHERE g.row_no = ANY (p_rows) AND g.refused IS NOT TRUE;
  RETURN QUERY SELECT 'refused', p_code, r, p_words FROM unnest(p_rows) r ORDER BY r;
END
$$;

-- If several rows have the same key (column `key`), the last one counts. The others are reported and skipped.
CREATE OR REPLACE FUNCTION connex.load_same_key()
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY
    WITH doubled AS (
      SELECT g.row_no, max(g.row_no) OVER (PARTITION BY g.key) AS last_no FROM stage_feed g WHERE g.refused IS NOT TRUE),
    passed AS (
      UPDATE stage_feed g SET refused = true FROM doubled d WHERE d.row_no = g.row_no AND d.row_no < d.last_no
        RETURNING g.row_no, d.last_no)
    SELECT 'flagged', 'row_repeated', passed.row_no, format('Row %s has the same key and is used instead.',
      passed.last_no)
      FROM passed ORDER BY 3;
END
$$;

CREATE OR REPLACE FUNCTION connex.load_counts()
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT NULL::text, 'accepted', count(*) FILTER (WHERE g.changed),
    NULL::text FROM stage_feed g WHERE g.refused IS NOT TRUE;
  RETURN QUERY SELECT NULL::text, 'unchanged', count(*) FILTER (WHERE g.changed IS NOT TRUE),
    NULL::text FROM stage_feed g WHERE g.refused IS NOT TRUE;
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
    'contractor_unknown', 'This contractor is not known yet. Give contractor_name and jurisdiction in its first row.');
  UPDATE stage_feed g SET key = concat_ws(' ', g.contractor_no, g.npi, g.ptan, g.tin);
  RETURN QUERY SELECT * FROM connex.load_same_key();
  WITH changed AS (
    INSERT INTO connex.provider_account AS a (contractor_no, line_of_business, npi, ptan, tin, name, state,
        physical_street, physical_city, physical_state, physical_zip,
        billing_street, billing_city, billing_state, billing_zip, phone, effective_on, ended_on, findings, load_run_id)
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
               a.billing_street, a.billing_city, a.billing_state, a.billing_zip, a.phone, a.effective_on, a.ended_on,
                 a.findings)
          IS DISTINCT FROM
              (excluded.line_of_business, excluded.name, excluded.state, excluded.physical_street, excluded.physical_city,
               excluded.physical_state, excluded.physical_zip, excluded.billing_street, excluded.billing_city,
               excluded.billing_state, excluded.billing_zip, excluded.phone, excluded.effective_on, excluded.ended_on,
                 excluded.findings)
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
  -- The provider account, as text in `key`. Without a TIN, the PTAN and NPI must match exactly one.
  UPDATE stage_feed g
     SET key = (SELECT CASE count(*) WHEN 1 THEN min(a.provider_account_id)::text END
                  FROM connex.provider_account a
                 WHERE a.contractor_no = g.contractor_no AND a.npi = g.npi AND a.ptan = g.ptan
                   AND (g.tin IS NULL OR a.tin = g.tin));
  RETURN QUERY SELECT * FROM connex.load_refuse(ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.key IS NULL),
    'account_unknown', 'No provider account, or more than one, has this contractor, NPI, PTAN, and TIN. Load '
      'provider-accounts first.');
  RETURN QUERY SELECT * FROM connex.load_refuse(ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE
    AND g.amount < 0),
    'amount_negative', 'A payment cannot be negative.');
  UPDATE stage_feed g SET key = concat_ws(' ', g.contractor_no, g.payment_number, g.key) WHERE g.refused IS NOT TRUE;
  RETURN QUERY SELECT * FROM connex.load_same_key();
  WITH changed AS (
    INSERT INTO connex.payment AS p (contractor_no, payment_number, provider_account_id, method, amount, issued_on,
      load_run_id)
      SELECT g.contractor_no, g.payment_number, split_part(g.key, ' ', 3)::bigint, g.method, g.amount, g.issued_on, p_load_run_id
        FROM stage_feed g WHERE g.refused IS NOT TRUE ORDER BY g.row_no
      ON CONFLICT (contractor_no, payment_number, provider_account_id) DO UPDATE
        SET method = excluded.method, amount = excluded.amount, issued_on = excluded.issued_on,
          load_run_id = excluded.load_run_id
        WHERE (p.method, p.amount, p.issued_on) IS DISTINCT FROM (excluded.method, excluded.amount, excluded.issued_on)
      RETURNING p.contractor_no, p.payment_number, p.provider_account_id)
  UPDATE stage_feed g SET changed = true FROM changed c
   WHERE g.refused IS NOT TRUE AND g.key = concat_ws(' ', c.contractor_no, c.payment_number, c.provider_account_id);
  RETURN QUERY SELECT * FROM connex.load_counts();
  PERFORM connex.load_end();
END
$$;

-- Loads coverage row by row, earlier periods first. Periods of one kind must not overlap; a row that overlaps is refused,
-- and the others are loaded. A period is identified by its first day (and the payer, if that kind may overlap); everything
-- else about it may change.
CREATE OR REPLACE FUNCTION connex.load_coverage(p_load_run_id bigint)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
DECLARE
  given record;
  touched integer;
  moved integer;
BEGIN
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
           IS DISTINCT FROM (given.period, given.amount, given.remaining, given.payer_name, given.payer_id,
                             given.policy, given.detail, given.phone);
      GET DIAGNOSTICS touched = ROW_COUNT;
      moved := touched;
      IF touched = 0 THEN
        INSERT INTO connex.coverage (beneficiary_id, kind, period, amount, remaining, payer_name, payer_id, policy, detail,
          phone, as_of, load_run_id)
          SELECT given.beneficiary_id, given.coverage, given.period, given.amount, given.remaining, given.payer_name,
                 given.payer_id, given.policy, given.detail, given.phone, coalesce(given.as_of::timestamptz, connex.now()),
                   p_load_run_id
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
        'This person has another period of the same kind that overlaps this one. End the earlier one first.');
    END;
  END LOOP;
END
$$;

-- Inserts or updates the people and their numbers.
CREATE OR REPLACE FUNCTION connex.load_people(p_load_run_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH changed AS (
    INSERT INTO connex.beneficiary AS b (source_key, last_name, first_name, birth_on, death_on, sex, street, city, state,
      zip, as_of, load_run_id)
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
        WHERE (m.effective_on, m.ended_on, m.findings) IS DISTINCT FROM (excluded.effective_on, excluded.ended_on,
          excluded.findings)
      RETURNING m.mbi)
  UPDATE stage_feed g SET changed = true FROM changed c WHERE g.refused IS NOT TRUE AND g.mbi = c.mbi;
END
$$;

CREATE OR REPLACE FUNCTION connex.load_beneficiaries(p_load_run_id bigint)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  -- Which person a row is about: the contractor's own key; if there is none, the person who already has the number; if
  -- there is none, the number itself.
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
    'mbi_of_another', 'This MBI already belongs to another person (person_key).');
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE AND g.coverage IS NOT NULL
             AND NOT EXISTS (SELECT FROM connex.coverage_kind k WHERE k.kind = g.coverage)),
    'coverage_unknown', 'This kind of coverage is not known (sql/feeds.md has the list).');
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE AND g.coverage IS NOT NULL
             AND (g.coverage_from IS NULL OR g.coverage_through < g.coverage_from)),
    'coverage_period', 'Coverage needs coverage_from, and coverage_through must not be before it.');

  PERFORM connex.load_people(p_load_run_id);
  RETURN QUERY SELECT * FROM connex.load_coverage(p_load_run_id);
  RETURN QUERY SELECT * FROM connex.load_counts();
  PERFORM connex.load_end();
END
$$;
