-- The contractor's desk: taking and deciding redeterminations.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- A case as the analyst sees it (schema DeskAppeal).
CREATE OR REPLACE FUNCTION connex.desk_document(p_appeal_id bigint) RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT json_build_object(
      'appeal', connex.appeal_document(p.appeal_id),
      'provider_account', json_build_object('provider_account_id', a.provider_account_id::text, 'name', a.name, 'npi',
        a.npi,
                                            'ptan', a.ptan, 'line_of_business', a.line_of_business, 'state', a.state),
      'claim', connex.claim_document(p.claim_id),
      'assigned_to', connex.acting_person(p.assigned_to, p.contractor_no),
      'days_left', p.decision_due_on - connex.today(),
      'version', p.version)
      FROM connex.appeal p JOIN connex.provider_account a ON a.provider_account_id = p.provider_account_id
     WHERE p.appeal_id = p_appeal_id);
END
$$;

-- Locks an open case for a change by the entered analyst, who must have read its latest version (If-Match), so that two
-- analysts cannot overwrite each other's work.
CREATE OR REPLACE FUNCTION connex.desk_open_case(p_appeal_id bigint, p_version integer) RETURNS connex.appeal
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  p appeal;
BEGIN
  IF entered_right() <> 'analyst' THEN
    PERFORM refuse(403, 'not_analyst', 'This is for the contractor''s analysts.');
  END IF;
  SELECT * INTO p FROM appeal a
   WHERE a.appeal_id = p_appeal_id AND a.contractor_no = ANY (entered_contractors()) FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'There is no such redetermination.');
  ELSIF p.version <> p_version THEN
    PERFORM refuse(412, 'stale', 'Someone changed this case since you opened it. Open it again.');
  ELSIF p.status NOT IN ('received', 'in_review') THEN
    PERFORM refuse(409, 'closed', format('This case is closed: %s.', p.status));
  END IF;
  RETURN p;
END
$$;

-- Takes a case, even from a colleague: the history shows who had it.
CREATE OR REPLACE FUNCTION connex.desk_take(p_appeal_id bigint, p_version integer) RETURNS json
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM desk_open_case(p_appeal_id, p_version);
  UPDATE appeal SET assigned_to = entered_user(), status = 'in_review', version = version + 1 WHERE appeal_id = p_appeal_id;
  PERFORM appeal_note(p_appeal_id, 'taken', NULL);
  RETURN desk_document(p_appeal_id);
END
$$;

-- Decides a case. The office gets mail in the same transaction. It goes to the person who filed, if that person may still
-- see the claim, and otherwise to the provider account's Local Security Officers.
CREATE OR REPLACE FUNCTION connex.desk_decide(p_appeal_id bigint, p_version integer, p_outcome text,
  p_rationale text) RETURNS json
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

-- Home: the analyst's open cases.
CREATE OR REPLACE FUNCTION connex.attention_desk(p_analyst boolean) RETURNS SETOF connex.attention_item
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  today date := connex.today();
  mine text[];
BEGIN
  IF NOT p_analyst THEN
    RETURN;
  END IF;
  mine := entered_contractors();
  RETURN QUERY
    SELECT 'desk_redetermination', count(*)::integer,
           format('%s, %s overdue', counted(count(*), 'open redetermination', 'open redeterminations'),
                  counted(count(*) FILTER (WHERE o.decision_due_on < today))),
           min(o.decision_due_on), NULL::bigint, NULL::text, NULL::bigint
      FROM (SELECT p.decision_due_on FROM appeal p
             WHERE p.status IN ('received', 'in_review') AND p.contractor_no = ANY (mine)
             ORDER BY p.decision_due_on, p.appeal_id LIMIT 1000) o
    HAVING count(*) > 0;
END
$$;
