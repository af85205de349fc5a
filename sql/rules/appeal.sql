-- Redeterminations of an office (42 CFR 405.940 to 405.958).
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Who did something, as the caller may see it. An office sees its own people by name, and the contractor's people as the
-- contractor; the analyst sees all names.
CREATE OR REPLACE FUNCTION connex.acting_person(p_user_account_id bigint, p_contractor_no text) RETURNS text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (
    SELECT CASE WHEN entered_right() = 'analyst' OR EXISTS (
                       SELECT FROM access a WHERE a.user_account_id = u.user_account_id
                         AND a.provider_account_id = entered_account())
                  THEN u.first_name || ' ' || u.last_name
                WHEN u.kind = 'analyst' THEN coalesce(c.name, 'The contractor') ELSE 'A person in the office' END
      FROM user_account u LEFT JOIN contractor c ON c.contractor_no = p_contractor_no
     WHERE u.user_account_id = p_user_account_id);
END
$$;

-- A redetermination with its attachments and history, as the API shows it (schema Appeal); NULL if the calling role may not
-- see it.
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
      'attachments', (SELECT coalesce(json_agg(connex.attachment_document(t) ORDER BY t.attachment_id), '[]')
         FROM connex.attachment t WHERE t.appeal_id = p.appeal_id),
      'events', (SELECT coalesce(json_agg(json_build_object(
           'at', connex.iso(e.at), 'action', e.action, 'by', connex.acting_person(e.user_account_id, p.contractor_no),
           'words', e.words) ORDER BY e.event_no), '[]')
         FROM connex.appeal_event e WHERE e.appeal_id = p.appeal_id),
      'version', p.version);
END
$$;

-- Sends mail to the person who filed a redetermination.
CREATE OR REPLACE FUNCTION connex.appeal_received_mail(p_confirmation_no text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  filer user_account;
BEGIN
  SELECT * INTO STRICT filer FROM user_account u WHERE u.user_account_id = entered_user();
  PERFORM send_mail('appeal_received', filer.user_account_id, filer.email, jsonb_build_object(
    'first_name', filer.first_name, 'confirmation_number', p_confirmation_no,
    'at', spoken_instant(connex.now(), filer.time_zone)));
END
$$;

-- Files a redetermination (42 CFR 405.944) by the entered person for the entered provider account. It counts as received
-- now. Returns it as the API shows it. Raises CX404 if the claim does not belong to the account, CX409 with the claim's own
-- reason if no redetermination is allowed (with the number of the first request, if there is one), and CX422 for lines or
-- attachments that do not exist and for a late request without a reason.
CREATE OR REPLACE FUNCTION connex.appeal_file(p_claim_id bigint, p_line_nos integer[], p_requester_name text,
    p_requester_phone text, p_reason text, p_additional_information text, p_late_reason text, p_attachment_ids bigint[])
  RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  c record;
  may record;
  new_id bigint;
  new_no text;
  lines integer[] := coalesce(p_line_nos, '{}');
  files bigint[] := coalesce(p_attachment_ids, '{}');
  taken integer;
BEGIN
  IF entered_right() <> 'claims' THEN
    PERFORM refuse(403, 'no_access', 'You need the Claims function to file a redetermination.');
  END IF;
  -- FOR SHARE: the claim must not change between this check and the end of the request.
  SELECT k.contractor_no, k.last_adjudication_no INTO c
    FROM claim k WHERE k.claim_id = p_claim_id AND k.provider_account_id = entered_account() FOR SHARE;
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'This provider account has no such claim.');
  END IF;
  SELECT * INTO STRICT may FROM claim_actions(p_claim_id) a WHERE a.action = 'redetermination';
  IF NOT may.allowed THEN
    PERFORM refuse(409, may.code, may.words);
  END IF;
  IF may.days_left < 0 AND p_late_reason IS NULL THEN
    PERFORM refuse(422, 'required', format('The last day was %s. Say why the request is late (42 CFR 405.942(b)).',
                                           spoken_day(may.deadline_on)), 'late_reason');
  END IF;
  IF EXISTS (SELECT FROM unnest(lines) n WHERE NOT EXISTS (
       SELECT FROM claim_line l WHERE l.claim_id = p_claim_id AND l.adjudication_no = c.last_adjudication_no
         AND l.line_no = n)) THEN
    PERFORM refuse(422, 'unknown', 'Choose lines that the claim has.', 'line_nos');
  END IF;
  IF cardinality(files) > setting_integer('attachments_per_appeal') THEN
    PERFORM refuse(422, 'too_many', format('Send at most %s attachments.', setting_integer('attachments_per_appeal')),
                   'attachment_ids');
  END IF;

  new_no := to_char(connex.today(), '"R-"YYYYMMDD-') || lpad(nextval('appeal_serial')::text, 6, '0');
  INSERT INTO appeal (confirmation_no, claim_id, provider_account_id, contractor_no, line_nos, requester_name,
                      requester_phone, reason, additional_information, late_reason, filed_by, token_id, notice_on,
                      deadline_on, decision_due_on)
  VALUES (new_no, p_claim_id, entered_account(), c.contractor_no, lines, p_requester_name, p_requester_phone,
          p_reason, p_additional_information, p_late_reason, entered_user(), entered_token(), may.notice_on,
            may.deadline_on,
          (SELECT d.deadline_on FROM deadline('redetermination_decision', connex.today()) d))
  ON CONFLICT (claim_id, level) WHERE status <> 'withdrawn' DO NOTHING
  RETURNING appeal_id INTO new_id;
  IF new_id IS NULL THEN      -- another request for the same claim was filed at the same time
    PERFORM refuse(409, 'already_filed', format('A redetermination of this claim was filed already: %s. Only one is allowed.',
      (SELECT p.confirmation_no FROM appeal p WHERE p.claim_id = p_claim_id AND p.level = 1 AND p.status <> 'withdrawn')));
  END IF;

  UPDATE attachment SET appeal_id = new_id
   WHERE attachment_id = ANY (files) AND provider_account_id = entered_account() AND uploaded_by = entered_user()
     AND appeal_id IS NULL;
  GET DIAGNOSTICS taken = ROW_COUNT;
  IF taken <> cardinality(files) THEN
    PERFORM refuse(422, 'unknown', 'An attachment does not exist, or belongs to another request. Upload it again.',
                   'attachment_ids');
  END IF;
  INSERT INTO appeal_event (appeal_id, event_no, user_account_id, action) VALUES (new_id, 1, entered_user(), 'filed');

  PERFORM appeal_received_mail(new_no);
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

-- Denied claims of the user's provider accounts that may have to be appealed soon, earliest notice first, at most p_most
-- plus one of each kind. The range of notice dates follows from the deadline rules in force during the last year.
CREATE OR REPLACE FUNCTION connex.attention_appeal_candidates(p_most integer, p_ahead integer, OUT near bigint[],
    OUT denied_again bigint[])
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  today date := connex.today();
  longest integer;
  shortest integer;
BEGIN
  SELECT max(r.days + r.presumed_receipt_days), min(r.days + r.presumed_receipt_days) INTO longest, shortest
    FROM deadline_rule r WHERE r.kind = 'redetermination'
     AND NOT EXISTS (SELECT FROM deadline_rule n WHERE n.kind = r.kind AND n.effective_on > r.effective_on
                                                   AND n.effective_on < today - 365);
  SELECT coalesce(array_agg(n.claim_id ORDER BY n.finalized_on, n.claim_id), '{}') INTO near
    FROM (SELECT c.claim_id, c.finalized_on FROM claim c
           WHERE c.provider_account_id = ANY (my_accounts('claims')) AND c.status = 'denied'
             AND c.finalized_on BETWEEN today - longest AND today - shortest + p_ahead
             AND NOT EXISTS (SELECT FROM appeal p WHERE p.claim_id = c.claim_id AND p.status <> 'withdrawn')
           ORDER BY c.finalized_on, c.claim_id LIMIT p_most + 1) n;
  -- A claim that was denied again has a newer notice, but its deadline runs from the first one.
  SELECT coalesce(array_agg(n.claim_id ORDER BY n.finalized_on, n.claim_id), '{}') INTO denied_again
    FROM (SELECT c.claim_id, c.finalized_on FROM claim c
           WHERE c.provider_account_id = ANY (my_accounts('claims')) AND c.status = 'denied' AND c.last_adjudication_no > 1
             AND c.finalized_on > today - shortest + p_ahead
             AND NOT EXISTS (SELECT FROM appeal p WHERE p.claim_id = c.claim_id AND p.status <> 'withdrawn')
           ORDER BY c.finalized_on, c.claim_id LIMIT p_most + 1) n;
END
$$;

-- Home: redeterminations of the user's provider accounts that were decided recently, newest first.
CREATE OR REPLACE FUNCTION connex.attention_appeal_decided() RETURNS SETOF connex.attention_item
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  shown_most CONSTANT integer := 10;
  items attention_item[];
BEGIN
  SELECT array_agg(n.item ORDER BY n.decided_at DESC, n.appeal_id DESC) INTO items
    FROM (SELECT p.decided_at, p.appeal_id,
                 ('appeal_decided', 1, format('Redetermination %s: %s', p.confirmation_no, replace(p.outcome, '_', ' ')), NULL,
                  p.provider_account_id, a.name, p.appeal_id)::attention_item AS item
            FROM appeal p JOIN provider_account a ON a.provider_account_id = p.provider_account_id
           WHERE p.provider_account_id = ANY (my_accounts('claims'))
             AND p.decided_at > connex.now() - make_interval(days => setting_integer('home_decision_days'))
           ORDER BY p.decided_at DESC, p.appeal_id DESC LIMIT shown_most + 1000) n;
  RETURN QUERY SELECT * FROM attention_first(items, shown_most, 'other decision on a redetermination',
                                             'other decisions on redeterminations');
END
$$;

-- Home: denied claims whose last day to request a redetermination is near, with one line for each provider account, and
-- redeterminations that were decided recently. Each claim is checked by its own rule, so that no claim without appeal rights
-- is listed.
CREATE OR REPLACE FUNCTION connex.attention_appeal(p_analyst boolean) RETURNS SETOF connex.attention_item
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  judged_most CONSTANT integer := 100;   -- claims that are checked
  shown_most CONSTANT integer := 20;     -- accounts that get a line of their own
  ahead integer := setting_integer('home_deadline_days');
  found record;
BEGIN
  IF p_analyst THEN
    RETURN;
  END IF;
  SELECT * INTO found FROM attention_appeal_candidates(judged_most, ahead);
  RETURN QUERY
    WITH judged AS MATERIALIZED (
      SELECT n.claim_id, r.deadline_on, (SELECT c.provider_account_id FROM claim c WHERE c.claim_id = n.claim_id) AS account_id
        FROM unnest(found.near[1:judged_most] || found.denied_again[1:judged_most]) n(claim_id)
       CROSS JOIN LATERAL claim_actions(n.claim_id) r
       WHERE r.action = 'redetermination' AND r.allowed AND r.days_left BETWEEN 0 AND ahead
    ), by_account AS (
      SELECT count(*)::integer AS claims, min(t.deadline_on) AS first_on, a.provider_account_id, a.name,
             min(t.claim_id) AS claim_id,
             row_number() OVER (ORDER BY min(t.deadline_on), a.name) AS place, count(*) OVER () AS accounts
        FROM judged t JOIN provider_account a ON a.provider_account_id = t.account_id
       GROUP BY a.provider_account_id, a.name
    )
    SELECT i.kind, i.count, i.words, i.due_on, i.provider_account_id, i.name, i.claim_id FROM (
      SELECT b.place, 'appeal_deadline' AS kind, b.claims AS count,
             CASE b.claims WHEN 1 THEN format('1 denied claim can be appealed only until %s', spoken_day(b.first_on))
               ELSE format('%s denied claims: the first can be appealed only until %s', b.claims, spoken_day(b.first_on)) END
               AS words,
             b.first_on AS due_on, b.provider_account_id, b.name, CASE b.claims WHEN 1 THEN b.claim_id END AS claim_id
        FROM by_account b WHERE b.place <= shown_most
      UNION ALL
      SELECT shown_most + 1, 'appeal_deadline', count(*)::integer,
             format('%s more provider %s with denied claims, the first to be appealed until %s', count(*),
                    CASE count(*) WHEN 1 THEN 'account' ELSE 'accounts' END, spoken_day(min(b.first_on))),
             min(b.first_on), NULL, NULL, NULL
        FROM by_account b WHERE b.place > shown_most HAVING count(*) > 0) i
     ORDER BY i.place;
  RETURN QUERY
    SELECT 'appeal_deadline', judged_most, format(o.words || ' To see all, search claims with the status Denied.', judged_most),
           NULL::date, NULL::bigint, NULL::text, NULL::bigint
      FROM (VALUES (found.near, 'Only the %s denied claims with the nearest deadlines are counted here.'),
                   (found.denied_again, 'Only %s of the claims that were denied again are counted here.')) o (claims, words)
     WHERE cardinality(o.claims) > judged_most;
  RETURN QUERY SELECT * FROM attention_appeal_decided();
END
$$;
