-- Claims: their facts, what can be done about them, and the claim as the API shows it. The claim's page, the API, scripts,
-- and reports all use these functions, so they cannot disagree.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- X12 835 CLP02, in our own words. A code that we do not know is shown unchanged.
CREATE OR REPLACE FUNCTION connex.clp_status_words(p_status text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE p_status
    WHEN '1' THEN 'Processed as primary' WHEN '2' THEN 'Processed as secondary' WHEN '3' THEN 'Processed as tertiary'
    WHEN '4' THEN 'Denied'
    WHEN '19' THEN 'Processed as primary, sent on to another payer'
    WHEN '20' THEN 'Processed as secondary, sent on to another payer'
    WHEN '21' THEN 'Processed as tertiary, sent on to another payer'
    WHEN '22' THEN 'Reversal of an earlier payment' WHEN '23' THEN 'Not our claim, sent on to another payer'
    WHEN '25' THEN 'Estimate only, no payment' ELSE 'Status ' || p_status END;

-- The high bits of a claim's number are its month since January 2000. The claims of a month are next to each other in every
-- primary key, so a load writes to few pages, and an old year is one range of each key.
CREATE OR REPLACE FUNCTION connex.claim_month(p_on date) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN greatest(0, (extract(year FROM p_on)::bigint - 2000) * 12 + extract(month FROM p_on)::bigint - 1);

CREATE OR REPLACE FUNCTION connex.claim_id_new(p_on date) RETURNS bigint LANGUAGE sql VOLATILE
  RETURN (connex.claim_month(p_on) << 40) + nextval('connex.claim_serial');

-- Lists page by from_on. If it changed while a list is read, the claim would be seen twice or never. So a claim keeps the day
-- that it came with, whoever writes (trigger from_on_stays of 0057).
CREATE OR REPLACE FUNCTION connex.claim_from_on_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM connex.refuse(409, 'claim_from_on_stays',
    'Lists page by claim.from_on, so it never changes. Corrected days are in adjudication and claim_line.');
  RETURN NULL;
END
$$;

-- Deletes up to p_limit claims of the months before p_before, with everything that belongs to them, and returns how many; repeat
-- it until it returns 0. A claim with a redetermination stays. Only the owner may call it: what is deleted is the contractor's
-- decision. It takes turns with loads, because a file may bring a further decision about one of these claims.
CREATE OR REPLACE FUNCTION connex.purge_claims(p_before date, p_limit integer) RETURNS integer
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
DECLARE
  gone bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('connex.load_remittance'));
  SELECT coalesce(array_agg(s.claim_id), '{}') INTO gone
    FROM (SELECT c.claim_id FROM claim c
           WHERE c.claim_id < claim_month(p_before) << 40 AND NOT EXISTS (SELECT FROM appeal p WHERE p.claim_id = c.claim_id)
           ORDER BY c.claim_id LIMIT p_limit) s;
  DELETE FROM claim_key k USING claim c
   WHERE c.claim_id = ANY (gone) AND (k.contractor_no, k.system, k.control_no) = (c.contractor_no, c.system, c.control_no);
  DELETE FROM claim_line l WHERE l.claim_id = ANY (gone);
  DELETE FROM adjudication a WHERE a.claim_id = ANY (gone);
  DELETE FROM claim c WHERE c.claim_id = ANY (gone);
  RETURN cardinality(gone);
END
$$;

-- One row for each adjustment, for those who count them; line 0 is the whole claim. They are stored with what they adjust.
CREATE OR REPLACE VIEW connex.claim_adjustment WITH (security_invoker = true) AS
SELECT l.claim_id, l.adjudication_no, l.line_no, a.adjustment_no::integer, l.provider_account_id, a.group_code,
       a.reason_code, a.amount::numeric(12,2), a.quantity::numeric(12,3)
  FROM connex.claim_line l
 CROSS JOIN LATERAL unnest(l.adjustment_groups, l.adjustment_reasons, l.adjustment_amounts, l.adjustment_quantities)
                    WITH ORDINALITY a (group_code, reason_code, amount, quantity, adjustment_no)
 UNION ALL
SELECT d.claim_id, d.adjudication_no, 0, a.adjustment_no::integer, d.provider_account_id, a.group_code,
       a.reason_code, a.amount::numeric(12,2), a.quantity::numeric(12,3)
  FROM connex.adjudication d
 CROSS JOIN LATERAL unnest(d.adjustment_groups, d.adjustment_reasons, d.adjustment_amounts, d.adjustment_quantities)
                    WITH ORDINALITY a (group_code, reason_code, amount, quantity, adjustment_no);
COMMENT ON VIEW connex.claim_adjustment IS 'The adjustments of claims and their lines (X12 835 CAS), one in each row.';

-- ---------------------------------------------------------------- what can be done about a claim

-- The decision in force: the first processable one after the last reversal (CLP02 22), in the order of their days, since a
-- remittance may be loaded late. A repeated denial does not restart the deadline; a corrected decision does (42 CFR 405.984).
-- ma130: the claim was unprocessable (RARC MA130).
CREATE OR REPLACE FUNCTION connex.claim_standing(p_claim connex.claim, OUT notice_on date, OUT ma130 boolean)
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  a record;
BEGIN
  ma130 := false;
  FOR a IN SELECT d.clp_status, d.adjudicated_on, 'MA130' = ANY (d.remark_codes) AS says_ma130
             FROM connex.adjudication d WHERE d.claim_id = p_claim.claim_id
            ORDER BY d.adjudicated_on NULLS FIRST, d.adjudication_no LOOP
    IF a.clp_status = '22' THEN
      notice_on := NULL; ma130 := false;
    ELSIF a.says_ma130 THEN
      ma130 := notice_on IS NULL;
    ELSE
      notice_on := least(notice_on, a.adjudicated_on); ma130 := false;
    END IF;
  END LOOP;
  notice_on := coalesce(notice_on, p_claim.finalized_on);
END
$$;

-- What the last adjudication of a claim says: whether its lines carry RARC MA130 or N211, and whether it or its lines have CARC
-- 16 or 29.
CREATE OR REPLACE FUNCTION connex.claim_says(p_claim connex.claim, OUT ma130 boolean, OUT n211 boolean, OUT reason_16 boolean,
  OUT reason_29 boolean) LANGUAGE plpgsql STABLE AS $$
DECLARE
  of_claim text[] := (SELECT d.adjustment_reasons FROM connex.adjudication d
                       WHERE d.claim_id = p_claim.claim_id AND d.adjudication_no = p_claim.last_adjudication_no);
BEGIN
  SELECT coalesce(bool_or('MA130' = ANY (l.remark_codes)), false), coalesce(bool_or('N211' = ANY (l.remark_codes)), false),
         coalesce(bool_or('16' = ANY (l.adjustment_reasons || of_claim)), '16' = ANY (of_claim), false),
         coalesce(bool_or('29' = ANY (l.adjustment_reasons || of_claim)), '29' = ANY (of_claim), false)
    INTO ma130, n211, reason_16, reason_29
    FROM connex.claim_line l
   WHERE l.claim_id = p_claim.claim_id AND l.adjudication_no = p_claim.last_adjudication_no;
END
$$;

-- Triage, cases 1 to 3: a claim without an initial determination that can be appealed. Null if there is one. Returns an
-- array, because PL/pgSQL can assign a single value without running a query.
CREATE OR REPLACE FUNCTION connex.claim_no_appeal(p_claim connex.claim, p_notice_on date, p_ma130 boolean)
  RETURNS connex.claim_action[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  says record;
BEGIN
  IF p_claim.status IN ('received', 'pending', 'suspended') THEN       -- 1. nothing has been decided yet (42 CFR 405.920)
    RETURN ARRAY[
      ROW('wait', false, 'not_finalized', 'The contractor is still working on this claim. Wait for the remittance. If you '
         'send the claim again, it will be denied as a duplicate.', '42 CFR 405.920', NULL, NULL, NULL),
      ROW('redetermination', false, 'not_finalized', 'There is no decision to appeal yet.', '42 CFR 405.920', NULL, NULL,
          NULL)]::connex.claim_action[];
  ELSIF p_claim.status = 'reversed' OR (p_notice_on IS NULL AND p_claim.status <> 'returned') THEN
    RETURN ARRAY[
      ROW('wait', false, 'reversed', 'The contractor reversed its decision and has not replaced it yet. Wait for the '
         'corrected remittance.', '42 CFR 405.980', NULL, NULL, NULL),
      ROW('redetermination', false, 'reversed', 'There is no decision in force to appeal.', '42 CFR 405.920', NULL, NULL,
          NULL)]::connex.claim_action[];
  ELSIF p_claim.paid <> 0 AND p_claim.status <> 'returned' THEN -- if anything was paid, the claim was processable
    RETURN NULL;
  END IF;
  says := connex.claim_says(p_claim);
  -- 2. Unprocessable: no initial determination was made, so it can be neither appealed nor reopened. Send a new claim (RARC
  -- MA130). CARC 16 with N211 means the same as MA130.
  IF p_claim.status = 'returned' OR p_ma130 OR says.ma130 OR (says.n211 AND says.reason_16) THEN
    RETURN ARRAY[
      ROW('new_claim', false, 'unprocessable', 'The claim could not be processed. Correct the errors that the reason codes '
         'describe, and send a new claim within one calendar year of the service.', '42 CFR 424.44', NULL, NULL, NULL),
      ROW('redetermination', false, 'unprocessable', 'A claim that could not be processed has no appeal rights.',
         '42 CFR 405.926; RARC MA130', NULL, NULL, NULL)]::connex.claim_action[];
  ELSIF says.reason_29 THEN                            -- 3. filed too late, so it is not an initial determination (CARC 29)
    RETURN ARRAY[
      ROW('redetermination', false, 'untimely', 'The claim was filed after the time limit (reason 29), and this denial has '
         'no appeal rights. Ask the contractor for an exception to timely filing if one of the four grounds applies.',
         '42 CFR 405.926; 42 CFR 424.44(b)', NULL, NULL, NULL)]::connex.claim_action[];
  END IF;
  RETURN NULL;
END
$$;

-- Triage, case 4: a claim can have only one redetermination. Once it is decided, the next level is reconsideration by a
-- Qualified Independent Contractor. Null if none was filed.
CREATE OR REPLACE FUNCTION connex.claim_appealed(p_appeal connex.appeal)
  RETURNS connex.claim_action[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  decided_on date;
  next_level record;
  filed_code text := 'already_filed';
  actions connex.claim_action[];
BEGIN
  IF p_appeal.appeal_id IS NULL THEN
    RETURN NULL;
  END IF;
  IF p_appeal.decided_at IS NOT NULL THEN
    decided_on := (p_appeal.decided_at AT TIME ZONE connex.setting_text('time_zone'))::date;
    filed_code := 'already_decided';
  END IF;
  actions := ARRAY[
    ROW('view_redetermination', true, filed_code, CASE WHEN decided_on IS NULL
       THEN format('Redetermination %s is open. A decision is due by %s.', p_appeal.confirmation_no,
                   connex.spoken_day(p_appeal.decision_due_on))
       ELSE format('Redetermination %s was decided on %s.', p_appeal.confirmation_no, connex.spoken_day(decided_on)) END,
       '42 CFR 405.944', decided_on, NULL, NULL),
    ROW('redetermination', false, filed_code,
       format('A redetermination of this claim was filed already: %s. Only one is allowed.', p_appeal.confirmation_no),
       '42 CFR 405.944', decided_on, NULL, NULL)]::connex.claim_action[];
  IF decided_on IS NOT NULL THEN
    SELECT d.deadline_on, d.rule INTO next_level
      FROM connex.deadline(CASE p_appeal.status WHEN 'dismissed' THEN 'dismissal_review' ELSE 'reconsideration' END,
                           decided_on) d;
    actions := actions || ARRAY[
      ROW('reconsideration', false, 'next_level', 'If you disagree with the decision, ask the Qualified Independent Contractor '
         'named in it to reconsider.', next_level.rule, decided_on, next_level.deadline_on,
         next_level.deadline_on - connex.today())]::connex.claim_action[];
  END IF;
  RETURN actions;
END
$$;

-- What can be done about a claim now, and why, in the order of the contractors' own triage (standards 4.4). p_appeal is its
-- redetermination, or null.
CREATE OR REPLACE FUNCTION connex.claim_triage(p_claim connex.claim, p_appeal connex.appeal) RETURNS connex.claim_action[]
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  standing record;
  actions connex.claim_action[];
  ends record;
  days integer;
BEGIN
  IF p_claim.claim_id IS NULL THEN
    RETURN NULL;
  END IF;
  standing := connex.claim_standing(p_claim);
  actions := connex.claim_no_appeal(p_claim, standing.notice_on, standing.ma130);
  IF actions IS NULL THEN
    actions := connex.claim_appealed(p_appeal);
  END IF;
  IF actions IS NOT NULL THEN
    RETURN actions;
  END IF;
  -- 5. Within 120 days of receipt, which is presumed 5 days after the notice; later only with good cause.
  SELECT d.deadline_on, d.rule INTO ends FROM connex.deadline('redetermination', standing.notice_on) d;
  days := ends.deadline_on - connex.today();
  IF days < 0 THEN
    RETURN ARRAY[ROW('redetermination', true, 'late',
      format('The last day to ask was %s. You can still ask if you show good cause for being late.',
             connex.spoken_day(ends.deadline_on)),
      '42 CFR 405.942(b)', standing.notice_on, ends.deadline_on, days)]::connex.claim_action[];
  END IF;
  RETURN ARRAY[ROW('redetermination', true, 'open',
    format('You can ask for a redetermination until %s.', connex.spoken_day(ends.deadline_on)),
    ends.rule, standing.notice_on, ends.deadline_on, days)]::connex.claim_action[];
END
$$;

-- The triage of one claim. It runs with the caller's rights: a claim that the caller may not see returns no rows.
CREATE OR REPLACE FUNCTION connex.claim_actions(p_claim_id bigint)
  RETURNS SETOF connex.claim_action LANGUAGE plpgsql STABLE ROWS 2 AS $$
BEGIN
  RETURN QUERY
    SELECT t.*
      FROM connex.claim c
      LEFT JOIN connex.appeal p ON p.claim_id = c.claim_id AND p.level = 1 AND p.status <> 'withdrawn'
     CROSS JOIN LATERAL unnest(connex.claim_triage(c, p)) t
     WHERE c.claim_id = p_claim_id;
END
$$;

-- ---------------------------------------------------------------- the claim as the API shows it (schema Claim)

-- Programs that keep the words of the codes notice that they have changed.
CREATE OR REPLACE FUNCTION connex.reason_code_changed() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  UPDATE reason_code_version SET version = version + 1;
  RETURN NULL;
END
$$;

-- These views give the members of the answer, in text as JSON has it. What begins with _ is not shown: it is what a view is asked
-- by, or what the program makes members of (json_out_members(), fcgi/area/claim.c). They read with their reader's rights.
CREATE OR REPLACE VIEW connex.claim_shown WITH (security_invoker = true) AS
SELECT c.claim_id AS _claim_id, c.last_adjudication_no AS _last_adjudication_no,
       (SELECT n.version FROM connex.reason_code_version n) AS _code_version, c.claim_id::text AS claim_id, c.contractor_no,
       c.system, c.control_no, c.patient_control_no, c.mbi, c.patient_last_name, c.patient_first_name, c.line_of_business,
       c.status, c.status_on, c.received_on, c.from_on, c.through_on, c.finalized_on, c.charge::text AS charge,
       c.paid::text AS paid, c.patient_responsibility::text AS patient_responsibility, c.bill_type, c.facility, c.drg,
       c.diagnoses, r.remittance_id::text AS "remittance.remittance_id", r.payment_number AS "remittance.payment_number",
       r.method AS "remittance.method", r.paid_on AS "remittance.paid_on", r.amount::text AS "remittance.amount",
       r.balanced AS "remittance.balanced", p.appeal_id::text AS "appeal.appeal_id",
       p.confirmation_no AS "appeal.confirmation_no", p.status AS "appeal.status", p.outcome AS "appeal.outcome",
       connex.iso(p.filed_at) AS "appeal.filed_at", to_json(connex.claim_triage(c, p)) AS possible_actions
  FROM connex.claim c
  LEFT JOIN connex.remittance r ON r.remittance_id = c.remittance_id
  LEFT JOIN connex.appeal p ON p.claim_id = c.claim_id AND p.level = 1 AND p.status <> 'withdrawn';
COMMENT ON VIEW connex.claim_shown IS 'Claims as the API shows them.';

-- Of all adjudications; shown are those of the last one.
CREATE OR REPLACE VIEW connex.claim_line_shown WITH (security_invoker = true) AS
SELECT l.claim_id AS _claim_id, l.adjudication_no AS _adjudication_no, l.line_no, l.procedure_code, l.modifiers, l.revenue_code,
       trim_scale(l.units)::text AS units, l.from_on, l.through_on, l.charge::text AS charge, l.allowed::text AS allowed,
       l.paid::text AS paid, l.place_of_service, l.adjustment_groups AS _groups, l.adjustment_reasons AS _reasons,
       l.adjustment_amounts AS _amounts, l.adjustment_quantities AS _quantities, l.remark_codes AS _remarks
  FROM connex.claim_line l;
COMMENT ON VIEW connex.claim_line_shown IS 'Lines of claims as the API shows them.';

CREATE OR REPLACE VIEW connex.adjudication_shown WITH (security_invoker = true) AS
SELECT a.claim_id AS _claim_id, a.adjudication_no, a.clp_status, connex.clp_status_words(a.clp_status) AS clp_status_words,
       a.reverses_no, a.adjudicated_on, a.from_on, a.through_on, a.charge::text AS charge, a.paid::text AS paid,
       a.patient_responsibility::text AS patient_responsibility, r.payment_number, a.remittance_id::text AS remittance_id,
       a.adjustment_groups AS _groups, a.adjustment_reasons AS _reasons, a.adjustment_amounts AS _amounts,
       a.adjustment_quantities AS _quantities, a.remark_codes AS _remarks
  FROM connex.adjudication a LEFT JOIN connex.remittance r ON r.remittance_id = a.remittance_id;
COMMENT ON VIEW connex.adjudication_shown IS 'Adjudications of claims as the API shows them.';

-- The same as JSON, for the desk, which is asked rarely: a row as json_out_members() writes it.
CREATE OR REPLACE FUNCTION connex.members(p_row jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT jsonb_object_agg(m.name, m.value)
    FROM (SELECT e.key AS name, e.value FROM jsonb_each(p_row) e WHERE e.key !~ '^_|\.'
          UNION ALL
          SELECT split_part(e.key, '.', 1), CASE WHEN bool_or(e.value <> 'null')
                                                 THEN jsonb_object_agg(split_part(e.key, '.', 2), e.value) END
            FROM jsonb_each(p_row) e WHERE e.key ~ '\.' GROUP BY 1) m;
END;

-- The adjustments and the remarks of a row of these views, with their words.
CREATE OR REPLACE FUNCTION connex.codes_in_words(p_groups text[], p_reasons text[], p_amounts numeric[], p_quantities numeric[],
  p_remarks text[]) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN jsonb_build_object(
    'adjustments', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('group_code', a.group_code, 'group_words', g.words,
               'reason_code', a.reason_code, 'reason_words', w.words, 'amount', a.amount::text,
               'quantity', trim_scale(a.quantity)::text) ORDER BY a.ordinal), '[]')
        FROM unnest(p_groups, p_reasons, p_amounts, p_quantities)
               WITH ORDINALITY a (group_code, reason_code, amount, quantity, ordinal)
        LEFT JOIN connex.reason_code g ON g.list = 'group' AND g.code = a.group_code
        LEFT JOIN connex.reason_code w ON w.list = 'CARC' AND w.code = a.reason_code),
    'remarks', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('code', m.code, 'words', w.words) ORDER BY m.ordinal), '[]')
        FROM unnest(p_remarks) WITH ORDINALITY m (code, ordinal)
        LEFT JOIN connex.reason_code w ON w.list = 'RARC' AND w.code = m.code));
END
$$;

-- A claim with its lines, adjustments, remittance, and history, and what can be done about it now. Null if there is none that
-- the calling role may see.
CREATE OR REPLACE FUNCTION connex.claim_document(p_claim_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  c record;
BEGIN
  SELECT * INTO c FROM connex.claim_shown v WHERE v._claim_id = p_claim_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  RETURN '{"adjustments": [], "remarks": []}' || connex.members(to_jsonb(c)) || coalesce(
    (SELECT connex.codes_in_words(p_groups => a._groups, p_reasons => a._reasons, p_amounts => a._amounts,
              p_quantities => a._quantities, p_remarks => a._remarks)
       FROM connex.adjudication_shown a
      WHERE a._claim_id = p_claim_id AND a.adjudication_no = c._last_adjudication_no), '{}') || jsonb_build_object(
    'lines', (SELECT coalesce(jsonb_agg(connex.members(to_jsonb(l)) || connex.codes_in_words(p_groups => l._groups,
                       p_reasons => l._reasons, p_amounts => l._amounts, p_quantities => l._quantities,
                       p_remarks => l._remarks) ORDER BY l.line_no), '[]')
                FROM connex.claim_line_shown l
               WHERE l._claim_id = p_claim_id AND l._adjudication_no = c._last_adjudication_no),
    'adjudications', (SELECT coalesce(jsonb_agg(connex.members(to_jsonb(a)) ORDER BY a.adjudication_no), '[]')
                        FROM connex.adjudication_shown a WHERE a._claim_id = p_claim_id));
END
$$;
