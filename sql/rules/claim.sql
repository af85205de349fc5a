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
  DELETE FROM claim_adjustment j WHERE j.claim_id = ANY (gone);
  DELETE FROM claim_line l WHERE l.claim_id = ANY (gone);
  DELETE FROM adjudication a WHERE a.claim_id = ANY (gone);
  DELETE FROM claim c WHERE c.claim_id = ANY (gone);
  RETURN cardinality(gone);
END
$$;

-- The facts about a claim and, if p_shown, what its page shows. The caller passes the claim's row, so that it is not read
-- twice; a row of nulls (there is no such claim that the calling role may see) gives null. This is in PL/pgSQL so that plans
-- are kept. FILTER (WHERE p_shown) skips what nobody will read.
CREATE OR REPLACE FUNCTION connex.claim_facts(p_claim connex.claim, p_shown boolean) RETURNS connex.claim_facts
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  f connex.claim_facts;
BEGIN
  IF p_claim.claim_id IS NULL THEN
    RETURN NULL;
  END IF;
  f.claim_id := p_claim.claim_id;
  f.status := p_claim.status;
  f.paid := p_claim.paid;
  f.finalized_on := p_claim.finalized_on;
  f.last_adjudication_no := p_claim.last_adjudication_no;
  SELECT array_agg(a.adjudication_no ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no),
         array_agg(a.clp_status ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no),
         array_agg(a.adjudicated_on ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no),
         array_agg('MA130' = ANY (a.remark_codes) ORDER BY a.adjudicated_on NULLS FIRST, a.adjudication_no),
         json_agg(json_build_object(
           'adjudication_no', a.adjudication_no, 'clp_status', a.clp_status,
           'clp_status_words', connex.clp_status_words(a.clp_status), 'reverses_no', a.reverses_no,
           'adjudicated_on', a.adjudicated_on, 'charge', a.charge::text, 'paid', a.paid::text,
           'patient_responsibility', a.patient_responsibility::text,
           'payment_number', (SELECT r.payment_number FROM connex.remittance r WHERE r.remittance_id = a.remittance_id),
           'remittance_id', a.remittance_id::text) ORDER BY a.adjudication_no) FILTER (WHERE p_shown),
         string_agg(array_to_string(a.remark_codes, ' '), ' ')
           FILTER (WHERE p_shown AND a.adjudication_no = f.last_adjudication_no)
    INTO f.adjudication_nos, f.clp_statuses, f.adjudicated_on, f.said_ma130, f.shown_adjudications, f.shown_remarks
    FROM connex.adjudication a WHERE a.claim_id = f.claim_id;
  SELECT array_agg(j.reason_code),
         array_agg(j.line_no ORDER BY j.line_no, j.adjustment_no) FILTER (WHERE p_shown),
         array_agg(json_build_object(
           'group_code', j.group_code, 'group_words',
           (SELECT w.words FROM connex.reason_code w WHERE w.list = 'group' AND w.code = j.group_code),
           'reason_code', j.reason_code, 'reason_words',
           (SELECT w.words FROM connex.reason_code w WHERE w.list = 'CARC' AND w.code = j.reason_code),
           'amount', j.amount::text, 'quantity', trim_scale(j.quantity)::text) ORDER BY j.line_no, j.adjustment_no)
           FILTER (WHERE p_shown)
    INTO f.reasons, f.shown_line_nos, f.shown_adjustments
    FROM connex.claim_adjustment j WHERE j.claim_id = f.claim_id AND j.adjudication_no = f.last_adjudication_no;
  SELECT coalesce(bool_or('MA130' = ANY (l.remark_codes)), false), coalesce(bool_or('N211' = ANY (l.remark_codes)), false),
         json_agg(json_build_object(
           'line_no', l.line_no, 'procedure_code', l.procedure_code, 'modifiers', l.modifiers,
           'revenue_code', l.revenue_code, 'units', trim_scale(l.units)::text, 'from_on', l.from_on,
           'through_on', l.through_on, 'charge', l.charge::text, 'allowed', l.allowed::text, 'paid', l.paid::text,
           'place_of_service', l.place_of_service,
           'adjustments', (SELECT coalesce(json_agg(o.shown), '[]')
                             FROM unnest(f.shown_line_nos, f.shown_adjustments) o(line_no, shown) WHERE o.line_no = l.line_no),
           'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words',
                               (SELECT w.words FROM connex.reason_code w WHERE w.list = 'RARC' AND w.code = g.code))), '[]')
                         FROM unnest(l.remark_codes) g(code))) ORDER BY l.line_no) FILTER (WHERE p_shown)
    INTO f.line_ma130, f.line_n211, f.shown_lines
    FROM connex.claim_line l WHERE l.claim_id = f.claim_id AND l.adjudication_no = f.last_adjudication_no;
  RETURN f;
END
$$;

-- The decision in force: the first processable one after the last reversal (CLP02 22). A repeated denial does not restart
-- the deadline; a corrected decision does (42 CFR 405.984). ma130: the claim was unprocessable (RARC MA130).
CREATE OR REPLACE FUNCTION connex.claim_standing(p_facts connex.claim_facts, OUT notice_on date, OUT ma130 boolean)
  LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  ma130 := false;
  FOR i IN 1 .. coalesce(cardinality(p_facts.adjudication_nos), 0) LOOP
    IF p_facts.clp_statuses[i] = '22' THEN
      notice_on := NULL; ma130 := false;
    ELSIF p_facts.said_ma130[i] THEN
      ma130 := notice_on IS NULL;
    ELSE
      notice_on := least(notice_on, p_facts.adjudicated_on[i]); ma130 := false;
    END IF;
  END LOOP;
  notice_on := coalesce(notice_on, p_facts.finalized_on);
END
$$;

-- Triage, cases 1 to 3: a claim without an initial determination that can be appealed. Null if there is one. Returns an
-- array, because PL/pgSQL can assign a single value without running a query.
CREATE OR REPLACE FUNCTION connex.claim_no_appeal(p_facts connex.claim_facts, p_notice_on date, p_ma130 boolean)
  RETURNS connex.claim_action[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  unpaid boolean := p_facts.paid = 0;
BEGIN
  IF p_facts.status IN ('received', 'pending', 'suspended') THEN       -- 1. nothing has been decided yet (42 CFR 405.920)
    RETURN ARRAY[
      ROW('wait', false, 'not_finalized', 'The contractor is still working on this claim. Wait for the remittance. If you '
         'send the claim again, it will be denied as a duplicate.', '42 CFR 405.920', NULL, NULL, NULL),
      ROW('redetermination', false, 'not_finalized', 'There is no decision to appeal yet.', '42 CFR 405.920', NULL, NULL,
          NULL)]::connex.claim_action[];
  ELSIF p_facts.status = 'reversed' OR (p_notice_on IS NULL AND p_facts.status <> 'returned') THEN
    RETURN ARRAY[
      ROW('wait', false, 'reversed', 'The contractor reversed its decision and has not replaced it yet. Wait for the '
         'corrected remittance.', '42 CFR 405.980', NULL, NULL, NULL),
      ROW('redetermination', false, 'reversed', 'There is no decision in force to appeal.', '42 CFR 405.920', NULL, NULL,
          NULL)]::connex.claim_action[];
  -- 2. Unprocessable: no initial determination was made, so it can be neither appealed nor reopened. Send a new claim (RARC
  -- MA130). If anything was paid, the claim was processable. CARC 16 with N211 means the same as MA130.
  ELSIF p_facts.status = 'returned'
        OR (unpaid AND (p_ma130 OR p_facts.line_ma130 OR (p_facts.line_n211 AND '16' = ANY (p_facts.reasons)))) THEN
    RETURN ARRAY[
      ROW('new_claim', false, 'unprocessable', 'The claim could not be processed. Correct the errors that the reason codes '
         'describe, and send a new claim within one calendar year of the service.', '42 CFR 424.44', NULL, NULL, NULL),
      ROW('redetermination', false, 'unprocessable', 'A claim that could not be processed has no appeal rights.',
         '42 CFR 405.926; RARC MA130', NULL, NULL, NULL)]::connex.claim_action[];
  ELSIF unpaid AND '29' = ANY (p_facts.reasons) THEN    -- 3. filed too late, so it is not an initial determination (CARC 29)
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
CREATE OR REPLACE FUNCTION connex.claim_appealed(p_claim_id bigint)
  RETURNS connex.claim_action[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  earlier record;
  decided_on date;
  next_level record;
  filed_code text := 'already_filed';
  actions connex.claim_action[];
BEGIN
  SELECT p.confirmation_no, p.status, p.decision_due_on, p.decided_at INTO earlier
    FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn';
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF earlier.decided_at IS NOT NULL THEN
    decided_on := (earlier.decided_at AT TIME ZONE connex.setting_text('time_zone'))::date;
    filed_code := 'already_decided';
  END IF;
  actions := ARRAY[
    ROW('view_redetermination', true, filed_code, CASE WHEN decided_on IS NULL
       THEN format('Redetermination %s is open. A decision is due by %s.', earlier.confirmation_no,
                   connex.spoken_day(earlier.decision_due_on))
       ELSE format('Redetermination %s was decided on %s.', earlier.confirmation_no, connex.spoken_day(decided_on)) END,
       '42 CFR 405.944', decided_on, NULL, NULL),
    ROW('redetermination', false, filed_code,
       format('A redetermination of this claim was filed already: %s. Only one is allowed.', earlier.confirmation_no),
       '42 CFR 405.944', decided_on, NULL, NULL)]::connex.claim_action[];
  IF decided_on IS NOT NULL THEN
    SELECT d.deadline_on, d.rule INTO next_level
      FROM connex.deadline(CASE earlier.status WHEN 'dismissed' THEN 'dismissal_review' ELSE 'reconsideration' END,
                           decided_on) d;
    actions := actions || ARRAY[
      ROW('reconsideration', false, 'next_level', 'If you disagree with the decision, ask the Qualified Independent Contractor '
         'named in it to reconsider.', next_level.rule, decided_on, next_level.deadline_on,
         next_level.deadline_on - connex.today())]::connex.claim_action[];
  END IF;
  RETURN actions;
END
$$;

-- What can be done about a claim now, and why, in the order of the contractors' own triage (standards 4.4).
CREATE OR REPLACE FUNCTION connex.claim_triage(p_facts connex.claim_facts)
  RETURNS connex.claim_action[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  standing record;
  actions connex.claim_action[];
  ends record;
  days integer;
BEGIN
  IF p_facts.claim_id IS NULL THEN
    RETURN NULL;
  END IF;
  standing := connex.claim_standing(p_facts);
  actions := coalesce(connex.claim_no_appeal(p_facts, standing.notice_on, standing.ma130),
                      connex.claim_appealed(p_facts.claim_id));
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
  RETURNS SETOF connex.claim_action LANGUAGE plpgsql STABLE AS $$
DECLARE
  c connex.claim;
BEGIN
  SELECT k.* INTO c FROM connex.claim k WHERE k.claim_id = p_claim_id;
  RETURN QUERY SELECT * FROM unnest(connex.claim_triage(connex.claim_facts(c, false)));
END
$$;

-- A claim with its lines, adjustments, remittance, and history, and what can be done about it now, as the API shows it
-- (schema Claim). Null if there is none that the calling role may see.
CREATE OR REPLACE FUNCTION connex.claim_document(p_claim_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  f connex.claim_facts;
  c connex.claim;
BEGIN
  SELECT k.* INTO c FROM connex.claim k WHERE k.claim_id = p_claim_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  f := connex.claim_facts(c, true);
  RETURN json_build_object(
    'claim_id', p_claim_id::text, 'contractor_no', c.contractor_no, 'system', c.system, 'control_no', c.control_no,
    'patient_control_no', c.patient_control_no, 'mbi', c.mbi, 'patient_last_name', c.patient_last_name,
    'patient_first_name', c.patient_first_name, 'line_of_business', c.line_of_business, 'status', f.status,
    'status_on', c.status_on, 'received_on', c.received_on, 'from_on', c.from_on, 'through_on', c.through_on,
    'finalized_on', f.finalized_on, 'charge', c.charge::text, 'paid', f.paid::text,
    'patient_responsibility', c.patient_responsibility::text, 'bill_type', c.bill_type, 'facility', c.facility, 'drg', c.drg,
    'diagnoses', c.diagnoses,
    'lines', coalesce(f.shown_lines, '[]'),
    'adjustments', (SELECT coalesce(json_agg(o.shown), '[]')
                      FROM unnest(f.shown_line_nos, f.shown_adjustments) o(line_no, shown) WHERE o.line_no = 0),
    'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words',
                        (SELECT w.words FROM connex.reason_code w WHERE w.list = 'RARC' AND w.code = g.code))), '[]')
                  FROM unnest(string_to_array(nullif(f.shown_remarks, ''), ' ')) g(code)),
    'remittance', (SELECT json_build_object('remittance_id', r.remittance_id::text, 'payment_number', r.payment_number,
                                            'method', r.method, 'paid_on', r.paid_on, 'amount', r.amount::text,
                                            'balanced', r.balanced)
                     FROM connex.remittance r WHERE r.remittance_id = c.remittance_id),
    'adjudications', coalesce(f.shown_adjudications, '[]'),
    'appeal', (SELECT json_build_object('appeal_id', p.appeal_id::text, 'confirmation_no', p.confirmation_no,
                                        'status', p.status, 'outcome', p.outcome, 'filed_at', connex.iso(p.filed_at))
                 FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn'),
    'possible_actions', (SELECT json_agg(json_build_object('action', t.action, 'allowed', t.allowed, 'words', t.words,
                                                           'rule', t.rule, 'deadline_on', t.deadline_on,
                                                           'days_left', t.days_left))
                           FROM unnest(connex.claim_triage(f)) t));
END
$$;
