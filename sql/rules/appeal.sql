-- Redeterminations of an office (42 CFR 405.940 to 405.958).
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Who did something, in words for the one who asks: an office sees its own people by name, and the contractor's as the
-- contractor; the analyst sees names.
CREATE OR REPLACE FUNCTION connex.acting_person(p_user_account_id bigint, p_contractor_no text) RETURNS text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (
    SELECT CASE WHEN entered_right() = 'analyst' OR EXISTS (
                       SELECT FROM access a WHERE a.user_account_id = u.user_account_id
                         AND a.provider_account_id = entered_account())
                  THEN u.first_name || ' ' || u.last_name
                WHEN u.kind = 'analyst' THEN coalesce(c.name, 'The contractor') ELSE 'A person of the office' END
      FROM user_account u LEFT JOIN contractor c ON c.contractor_no = p_contractor_no
     WHERE u.user_account_id = p_user_account_id);
END
$$;

-- A redetermination with its attachments and history, as the API shows it (schema Appeal); NULL when the asking role may
-- see none.
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
           'attachment_id', t.attachment_id::text, 'file_name', t.file_name, 'media_type', t.media_type, 'bytes',
             t.bytes::text,
           'pages', t.pages, 'sha256', encode(t.sha256, 'hex'), 'created_at',
             connex.iso(t.created_at)) ORDER BY t.attachment_id), '[]')
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
CREATE OR REPLACE FUNCTION connex.appeal_file(p_claim_id bigint, p_line_nos integer[], p_requester_name text,
  p_requester_phone text,
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
    PERFORM refuse(403, 'no_access', 'A redetermination is filed with the Claims function.');
  END IF;
  -- FOR SHARE: the claim stays as it is judged until this request is in.
  SELECT k.contractor_no, k.last_adjudication_no INTO c
    FROM claim k WHERE k.claim_id = p_claim_id AND k.provider_account_id = entered_account() FOR SHARE;
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'There is no such claim of this provider account.');
  END IF;
  SELECT * INTO STRICT may FROM claim_actions(p_claim_id) a WHERE a.action = 'redetermination';
  IF NOT may.allowed THEN
    PERFORM refuse(409, may.code, may.words);
  END IF;
  IF may.days_left < 0 AND p_late_reason IS NULL THEN
    PERFORM refuse(422, 'required', format('The last day was %s. Say why the request is late (42 CFR 405.942(b)).', spoken_day(may.deadline_on)), 'late_reason');
  END IF;
  IF EXISTS (SELECT FROM unnest(lines) n WHERE NOT EXISTS (
       SELECT FROM claim_line l WHERE l.claim_id = p_claim_id AND l.adjudication_no = c.last_adjudication_no
         AND l.line_no = n)) THEN
    PERFORM refuse(422, 'unknown', 'Choose lines that the claim has.', 'line_nos');
  END IF;
  IF cardinality(files) > setting_integer('attachments_per_appeal') THEN
    PERFORM refuse(422, 'too_many', format('Send at most %s attachments.', setting_integer('attachments_per_appeal')), 'attachment_ids');
  END IF;

  new_no := to_char(connex.today(), '"R-"YYYYMMDD-') || lpad(nextval('appeal_serial')::text, 6, '0');
  INSERT INTO appeal (confirmation_no, claim_id, provider_account_id, contractor_no, line_nos, requester_name,
    requester_phone,
                      reason, additional_information, late_reason, filed_by, token_id, notice_on, deadline_on,
                        decision_due_on)
  VALUES (new_no, p_claim_id, entered_account(), c.contractor_no, lines, p_requester_name, p_requester_phone,
          p_reason, p_additional_information, p_late_reason, entered_user(), entered_token(), may.notice_on,
            may.deadline_on,
          (SELECT d.deadline_on FROM deadline('redetermination_decision', connex.today()) d))
  ON CONFLICT (claim_id, level) WHERE status <> 'withdrawn' DO NOTHING
  RETURNING appeal_id INTO new_id;
  IF new_id IS NULL THEN      -- another request for the same claim was in flight and is in now
    RAISE EXCEPTION USING ERRCODE = 'CX409', MESSAGE = 'already_filed', DETAIL = format(
      'A redetermination of this claim is filed already, %s; a claim has one.',
        (SELECT p.confirmation_no FROM appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn'));
  END IF;

  UPDATE attachment SET appeal_id = new_id
   WHERE attachment_id = ANY (files) AND provider_account_id = entered_account() AND uploaded_by = entered_user()
     AND appeal_id IS NULL;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken <> cardinality(files) THEN
    PERFORM refuse(422, 'unknown', 'An attachment is not there, or belongs to another request. Upload it again.', 'attachment_ids');
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

CREATE OR REPLACE FUNCTION connex.appeal_note(p_appeal_id bigint, p_action text, p_words text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  INSERT INTO appeal_event (appeal_id, event_no, user_account_id, action, words)
  SELECT p_appeal_id, coalesce(max(e.event_no), 0) + 1, entered_user(), p_action,
    p_words FROM appeal_event e WHERE e.appeal_id = p_appeal_id
$$;
