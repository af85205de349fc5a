-- Redeterminations (42 CFR 405.940 ff.): which actions a claim allows, until when, and the functions that file, take
-- and decide. Page, API, script and report all ask here, so that they cannot disagree. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The last day of a kind of deadline that runs from the day p_from, and the rule: the days in force then, and the days
-- within which receipt of a notice is presumed. A last day on a weekend stays where it is: no rule moves it.
CREATE OR REPLACE FUNCTION connex.deadline(p_kind text, p_from date) RETURNS TABLE (deadline_on date, rule text)
  LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  SELECT p_from + r.days + r.presumed_receipt_days, r.citation INTO deadline_on, rule FROM connex.deadline_rule r
   WHERE r.kind = p_kind AND r.effective_on <= p_from ORDER BY r.effective_on DESC LIMIT 1;
  IF FOUND THEN
    RETURN NEXT;
  END IF;
END
$$;

-- The triage itself, from what is known of a claim (connex.claim_actions() below says what it returns). The arrays hold
-- the claim's adjudications in the order of their days, since a remittance may be loaded late: number, CLP02, day, and
-- whether it said MA130; p_reasons and the flags are of the last one's adjustments and lines.
CREATE OR REPLACE FUNCTION connex.claim_triage(p_claim_id bigint, p_status text, p_paid numeric, p_finalized_on date, p_nos integer[],
    p_statuses text[], p_days date[], p_ma130 boolean[], p_reasons text[], p_line_ma130 boolean, p_line_n211 boolean)
  RETURNS TABLE (action text, allowed boolean, code text, words text, rule text, notice_on date, deadline_on date, days_left integer)
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  earlier record;
  ma130 boolean := false;
  today date := connex.today();
BEGIN
  -- 1. Nothing is decided yet, so there is nothing to appeal (42 CFR 405.920).
  IF p_status IN ('received', 'pending', 'suspended') THEN
    allowed := false; code := 'not_finalized'; rule := '42 CFR 405.920';
    action := 'wait';
    words := 'The contractor is still working on this claim. Wait for the remittance; sending the claim again would be denied as a duplicate.';
    RETURN NEXT;
    action := 'redetermination'; words := 'There is no decision to appeal yet.';
    RETURN NEXT;
    RETURN;
  END IF;

  -- The decision that stands: after the last one taken back (CLP02 22), the first that was processable. A repeated
  -- denial does not start the days anew; a corrected decision does (42 CFR 405.984).
  FOR i IN 1 .. coalesce(cardinality(p_nos), 0) LOOP
    IF p_statuses[i] = '22' THEN
      notice_on := NULL; ma130 := false;
    ELSIF p_ma130[i] THEN
      ma130 := notice_on IS NULL;
    ELSE
      notice_on := least(notice_on, p_days[i]); ma130 := false;
    END IF;
  END LOOP;
  notice_on := coalesce(notice_on, p_finalized_on);

  IF p_status = 'reversed' OR (notice_on IS NULL AND p_status <> 'returned') THEN
    notice_on := NULL; allowed := false; code := 'reversed';
    action := 'wait'; rule := '42 CFR 405.980';
    words := 'The contractor took its decision back and has not replaced it yet. Wait for the corrected remittance.';
    RETURN NEXT;
    action := 'redetermination'; rule := '42 CFR 405.920'; words := 'There is no standing decision to appeal.';
    RETURN NEXT;
    RETURN;
  END IF;

  -- 2. Unprocessable: no initial determination was made, so neither appeal nor reopening; a new claim (RARC MA130). Where
  -- something was paid, the claim was processable. CARC 16 with N211 is MA130's other form.
  IF p_status = 'returned' OR (p_paid = 0 AND (ma130 OR p_line_ma130 OR (p_line_n211 AND '16' = ANY (p_reasons)))) THEN
    notice_on := NULL; allowed := false; code := 'unprocessable';
    action := 'new_claim'; rule := '42 CFR 424.44';
    words := 'The claim could not be processed. Correct what the reason codes name and send a new claim within one calendar year of the service.';
    RETURN NEXT;
    action := 'redetermination'; rule := '42 CFR 405.926; RARC MA130'; words := 'A claim that could not be processed carries no appeal rights.';
    RETURN NEXT;
    RETURN;
  END IF;

  -- 3. Filed too late: the finding that a claim was not timely is no initial determination (CARC 29).
  IF p_paid = 0 AND '29' = ANY (p_reasons) THEN
    notice_on := NULL; allowed := false; code := 'untimely';
    action := 'redetermination'; rule := '42 CFR 405.926; 42 CFR 424.44(b)';
    words := 'The claim was filed after the time limit (reason 29), and that denial carries no appeal rights. Ask the contractor for an exception to timely filing if one of the four grounds applies.';
    RETURN NEXT;
    RETURN;
  END IF;

  -- 4. One redetermination for each claim; once decided, the next level is a Qualified Independent Contractor's.
  SELECT p.confirmation_no, p.status, p.decision_due_on, p.decided_at INTO earlier
    FROM connex.appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn';
  IF FOUND THEN
    action := 'view_redetermination'; allowed := true; rule := '42 CFR 405.944'; notice_on := NULL;
    IF earlier.decided_at IS NOT NULL THEN
      notice_on := (earlier.decided_at AT TIME ZONE connex.setting_text('time_zone'))::date;
    END IF;
    code := CASE WHEN notice_on IS NULL THEN 'already_filed' ELSE 'already_decided' END;
    words := CASE WHEN notice_on IS NULL
      THEN format('Redetermination %s is open, to be decided by %s.', earlier.confirmation_no, connex.spoken_day(earlier.decision_due_on))
      ELSE format('Redetermination %s was decided on %s.', earlier.confirmation_no, connex.spoken_day(notice_on)) END;
    RETURN NEXT;
    action := 'redetermination'; allowed := false;
    words := format('A redetermination of this claim is filed already, %s; a claim has one.', earlier.confirmation_no);
    RETURN NEXT;
    IF notice_on IS NOT NULL THEN
      SELECT d.deadline_on, d.rule INTO deadline_on, rule
        FROM connex.deadline(CASE earlier.status WHEN 'dismissed' THEN 'dismissal_review' ELSE 'reconsideration' END, notice_on) d;
      action := 'reconsideration'; code := 'next_level'; days_left := deadline_on - today;
      words := 'If you disagree with the decision, ask the Qualified Independent Contractor named in it to reconsider.';
      RETURN NEXT;
    END IF;
    RETURN;
  END IF;

  -- 5. Within 120 days of receipt, presumed 5 days after the notice; later with good cause.
  SELECT d.deadline_on, d.rule INTO deadline_on, rule FROM connex.deadline('redetermination', notice_on) d;
  days_left := deadline_on - today;
  action := 'redetermination'; allowed := true;
  IF days_left < 0 THEN
    code := 'late'; rule := '42 CFR 405.942(b)';
    words := format('The last day to ask was %s. A request is still taken if you show good cause for being late.', connex.spoken_day(deadline_on));
  ELSE
    code := 'open';
    words := format('You can ask for a redetermination until %s.', connex.spoken_day(deadline_on));
  END IF;
  RETURN NEXT;
END
$$;

-- What can be done with a claim now, and why, in the order of the contractors' own triage (standards 4.4). Runs with the
-- rights of whoever asks: a claim that he may not see allows nothing and returns no row.
--   code         stable word of the reason, for programs
--   allowed      whether it can be done here and now
--   rule         what says so
--   deadline_on  last day; days_left below zero: it has passed, and good cause is needed (42 CFR 405.942(b))
--   notice_on    the initial determination's date, from which the days run
-- One plain query for each partitioned table: a join over all months costs ten times its plan.
CREATE OR REPLACE FUNCTION connex.claim_actions(p_claim_id bigint)
  RETURNS TABLE (action text, allowed boolean, code text, words text, rule text, notice_on date, deadline_on date, days_left integer)
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  c record;
  a record;
  reasons text[];
  line record;
BEGIN
  SELECT k.status, k.paid, k.finalized_on, k.last_adjudication_no INTO c FROM connex.claim k WHERE k.claim_id = p_claim_id;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  SELECT array_agg(d.adjudication_no ORDER BY d.adjudicated_on NULLS FIRST, d.adjudication_no) AS nos,
         array_agg(d.clp_status ORDER BY d.adjudicated_on NULLS FIRST, d.adjudication_no) AS statuses,
         array_agg(d.adjudicated_on ORDER BY d.adjudicated_on NULLS FIRST, d.adjudication_no) AS days,
         array_agg('MA130' = ANY (d.remark_codes) ORDER BY d.adjudicated_on NULLS FIRST, d.adjudication_no) AS ma130
    INTO a FROM connex.adjudication d WHERE d.claim_id = p_claim_id;
  SELECT array_agg(j.reason_code) INTO reasons FROM connex.claim_adjustment j
   WHERE j.claim_id = p_claim_id AND j.adjudication_no = c.last_adjudication_no;
  SELECT bool_or('MA130' = ANY (l.remark_codes)) AS ma130, bool_or('N211' = ANY (l.remark_codes)) AS n211 INTO line FROM connex.claim_line l
   WHERE l.claim_id = p_claim_id AND l.adjudication_no = c.last_adjudication_no;
  RETURN QUERY SELECT * FROM connex.claim_triage(p_claim_id, c.status, c.paid, c.finalized_on, a.nos, a.statuses, a.days, a.ma130, reasons,
                                                 coalesce(line.ma130, false), coalesce(line.n211, false));
END
$$;

GRANT EXECUTE ON FUNCTION connex.deadline(text, date), connex.claim_actions(bigint),
  connex.claim_triage(bigint, text, numeric, date, integer[], text[], date[], boolean[], text[], boolean, boolean) TO connex_reader, connex_app;

-- Who did something, in words for the one who asks: an office sees its own people by name, and the contractor's as the
-- contractor; the analyst sees names.
CREATE OR REPLACE FUNCTION connex.acting_person(p_user_account_id bigint, p_contractor_no text) RETURNS text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (
    SELECT CASE WHEN entered_right() = 'analyst' OR EXISTS (
                       SELECT FROM access a WHERE a.user_account_id = u.user_account_id AND a.provider_account_id = entered_account())
                  THEN u.first_name || ' ' || u.last_name
                WHEN u.kind = 'analyst' THEN coalesce(c.name, 'The contractor') ELSE 'A person of the office' END
      FROM user_account u LEFT JOIN contractor c ON c.contractor_no = p_contractor_no
     WHERE u.user_account_id = p_user_account_id);
END
$$;

-- A redetermination with its attachments and history, as the API shows it (schema Appeal); NULL when the asking role may see none.
CREATE OR REPLACE FUNCTION connex.appeal_document(p_appeal_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  p connex.appeal;
BEGIN
  SELECT a.* INTO p FROM connex.appeal a WHERE a.appeal_id = p_appeal_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  RETURN json_build_object(
      'appeal_id', p.appeal_id::text, 'confirmation_no', p.confirmation_no, 'kind', p.kind, 'claim_id', p.claim_id::text,
      'control_no', (SELECT c.control_no FROM connex.claim c WHERE c.claim_id = p.claim_id),
      'status', p.status, 'outcome', p.outcome, 'line_nos', p.line_nos, 'requester_name', p.requester_name,
      'requester_phone', p.requester_phone, 'reason', p.reason, 'additional_information', p.additional_information,
      'late_reason', p.late_reason, 'filed_at', connex.iso(p.filed_at), 'notice_on', p.notice_on,
      'deadline_on', p.deadline_on, 'decision_due_on', p.decision_due_on, 'decided_at', connex.iso(p.decided_at),
      'rationale', p.rationale,
      'attachments', (SELECT coalesce(json_agg(json_build_object(
           'attachment_id', t.attachment_id::text, 'file_name', t.file_name, 'media_type', t.media_type, 'bytes', t.bytes::text,
           'pages', t.pages, 'sha256', encode(t.sha256, 'hex'), 'created_at', connex.iso(t.created_at)) ORDER BY t.attachment_id), '[]')
         FROM connex.attachment t WHERE t.appeal_id = p.appeal_id),
      'events', (SELECT coalesce(json_agg(json_build_object(
           'at', connex.iso(e.at), 'action', e.action, 'by', connex.acting_person(e.user_account_id, p.contractor_no),
           'words', e.words) ORDER BY e.event_no), '[]')
         FROM connex.appeal_event e WHERE e.appeal_id = p.appeal_id),
      'version', p.version);
END
$$;

-- Files a redetermination (42 CFR 405.944): received at this moment, by the entered person for the entered provider
-- account. Returns it as the API shows it. Raises CX404 when the claim is not the account's, CX409 with the claim's own
-- reason when it allows none (the first request's number where there is one), CX422 for lines or attachments that are
-- not there and for a late request without its reason.
CREATE OR REPLACE FUNCTION connex.appeal_file(p_claim_id bigint, p_line_nos integer[], p_requester_name text, p_requester_phone text,
    p_reason text, p_additional_information text, p_late_reason text, p_attachment_ids bigint[])
  RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  c record;
  may record;
  new_id bigint;
  new_no text;
  lines integer[] := coalesce(p_line_nos, '{}');
  files bigint[] := coalesce(p_attachment_ids, '{}');
  taken integer;
  filer user_account;
BEGIN
  IF entered_right() <> 'claims' THEN
    RAISE EXCEPTION USING ERRCODE = 'CX403', MESSAGE = 'no_access', DETAIL = 'A redetermination is filed with the Claims function.';
  END IF;
  -- FOR SHARE: the claim stays as it is judged until this request is in.
  SELECT k.contractor_no, k.last_adjudication_no INTO c
    FROM claim k WHERE k.claim_id = p_claim_id AND k.provider_account_id = entered_account() FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'CX404', MESSAGE = 'not_found', DETAIL = 'There is no such claim of this provider account.';
  END IF;
  SELECT * INTO STRICT may FROM claim_actions(p_claim_id) a WHERE a.action = 'redetermination';
  IF NOT may.allowed THEN
    RAISE EXCEPTION USING ERRCODE = 'CX409', MESSAGE = may.code, DETAIL = may.words;
  END IF;
  IF may.days_left < 0 AND p_late_reason IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'CX422', MESSAGE = 'required', HINT = 'late_reason',
      DETAIL = format('The last day was %s. Say why the request is late (42 CFR 405.942(b)).', spoken_day(may.deadline_on));
  END IF;
  IF EXISTS (SELECT FROM unnest(lines) n WHERE NOT EXISTS (
       SELECT FROM claim_line l WHERE l.claim_id = p_claim_id AND l.adjudication_no = c.last_adjudication_no AND l.line_no = n)) THEN
    RAISE EXCEPTION USING ERRCODE = 'CX422', MESSAGE = 'unknown', HINT = 'line_nos', DETAIL = 'Choose lines that the claim has.';
  END IF;
  IF cardinality(files) > setting_integer('attachments_per_appeal') THEN
    RAISE EXCEPTION USING ERRCODE = 'CX422', MESSAGE = 'too_many', HINT = 'attachment_ids',
      DETAIL = format('Send at most %s attachments.', setting_integer('attachments_per_appeal'));
  END IF;

  new_no := to_char(connex.today(), '"R-"YYYYMMDD-') || lpad(nextval('appeal_serial')::text, 6, '0');
  INSERT INTO appeal (confirmation_no, claim_id, provider_account_id, contractor_no, line_nos, requester_name, requester_phone,
                      reason, additional_information, late_reason, filed_by, token_id, notice_on, deadline_on, decision_due_on)
  VALUES (new_no, p_claim_id, entered_account(), c.contractor_no, lines, p_requester_name, p_requester_phone,
          p_reason, p_additional_information, p_late_reason, entered_user(), entered_token(), may.notice_on, may.deadline_on,
          (SELECT d.deadline_on FROM deadline('redetermination_decision', connex.today()) d))
  ON CONFLICT (claim_id, level) WHERE status <> 'withdrawn' DO NOTHING
  RETURNING appeal_id INTO new_id;
  IF new_id IS NULL THEN      -- another request for the same claim was in flight and is in now
    RAISE EXCEPTION USING ERRCODE = 'CX409', MESSAGE = 'already_filed', DETAIL = format(
      'A redetermination of this claim is filed already, %s; a claim has one.', (SELECT p.confirmation_no FROM appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn'));
  END IF;

  UPDATE attachment SET appeal_id = new_id
   WHERE attachment_id = ANY (files) AND provider_account_id = entered_account() AND uploaded_by = entered_user() AND appeal_id IS NULL;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken <> cardinality(files) THEN
    RAISE EXCEPTION USING ERRCODE = 'CX422', MESSAGE = 'unknown', HINT = 'attachment_ids',
      DETAIL = 'An attachment is not there, or belongs to another request. Upload it again.';
  END IF;
  INSERT INTO appeal_event (appeal_id, event_no, user_account_id, action) VALUES (new_id, 1, entered_user(), 'filed');

  SELECT * INTO STRICT filer FROM user_account u WHERE u.user_account_id = entered_user();
  PERFORM send_mail('appeal_received', filer.user_account_id, filer.email, jsonb_build_object(
    'first_name', filer.first_name, 'confirmation_number', new_no,
    'at', spoken_instant(connex.now(), filer.time_zone)));
  PERFORM connex.subject('appeal', new_id);
  RETURN reply_once(201, appeal_document(new_id));
END
$$;

-- The contractor's desk ----------------------------------------------------------------------------------------

-- A case as the analyst sees it (schema DeskAppeal).
CREATE OR REPLACE FUNCTION connex.desk_document(p_appeal_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT json_build_object(
      'appeal', connex.appeal_document(p.appeal_id),
      'provider_account', json_build_object('provider_account_id', a.provider_account_id::text, 'name', a.name, 'npi', a.npi,
                                            'ptan', a.ptan, 'line_of_business', a.line_of_business, 'state', a.state),
      'claim', connex.claim_document(p.claim_id),
      'assigned_to', connex.acting_person(p.assigned_to, p.contractor_no),
      'days_left', p.decision_due_on - connex.today(),
      'version', p.version)
      FROM connex.appeal p JOIN connex.provider_account a ON a.provider_account_id = p.provider_account_id
     WHERE p.appeal_id = p_appeal_id);
END
$$;

-- Locks an open case for a change by the entered analyst, who must have read its latest version (If-Match): two people at
-- one worklist never overwrite each other.
CREATE OR REPLACE FUNCTION connex.desk_open_case(p_appeal_id bigint, p_version integer) RETURNS connex.appeal
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  p appeal;
BEGIN
  IF entered_right() <> 'analyst' THEN
    RAISE EXCEPTION USING ERRCODE = 'CX403', MESSAGE = 'not_analyst', DETAIL = 'This is for the contractor''s analysts.';
  END IF;
  SELECT * INTO p FROM appeal a WHERE a.appeal_id = p_appeal_id FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'CX404', MESSAGE = 'not_found', DETAIL = 'There is no such redetermination.';
  ELSIF p.version <> p_version THEN
    RAISE EXCEPTION USING ERRCODE = 'CX412', MESSAGE = 'stale', DETAIL = 'Somebody changed this case since you opened it. Open it again.';
  ELSIF p.status NOT IN ('received', 'in_review') THEN
    RAISE EXCEPTION USING ERRCODE = 'CX409', MESSAGE = 'closed', DETAIL = format('This case is closed: %s.', p.status);
  END IF;
  RETURN p;
END
$$;

CREATE OR REPLACE FUNCTION connex.appeal_note(p_appeal_id bigint, p_action text, p_words text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  INSERT INTO appeal_event (appeal_id, event_no, user_account_id, action, words)
  SELECT p_appeal_id, coalesce(max(e.event_no), 0) + 1, entered_user(), p_action, p_words FROM appeal_event e WHERE e.appeal_id = p_appeal_id
$$;

-- Takes a case, also from a colleague: the history says who had it.
CREATE OR REPLACE FUNCTION connex.desk_take(p_appeal_id bigint, p_version integer) RETURNS json
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM desk_open_case(p_appeal_id, p_version);
  UPDATE appeal SET assigned_to = entered_user(), status = 'in_review', version = version + 1 WHERE appeal_id = p_appeal_id;
  PERFORM appeal_note(p_appeal_id, 'taken', NULL);
  RETURN desk_document(p_appeal_id);
END
$$;

-- Decides a case. The office gets mail in the same transaction: the filer while he may still see the claim, else the
-- provider account's Local Security Officers.
CREATE OR REPLACE FUNCTION connex.desk_decide(p_appeal_id bigint, p_version integer, p_outcome text, p_rationale text) RETURNS json
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  p appeal := desk_open_case(p_appeal_id, p_version);
  reader record;
  closing text := CASE p_outcome WHEN 'dismissed' THEN 'dismissed' ELSE 'decided' END;
BEGIN
  UPDATE appeal SET status = closing, outcome = p_outcome, rationale = p_rationale, decided_at = connex.now(),
         decided_by = entered_user(), assigned_to = coalesce(assigned_to, entered_user()), version = version + 1
   WHERE appeal_id = p_appeal_id;
  PERFORM appeal_note(p_appeal_id, closing, replace(p_outcome, '_', ' '));
  FOR reader IN
    SELECT u.user_account_id, u.email, u.first_name
      FROM access a JOIN user_account u ON u.user_account_id = a.user_account_id
     WHERE a.provider_account_id = p.provider_account_id AND a.status = 'approved' AND u.status = 'active'
       AND CASE WHEN EXISTS (SELECT FROM access f JOIN user_account v ON v.user_account_id = f.user_account_id
                              WHERE f.user_account_id = p.filed_by AND f.provider_account_id = p.provider_account_id
                                AND f.status = 'approved' AND 'claims' = ANY (f.functions) AND v.status = 'active')
                THEN u.user_account_id = p.filed_by ELSE a.lso END
  LOOP
    PERFORM send_mail('appeal_decided', reader.user_account_id, reader.email,
                      jsonb_build_object('first_name', reader.first_name, 'confirmation_number', p.confirmation_no));
  END LOOP;
  RETURN desk_document(p_appeal_id);
END
$$;

-- Attachments --------------------------------------------------------------------------------------------------

-- Begins an attachment of the entered provider account; its pieces and connex.attachment_finish() follow in the same transaction, so
-- that half a file is none. p_bytes: as announced. Raises CX413 over the setting.
CREATE OR REPLACE FUNCTION connex.attachment_begin(p_file_name text, p_bytes bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  new_id bigint;
BEGIN
  IF entered_right() <> 'claims' THEN
    RAISE EXCEPTION USING ERRCODE = 'CX403', MESSAGE = 'no_access', DETAIL = 'Attachments are sent with the Claims function.';
  ELSIF p_bytes > setting_integer('attachment_max_bytes') THEN
    RAISE EXCEPTION USING ERRCODE = 'CX413', MESSAGE = 'too_large',
      DETAIL = format('A file may have at most %s MB. Split it into several.', setting_integer('attachment_max_bytes') / 1048576);
  END IF;
  INSERT INTO attachment (provider_account_id, uploaded_by, file_name, media_type, bytes, sha256)
  VALUES (entered_account(), entered_user(), p_file_name, 'application/octet-stream', p_bytes, decode(repeat('00', 32), 'hex'))
  RETURNING attachment_id INTO new_id;
  PERFORM set_config('connex.attachment_id', new_id::text, true), connex.subject('attachment', new_id);
  RETURN new_id;
END
$$;

-- One piece of the attachment that this transaction began.
CREATE OR REPLACE FUNCTION connex.attachment_piece_add(p_piece_no integer, p_content bytea) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  INSERT INTO attachment_piece (attachment_id, piece_no, content)
  VALUES (current_setting('connex.attachment_id')::bigint, p_piece_no, p_content)
$$;

-- Ends it with what was found in its content, and returns it as the API shows it (schema Attachment).
CREATE OR REPLACE FUNCTION connex.attachment_finish(p_media_type text, p_bytes bigint, p_pages integer, p_sha256 bytea) RETURNS json
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  t attachment;
BEGIN
  UPDATE attachment SET media_type = p_media_type, bytes = p_bytes, pages = p_pages, sha256 = p_sha256
   WHERE attachment_id = current_setting('connex.attachment_id')::bigint RETURNING * INTO STRICT t;
  RETURN json_build_object('attachment_id', t.attachment_id::text, 'file_name', t.file_name, 'media_type', t.media_type,
                           'bytes', t.bytes::text, 'pages', t.pages, 'sha256', encode(t.sha256, 'hex'), 'created_at', connex.iso(t.created_at));
END
$$;

GRANT EXECUTE ON FUNCTION connex.acting_person(bigint, text), connex.appeal_document(bigint), connex.desk_document(bigint)
  TO connex_reader, connex_app;
GRANT EXECUTE ON FUNCTION connex.appeal_file(bigint, integer[], text, text, text, text, text, bigint[]),
  connex.desk_take(bigint, integer), connex.desk_decide(bigint, integer, text, text), connex.attachment_begin(text, bigint),
  connex.attachment_piece_add(integer, bytea), connex.attachment_finish(text, bigint, integer, bytea) TO connex_app;
REVOKE EXECUTE ON FUNCTION connex.acting_person(bigint, text), connex.appeal_note(bigint, text, text), connex.desk_open_case(bigint, integer),
  connex.appeal_file(bigint, integer[], text, text, text, text, text, bigint[]), connex.desk_take(bigint, integer),
  connex.desk_decide(bigint, integer, text, text), connex.attachment_begin(text, bigint), connex.attachment_piece_add(integer, bytea),
  connex.attachment_finish(text, bigint, integer, bytea) FROM connex_jobs, connex_loader;
