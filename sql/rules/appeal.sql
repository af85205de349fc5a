-- Redeterminations (42 CFR 405.940 ff.): which actions a claim allows, until when, and the functions that file, take
-- and decide. Page, API, script and report all ask here, so that they cannot disagree. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The last day of a kind of deadline that runs from the day p_from, and the rule: the days in force then, and the days
-- within which receipt of a notice is presumed. A last day on a weekend stays where it is: no rule moves it.
CREATE OR REPLACE FUNCTION connex.deadline(p_kind text, p_from date) RETURNS TABLE (deadline_on date, rule text) LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT p_from + r.days + r.presumed_receipt_days, r.citation FROM connex.deadline_rule r
   WHERE r.kind = p_kind AND r.effective_on <= p_from ORDER BY r.effective_on DESC LIMIT 1
$$;

-- What can be done with a claim now, and why, in the order of the contractors' own triage (standards 4.4). Runs with the
-- rights of whoever asks: a claim that he may not see allows nothing and returns no row.
--   code         stable word of the reason, for programs
--   allowed      whether it can be done here and now
--   rule         what says so
--   deadline_on  last day; days_left below zero: it has passed, and good cause is needed (42 CFR 405.942(b))
--   notice_on    the initial determination's date, from which the days run
CREATE OR REPLACE FUNCTION connex.claim_actions(p_claim_id bigint)
  RETURNS TABLE (action text, allowed boolean, code text, words text, rule text, notice_on date, deadline_on date, days_left integer)
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  c record;
  standing record;
  earlier record;
  unprocessable boolean;
  untimely boolean;
BEGIN
  SELECT k.status, k.paid, k.finalized_on INTO c FROM connex.claim k WHERE k.claim_id = p_claim_id;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  -- 1. Nothing is decided yet, so there is nothing to appeal (42 CFR 405.920).
  IF c.status IN ('received', 'pending', 'suspended') THEN
    RETURN QUERY VALUES
      ('wait', false, 'not_finalized', 'The contractor is still working on this claim. Wait for the remittance; sending the claim again would be denied as a duplicate.',
       '42 CFR 405.920', NULL::date, NULL::date, NULL::integer),
      ('redetermination', false, 'not_finalized', 'There is no decision to appeal yet.', '42 CFR 405.920', NULL, NULL, NULL);
    RETURN;
  END IF;

  -- The decision that stands: after the last one taken back (CLP02 22), the first that was processable. A repeated
  -- denial does not start the days anew; a corrected decision does (42 CFR 405.984).
  SELECT min(a.adjudicated_on) FILTER (WHERE NOT 'MA130' = ANY (a.remark_codes)) AS decided_on,
         max(a.adjudication_no) AS adjudication_no,
         coalesce(bool_or('MA130' = ANY (a.remark_codes)), false) AS ma130
    INTO standing
    FROM connex.adjudication a
   WHERE a.claim_id = p_claim_id AND a.clp_status <> '22'
     AND a.adjudication_no > coalesce((SELECT max(r.adjudication_no) FROM connex.adjudication r
                                        WHERE r.claim_id = p_claim_id AND r.clp_status = '22'), 0);
  notice_on := coalesce(standing.decided_on, c.finalized_on);

  IF c.status = 'reversed' OR notice_on IS NULL THEN
    RETURN QUERY VALUES
      ('wait', false, 'reversed', 'The contractor took its decision back and has not replaced it yet. Wait for the corrected remittance.',
       '42 CFR 405.980', NULL::date, NULL::date, NULL::integer),
      ('redetermination', false, 'reversed', 'There is no standing decision to appeal.', '42 CFR 405.920', NULL, NULL, NULL);
    RETURN;
  END IF;

  -- Where something was paid, the claim was processable and timely. CARC 16 with N211 is MA130's other form.
  IF c.paid = 0 THEN
    SELECT coalesce(bool_or(j.reason_code = '29'), false),
           standing.ma130 OR EXISTS (SELECT FROM connex.claim_line l
             WHERE l.claim_id = p_claim_id AND l.adjudication_no = standing.adjudication_no
               AND ('MA130' = ANY (l.remark_codes) OR ('N211' = ANY (l.remark_codes) AND bool_or(j.reason_code = '16'))))
      INTO untimely, unprocessable
      FROM connex.claim_adjustment j
     WHERE j.claim_id = p_claim_id AND j.adjudication_no = standing.adjudication_no;
  END IF;

  -- 2. Unprocessable: no initial determination was made, so neither appeal nor reopening; a new claim (RARC MA130).
  IF unprocessable OR c.status = 'returned' THEN
    RETURN QUERY VALUES
      ('new_claim', false, 'unprocessable', 'The claim could not be processed. Correct what the reason codes name and send a new claim within one calendar year of the service.',
       '42 CFR 424.44', NULL::date, NULL::date, NULL::integer),
      ('redetermination', false, 'unprocessable', 'A claim that could not be processed carries no appeal rights.', '42 CFR 405.926; RARC MA130', NULL, NULL, NULL);
    RETURN;
  END IF;

  -- 3. Filed too late: the finding that a claim was not timely is no initial determination (CARC 29).
  IF untimely THEN
    RETURN QUERY VALUES
      ('redetermination', false, 'untimely', 'The claim was filed after the time limit (reason 29), and that denial carries no appeal rights. Ask the contractor for an exception to timely filing if one of the four grounds applies.',
       '42 CFR 405.926; 42 CFR 424.44(b)', NULL::date, NULL::date, NULL::integer);
    RETURN;
  END IF;

  -- 4. One redetermination for each claim; once decided, the next level is a Qualified Independent Contractor's.
  SELECT p.confirmation_no, p.status, p.decision_due_on, (p.decided_at AT TIME ZONE connex.setting_text('time_zone'))::date AS decided_on
    INTO earlier
    FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn';
  IF FOUND THEN
    action := 'view_redetermination'; allowed := true; rule := '42 CFR 405.944'; notice_on := NULL;
    code := CASE WHEN earlier.decided_on IS NULL THEN 'already_filed' ELSE 'already_decided' END;
    words := CASE WHEN earlier.decided_on IS NULL
      THEN format('Redetermination %s is open, to be decided by %s.', earlier.confirmation_no, earlier.decision_due_on)
      ELSE format('Redetermination %s was decided on %s.', earlier.confirmation_no, earlier.decided_on) END;
    RETURN NEXT;
    action := 'redetermination'; allowed := false;
    words := format('This claim has its one redetermination: %s.', earlier.confirmation_no);
    RETURN NEXT;
    IF earlier.decided_on IS NOT NULL THEN
      SELECT d.deadline_on, d.rule INTO deadline_on, rule
        FROM connex.deadline(CASE earlier.status WHEN 'dismissed' THEN 'dismissal_review' ELSE 'reconsideration' END, earlier.decided_on) d;
      action := 'reconsideration'; code := 'next_level'; notice_on := earlier.decided_on; days_left := deadline_on - connex.today();
      words := 'If you disagree with the decision, ask the Qualified Independent Contractor named in it to reconsider.';
      RETURN NEXT;
    END IF;
    RETURN;
  END IF;

  -- 5. Within 120 days of receipt, presumed 5 days after the notice; later with good cause.
  SELECT d.deadline_on, d.rule INTO deadline_on, rule FROM connex.deadline('redetermination', notice_on) d;
  days_left := deadline_on - connex.today();
  action := 'redetermination'; allowed := true;
  IF days_left < 0 THEN
    code := 'late'; rule := '42 CFR 405.942(b)';
    words := format('The last day to ask was %s. A request is still taken if you show good cause for being late.', deadline_on);
  ELSE
    code := 'open';
    words := format('You can ask for a redetermination until %s.', deadline_on);
  END IF;
  RETURN NEXT;
END
$$;

GRANT EXECUTE ON FUNCTION connex.deadline(text, date), connex.claim_actions(bigint) TO connex_reader, connex_app;
