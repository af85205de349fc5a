-- Redeterminations (42 CFR 405.940 ff.): which actions a claim allows, until when, and the functions that file, take
-- and decide. Page, API, script and report all ask here, so that they cannot disagree. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The last day of a kind of deadline that runs from the day p_from: the days of the rule in force then, and the days
-- within which receipt of a notice is presumed. A last day on a weekend stays where it is: no rule moves it.
CREATE OR REPLACE FUNCTION connex.deadline(p_kind text, p_from date) RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (SELECT p_from + r.days + r.presumed_receipt_days FROM connex.deadline_rule r
           WHERE r.kind = p_kind AND r.effective_on <= p_from ORDER BY r.effective_on DESC LIMIT 1);

-- What can be done with a claim now, and why, in the order of the contractors' own triage (standards 4.4). Runs with the
-- rights of whoever asks: a claim that he may not see allows nothing and returns no row.
--   code         stable word of the reason, for programs
--   deadline_on  last day to file; late: it has passed, good cause is needed (42 CFR 405.942(b))
--   rule         what says so
CREATE OR REPLACE FUNCTION connex.claim_actions(p_claim_id bigint)
  RETURNS TABLE (action text, allowed boolean, code text, reason text, rule text, notice_on date, deadline_on date,
                 days_left integer, late boolean)
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
  late := false;

  -- 1. Nothing is decided yet, so there is nothing to appeal (42 CFR 405.920).
  IF c.status IN ('received', 'pending', 'suspended') THEN
    action := 'redetermination'; allowed := false; code := 'not_finalized';
    reason := 'The contractor has not decided this claim yet. Wait for the remittance; sending the claim again would be denied as a duplicate.';
    rule := '42 CFR 405.920';
    RETURN NEXT;
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
    action := 'redetermination'; allowed := false; code := 'reversed';
    reason := 'The contractor took its decision on this claim back and has not replaced it yet. Wait for the corrected remittance.';
    rule := '42 CFR 405.980';
    RETURN NEXT;
    RETURN;
  END IF;

  SELECT c.status = 'returned'
         OR (c.paid = 0 AND (standing.ma130
             OR EXISTS (SELECT FROM connex.claim_line l
                         WHERE l.claim_id = p_claim_id AND l.adjudication_no = standing.adjudication_no
                           AND 'MA130' = ANY (l.remark_codes)))),
         c.paid = 0 AND coalesce(bool_or(j.reason_code = '29'), false)
    INTO unprocessable, untimely
    FROM connex.claim_adjustment j
   WHERE j.claim_id = p_claim_id AND j.adjudication_no = standing.adjudication_no;

  -- 2. Unprocessable: no initial determination was made, so neither appeal nor reopening; a new claim (RARC MA130).
  IF unprocessable THEN
    action := 'redetermination'; allowed := false; code := 'unprocessable';
    reason := 'The claim could not be processed (MA130), so it carries no appeal rights. Correct it and send it as a new claim.';
    rule := '42 CFR 405.926; RARC MA130'; notice_on := NULL;
    RETURN NEXT;
    action := 'new_claim'; allowed := true; code := 'correct_and_send';
    reason := 'Correct what the reason codes name and send a new claim within one calendar year of the service.';
    rule := '42 CFR 424.44';
    RETURN NEXT;
    RETURN;
  END IF;

  -- 3. Filed too late: the finding that a claim was not timely is no initial determination (CARC 29).
  IF untimely THEN
    action := 'redetermination'; allowed := false; code := 'untimely';
    reason := 'The claim was filed after the time limit (reason 29); that denial cannot be appealed. Ask the contractor for an exception to timely filing when one of the four grounds applies.';
    rule := '42 CFR 405.926; 42 CFR 424.44(b)'; notice_on := NULL;
    RETURN NEXT;
    RETURN;
  END IF;

  -- 4. One redetermination for each claim; once decided, the next level is a Qualified Independent Contractor's.
  SELECT p.confirmation_no, p.status, p.decided_at, p.decision_due_on INTO earlier
    FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn';
  IF FOUND THEN
    action := 'redetermination'; allowed := false; rule := '42 CFR 405.944(c)';
    IF earlier.decided_at IS NULL THEN
      code := 'already_filed';
      reason := format('A redetermination of this claim is open: %s, to be decided by %s.', earlier.confirmation_no,
                       to_char(earlier.decision_due_on, 'YYYY-MM-DD'));
    ELSE
      code := 'already_decided';
      reason := format('The redetermination %s of this claim is decided. The next level is a reconsideration by the Qualified Independent Contractor, within %s days.',
                       earlier.confirmation_no, CASE earlier.status WHEN 'dismissed' THEN 60 ELSE 180 END);
      rule := CASE earlier.status WHEN 'dismissed' THEN '42 CFR 405.974(b)' ELSE '42 CFR 405.962' END;
    END IF;
    RETURN NEXT;
    RETURN;
  END IF;

  -- 5. Within 120 days of receipt, presumed 5 days after the notice; later with good cause.
  deadline_on := connex.deadline('redetermination', notice_on);
  days_left := deadline_on - connex.today();
  late := days_left < 0;
  action := 'redetermination'; allowed := true; rule := '42 CFR 405.942(a)';
  IF late THEN
    code := 'late'; rule := '42 CFR 405.942(b)';
    reason := format('The last day to ask was %s. A request is still taken when you show good cause for being late.', to_char(deadline_on, 'YYYY-MM-DD'));
  ELSE
    code := 'open';
    reason := format('You can ask for a redetermination until %s.', to_char(deadline_on, 'YYYY-MM-DD'));
  END IF;
  RETURN NEXT;
END
$$;
GRANT EXECUTE ON FUNCTION connex.deadline(text, date), connex.claim_actions(bigint) TO connex_reader, connex_app, connex_report;
