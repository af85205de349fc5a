-- What needs attention on the home page. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- For the entered person (or token, which is told nothing of access): what waits for him over all his provider accounts,
-- most pressing first. Every part is bounded, so that a large billing service's home is as quick as a small office's.
-- Definer: it looks over accounts, each part by the person's own rights.
CREATE OR REPLACE FUNCTION connex.attention()
  RETURNS TABLE (kind text, count integer, words text, due_on date, provider_account_id bigint, provider_account_name text, subject_id bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me bigint := entered_user();
  today date := connex.today();
  at_now timestamptz := connex.now();
BEGIN
  IF (SELECT u.kind FROM user_account u WHERE u.user_account_id = me) = 'analyst' THEN
    IF entered_token() IS NOT NULL THEN
      RETURN;
    END IF;
    RETURN QUERY
      SELECT 'desk_redetermination', count(*)::integer,
             format('%s open %s, %s past the day of decision', CASE WHEN count(*) = 1000 THEN '1000 or more' ELSE count(*)::text END,
                    CASE count(*) WHEN 1 THEN 'redetermination' ELSE 'redeterminations' END, count(*) FILTER (WHERE o.decision_due_on < today)),
             min(o.decision_due_on), NULL::bigint, NULL::text, NULL::bigint
        FROM (SELECT p.decision_due_on FROM appeal p WHERE p.status IN ('received', 'in_review')
               ORDER BY p.decision_due_on, p.appeal_id LIMIT 1000) o
      HAVING count(*) > 0;
    RETURN QUERY
      SELECT 'desk_access_request', count(*)::integer,
             format('%s for access as Local Security Officer, the oldest since %s', CASE count(*) WHEN 1 THEN '1 request' ELSE count(*) || ' requests' END,
                    spoken_day((min(o.created_at) AT TIME ZONE setting_text('time_zone'))::date)),
             NULL::date, NULL::bigint, NULL::text, NULL::bigint
        FROM (SELECT a.created_at FROM access a WHERE a.status = 'requested' AND a.lso_requested ORDER BY a.created_at, a.access_id LIMIT 1000) o
      HAVING count(*) > 0;
    RETURN;
  END IF;

  -- Denied claims whose last day to ask for a redetermination comes within 30 days: the 25 nearest of each provider
  -- account are judged by the claim's own rule, so that none without appeal rights is announced.
  RETURN QUERY
    SELECT 'appeal_deadline', count(*)::integer,
           CASE count(*) WHEN 1 THEN format('1 denied claim can be appealed only until %s', spoken_day(min(t.deadline_on)))
                WHEN 25 THEN format('25 or more denied claims: the first can be appealed only until %s', spoken_day(min(t.deadline_on)))
                ELSE format('%s denied claims: the first can be appealed only until %s', count(*), spoken_day(min(t.deadline_on))) END,
           min(t.deadline_on), a.provider_account_id, a.name, CASE count(*) WHEN 1 THEN min(t.claim_id) END
      FROM (SELECT x.provider_account_id, x.name FROM provider_account x
             WHERE x.provider_account_id = ANY (my_accounts('claims')) ORDER BY x.name, x.provider_account_id LIMIT 20) a
      CROSS JOIN LATERAL (
        SELECT k.claim_id, r.deadline_on
          FROM (SELECT c.claim_id FROM claim c
                 WHERE c.provider_account_id = a.provider_account_id AND c.status = 'denied'
                   AND c.finalized_on BETWEEN today - 125 AND today - 95
                   AND NOT EXISTS (SELECT FROM appeal p WHERE p.claim_id = c.claim_id AND p.status <> 'withdrawn')
                 ORDER BY c.finalized_on LIMIT 25) k
          CROSS JOIN LATERAL claim_actions(k.claim_id) r
         WHERE r.action = 'redetermination' AND r.allowed AND r.days_left BETWEEN 0 AND 30) t
     GROUP BY a.provider_account_id, a.name
     ORDER BY min(t.deadline_on);

  RETURN QUERY
    SELECT 'appeal_decided', 1, format('Redetermination %s: %s', p.confirmation_no, replace(p.outcome, '_', ' ')),
           NULL::date, p.provider_account_id, a.name, p.appeal_id
      FROM appeal p JOIN provider_account a ON a.provider_account_id = p.provider_account_id
     WHERE p.provider_account_id = ANY (my_accounts('claims')) AND p.decided_at > at_now - interval '30 days'
     ORDER BY p.decided_at DESC LIMIT 10;

  IF entered_token() IS NULL THEN
    RETURN QUERY
      SELECT 'access_to_decide', count(*)::integer,
             CASE count(*) WHEN 1 THEN '1 request for access waits for your decision' ELSE count(*) || ' requests for access wait for your decision' END,
             NULL::date, CASE count(DISTINCT o.provider_account_id) WHEN 1 THEN min(o.provider_account_id) END,
             CASE count(DISTINCT o.provider_account_id) WHEN 1 THEN min(o.name) END, CASE count(*) WHEN 1 THEN min(o.access_id) END
        FROM (SELECT q.access_id, q.provider_account_id, a.name
                FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
               WHERE q.provider_account_id = ANY (lso_accounts()) AND q.status = 'requested' AND NOT q.lso_requested LIMIT 1000) o
      HAVING count(*) > 0;
    RETURN QUERY
      SELECT 'access_code_to_enter', 1, format('Enter the access code of the letter for %s', a.name),
             (c.expires_at AT TIME ZONE setting_text('time_zone'))::date, q.provider_account_id, a.name, q.access_id
        FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
        LEFT JOIN access_code c ON c.access_id = q.access_id
       WHERE q.user_account_id = me AND q.status = 'awaiting_code' ORDER BY q.access_id LIMIT 10;
    RETURN QUERY
      SELECT 'access_decided', 1, format('Your access to %s was %s', a.name, q.status), NULL::date, q.provider_account_id, a.name, q.access_id
        FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
       WHERE q.user_account_id = me AND q.status IN ('approved', 'declined', 'removed') AND q.decided_at > at_now - interval '14 days'
         AND q.decided_by <> me
       ORDER BY q.decided_at DESC LIMIT 5;
  END IF;

  RETURN QUERY
    SELECT 'new_remittance', t.number::integer,
           CASE t.number WHEN 1 THEN '1 remittance in the last 7 days' ELSE t.number || ' remittances in the last 7 days' END,
           NULL::date, a.provider_account_id, a.name, CASE t.number WHEN 1 THEN t.remittance_id END
      FROM (SELECT x.provider_account_id, x.name FROM provider_account x
             WHERE x.provider_account_id = ANY (my_accounts('financials')) ORDER BY x.name, x.provider_account_id LIMIT 20) a
      CROSS JOIN LATERAL (SELECT count(*) AS number, min(o.remittance_id) AS remittance_id
        FROM (SELECT r.remittance_id FROM remittance r
               WHERE r.provider_account_id = a.provider_account_id AND r.paid_on BETWEEN today - 7 AND today LIMIT 100) o) t
     WHERE t.number > 0;
END
$$;
GRANT EXECUTE ON FUNCTION connex.attention() TO connex_reader, connex_app;
REVOKE EXECUTE ON FUNCTION connex.attention() FROM connex_jobs, connex_loader;
