-- Merging the staged rows of a CSV feed (sql/feeds.md). Runs as connex_loader.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

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
      UPDATE stage_feed g SET refused = true FROM doubled d WHERE d.row_no = g.row_no AND d.row_no < d.last_no
        RETURNING g.row_no, d.last_no)
    SELECT 'flagged', 'row_repeated', passed.row_no, format('The same key stands again in row %s, which counts.',
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

-- f: 1 contractor_no, 2 line_of_business, 3 npi, 4 ptan, 5 tin, 6 name, 7 state, 8-11 physical street, city, state, zip,
-- 12-15 billing street, city, state, zip, 16 phone, 17 effective_on, 18 ended_on, 19 contractor_name, 20 jurisdiction
CREATE OR REPLACE FUNCTION connex.load_provider_accounts(p_load_run_id bigint)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business)
    SELECT DISTINCT ON (g.f[1]) g.f[1], g.f[19], g.f[20], g.f[2] FROM stage_feed g
     WHERE g.f[19] IS NOT NULL AND g.f[20] IS NOT NULL ORDER BY g.f[1], g.row_no
    ON CONFLICT DO NOTHING;
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g WHERE NOT EXISTS (SELECT FROM connex.contractor c
      WHERE c.contractor_no = g.f[1])),
    'contractor_unknown', 'The contractor is not known; give contractor_name and jurisdiction with the first of its rows.');
  UPDATE stage_feed g SET key = concat_ws(' ', g.f[1], g.f[3], g.f[4], g.f[5]);
  RETURN QUERY SELECT * FROM connex.load_same_key();
  WITH changed AS (
    INSERT INTO connex.provider_account AS a (contractor_no, line_of_business, npi, ptan, tin, name, state,
        physical_street, physical_city, physical_state, physical_zip, billing_street, billing_city, billing_state,
          billing_zip,
        phone, effective_on, ended_on, findings, load_run_id)
      SELECT g.f[1], g.f[2], g.f[3], g.f[4], g.f[5], g.f[6], g.f[7], g.f[8], g.f[9], g.f[10], g.f[11], g.f[12], g.f[13],
             g.f[14], g.f[15], g.f[16], g.f[17]::date, g.f[18]::date, coalesce(g.findings, '{}'), p_load_run_id
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

-- f: 1 contractor_no, 2 payment_number, 3 method, 4 amount, 5 issued_on, 6 npi, 7 ptan, 8 tin
CREATE OR REPLACE FUNCTION connex.load_payments(p_load_run_id bigint)
  RETURNS TABLE (severity text, code text, place bigint, words text) LANGUAGE plpgsql AS $$
BEGIN
  -- The provider account, as text in `key`; without a TIN the PTAN and NPI must name one alone.
  UPDATE stage_feed g
     SET key = (SELECT CASE count(*) WHEN 1 THEN min(a.provider_account_id)::text END
                  FROM connex.provider_account a
                 WHERE a.contractor_no = g.f[1] AND a.npi = g.f[6] AND a.ptan = g.f[7] AND (g.f[8] IS NULL
                   OR a.tin = g.f[8]));
  RETURN QUERY SELECT * FROM connex.load_refuse(ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.key IS NULL),
    'account_unknown', 'No provider account, or more than one, has this contractor, NPI, PTAN and TIN; load '
      'provider-accounts first.');
  RETURN QUERY SELECT * FROM connex.load_refuse(ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE
    AND g.f[4]::numeric < 0),
    'amount_negative', 'A payment is never negative.');
  UPDATE stage_feed g SET key = concat_ws(' ', g.f[1], g.f[2], g.key) WHERE g.refused IS NOT TRUE;
  RETURN QUERY SELECT * FROM connex.load_same_key();
  WITH changed AS (
    INSERT INTO connex.payment AS p (contractor_no, payment_number, provider_account_id, method, amount, issued_on,
      load_run_id)
      SELECT g.f[1], g.f[2], split_part(g.key, ' ', 3)::bigint, g.f[3], g.f[4]::numeric, g.f[5]::date, p_load_run_id
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

-- f: 1 person_key, 2 mbi, 3 mbi_effective_on, 4 mbi_ended_on, 5 last_name, 6 first_name, 7 birth_on, 8 death_on, 9 sex,
-- 10-13 street, city, state, zip, 14 as_of, 15 coverage, 16 coverage_from, 17 coverage_through, 18 amount, 19 remaining,
-- 20 payer_name, 21 payer_id, 22 policy, 23 detail, 24 phone
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
     SET key = coalesce(g.f[1], (SELECT b.source_key FROM connex.beneficiary_mbi m JOIN connex.beneficiary b
       USING (beneficiary_id)
                                  WHERE m.mbi = g.f[2]), g.f[2]);
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g
           WHERE EXISTS (SELECT FROM connex.beneficiary_mbi m JOIN connex.beneficiary b USING (beneficiary_id)
                          WHERE m.mbi = g.f[2] AND b.source_key <> g.key)
              OR EXISTS (SELECT FROM stage_feed e WHERE e.f[2] = g.f[2] AND e.key <> g.key AND e.row_no < g.row_no)),
    'mbi_of_another', 'This MBI belongs to another person (person_key) already.');
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE AND g.f[15] IS NOT NULL
             AND NOT EXISTS (SELECT FROM connex.coverage_kind k WHERE k.kind = g.f[15])),
    'coverage_unknown', 'This kind of coverage is not known (sql/feeds.md has the list).');
  RETURN QUERY SELECT * FROM connex.load_refuse(
    ARRAY(SELECT g.row_no FROM stage_feed g WHERE g.refused IS NOT TRUE AND g.f[15] IS NOT NULL
             AND (g.f[16] IS NULL OR g.f[17]::date < g.f[16]::date)),
    'coverage_period', 'A coverage needs coverage_from, and coverage_through must not lie before it.');

  WITH changed AS (
    INSERT INTO connex.beneficiary AS b (source_key, last_name, first_name, birth_on, death_on, sex, street, city, state,
      zip, as_of, load_run_id)
      SELECT DISTINCT ON (g.key) g.key, g.f[5], g.f[6], g.f[7]::date, g.f[8]::date, upper(g.f[9]), g.f[10], g.f[11],
        g.f[12], g.f[13],
             coalesce(g.f[14]::timestamptz, connex.now()), p_load_run_id
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
      SELECT DISTINCT ON (g.f[2]) g.f[2], b.beneficiary_id, g.f[3]::date, g.f[4]::date,
             ARRAY(SELECT w FROM unnest(g.findings) w WHERE w LIKE 'mbi%')
        FROM stage_feed g JOIN connex.beneficiary b ON b.source_key = g.key
       WHERE g.refused IS NOT TRUE ORDER BY g.f[2], g.row_no DESC
      ON CONFLICT (mbi) DO UPDATE
        SET effective_on = excluded.effective_on, ended_on = excluded.ended_on, findings = excluded.findings
        WHERE (m.effective_on, m.ended_on, m.findings) IS DISTINCT FROM (excluded.effective_on, excluded.ended_on,
          excluded.findings)
      RETURNING m.mbi)
  UPDATE stage_feed g SET changed = true FROM changed c WHERE g.refused IS NOT TRUE AND g.f[2] = c.mbi;

  -- Coverage row by row, the earlier period first: periods of one kind must not overlap, and a row that does is refused
  -- alone. A period is known by its first day (and the payer where kinds may overlap); what else it says may change.
  FOR given IN
    SELECT g.*, b.beneficiary_id, daterange(g.f[16]::date, g.f[17]::date, '[]') AS period, k.overlap_allowed
      FROM stage_feed g JOIN connex.beneficiary b ON b.source_key = g.key JOIN connex.coverage_kind k ON k.kind = g.f[15]
     WHERE g.refused IS NOT TRUE ORDER BY g.key, g.f[15], g.f[16]::date, g.row_no
  LOOP
    BEGIN
      UPDATE connex.coverage c
         SET (period, amount, remaining, payer_name, payer_id, policy, detail, phone, as_of, load_run_id)
           = (given.period, given.f[18]::numeric, given.f[19]::numeric, given.f[20], given.f[21], given.f[22], given.f[23],
              given.f[24], coalesce(given.f[14]::timestamptz, connex.now()), p_load_run_id)
       WHERE c.beneficiary_id = given.beneficiary_id AND c.kind = given.f[15] AND lower(c.period) = lower(given.period)
         AND (NOT given.overlap_allowed OR c.payer_id IS NOT DISTINCT FROM given.f[21])
         AND (c.period, c.amount, c.remaining, c.payer_name, c.payer_id, c.policy, c.detail, c.phone)
           IS DISTINCT FROM (given.period, given.f[18]::numeric, given.f[19]::numeric, given.f[20], given.f[21],
             given.f[22],
                             given.f[23], given.f[24]);
      GET DIAGNOSTICS touched = ROW_COUNT;
      moved := touched;
      IF touched = 0 THEN
        INSERT INTO connex.coverage (beneficiary_id, kind, period, amount, remaining, payer_name, payer_id, policy, detail,
          phone, as_of, load_run_id)
          SELECT given.beneficiary_id, given.f[15], given.period, given.f[18]::numeric, given.f[19]::numeric, given.f[20],
                 given.f[21], given.f[22], given.f[23], given.f[24], coalesce(given.f[14]::timestamptz, connex.now()),
                   p_load_run_id
           WHERE NOT EXISTS (SELECT FROM connex.coverage c
                              WHERE c.beneficiary_id = given.beneficiary_id AND c.kind = given.f[15]
                                AND lower(c.period) = lower(given.period)
                                AND (NOT given.overlap_allowed OR c.payer_id IS NOT DISTINCT FROM given.f[21]));
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
