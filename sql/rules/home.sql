-- What needs attention on the home page, gathered from the areas.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- For the entered person (or token, which is told nothing of access): what waits for him over all his provider accounts,
-- most pressing first. Every part is bounded, so that a large billing service's home is as quick as a small office's.
-- Definer: it looks over accounts, each part by the person's own rights.
CREATE OR REPLACE FUNCTION connex.attention()
  RETURNS TABLE (kind text, count integer, words text, due_on date, provider_account_id bigint, provider_account_name text,
    subject_id bigint)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  me bigint := entered_user();
  today date := connex.today();
  at_now timestamptz := connex.now();
  judged_most CONSTANT integer := 100;   -- claims that are judged, and accounts that get a line of their own
  shown_most CONSTANT integer := 20;
  ahead integer := setting_integer('home_deadline_days');
  longest integer;
  shortest integer;
  near bigint[];
  denied_again bigint[];
  one record;
BEGIN
  IF (SELECT u.kind FROM user_account u WHERE u.user_account_id = me) = 'analyst' THEN
    IF entered_token() IS NOT NULL THEN
      RETURN;
    END IF;
    RETURN QUERY
      SELECT 'desk_redetermination', count(*)::integer,
             format('%s open %s, %s past the day of decision',
               CASE WHEN count(*) = 1000 THEN '1000 or more' ELSE count(*)::text END,
                    CASE count(*) WHEN 1 THEN 'redetermination' ELSE 'redeterminations' END,
                      count(*) FILTER (WHERE o.decision_due_on < today)),
             min(o.decision_due_on), NULL::bigint, NULL::text, NULL::bigint
        FROM (SELECT p.decision_due_on FROM appeal p WHERE p.status IN ('received', 'in_review')
               ORDER BY p.decision_due_on, p.appeal_id LIMIT 1000) o
      HAVING count(*) > 0;
    RETURN QUERY
      SELECT 'desk_access_request', count(*)::integer,
             format('%s for access as Local Security Officer, the oldest since %s',
               CASE count(*) WHEN 1 THEN '1 request' ELSE count(*) || ' requests' END,
                    spoken_day((min(o.created_at) AT TIME ZONE setting_text('time_zone'))::date)),
             NULL::date, NULL::bigint, NULL::text, NULL::bigint
        FROM (SELECT a.created_at FROM access a WHERE a.status = 'requested' AND a.lso_requested
          AND NOT access_has_lso(a.provider_account_id)
               ORDER BY a.created_at, a.access_id LIMIT 1000) o
      HAVING count(*) > 0;
    RETURN;
  END IF;

  SELECT max(r.days + r.presumed_receipt_days), min(r.days + r.presumed_receipt_days) INTO longest, shortest
    FROM deadline_rule r WHERE r.kind = 'redetermination'
     AND NOT EXISTS (SELECT FROM deadline_rule n WHERE n.kind = r.kind AND n.effective_on > r.effective_on
       AND n.effective_on < today - 365);
  -- Denied claims whose last day to ask for a redetermination comes soon, over all provider accounts of the person: the
  -- nearest first, each judged by the claim's own rule, so that none without appeal rights is announced. The
  -- window of notices is that of the rules of the last year.
  SELECT coalesce(array_agg(n.claim_id ORDER BY n.finalized_on, n.claim_id), '{}') INTO near
    FROM (SELECT c.claim_id, c.finalized_on FROM claim c
           WHERE c.provider_account_id = ANY (my_accounts('claims')) AND c.status = 'denied'
             AND c.finalized_on BETWEEN today - longest AND today - shortest + ahead
             AND NOT EXISTS (SELECT FROM appeal p WHERE p.claim_id = c.claim_id AND p.status <> 'withdrawn')
           ORDER BY c.finalized_on, c.claim_id LIMIT judged_most + 1) n;
  -- A claim that was denied again has a newer notice, but its days run from the first one.
  SELECT coalesce(array_agg(n.claim_id), '{}') INTO denied_again
    FROM (SELECT c.claim_id FROM claim c
           WHERE c.provider_account_id = ANY (my_accounts('claims')) AND c.status = 'denied' AND c.last_adjudication_no > 1
             AND c.finalized_on > today - shortest + ahead
             AND NOT EXISTS (SELECT FROM appeal p WHERE p.claim_id = c.claim_id AND p.status <> 'withdrawn')
           ORDER BY c.finalized_on, c.claim_id LIMIT judged_most) n;
  FOR one IN
    SELECT count(*)::integer AS claims, min(t.deadline_on) AS first_on, a.provider_account_id, a.name,
      min(t.claim_id) AS claim_id,
           row_number() OVER (ORDER BY min(t.deadline_on), a.name) AS place, count(*) OVER () AS accounts,
             sum(count(*)) OVER () AS all_claims
      FROM (SELECT n.claim_id, r.deadline_on, (SELECT c.provider_account_id FROM claim c WHERE c.claim_id = n.claim_id)
        AS account_id
              FROM unnest(near[1:judged_most] || denied_again) n(claim_id) CROSS JOIN LATERAL claim_actions(n.claim_id) r
             WHERE r.action = 'redetermination' AND r.allowed AND r.days_left BETWEEN 0 AND ahead) t
      JOIN provider_account a ON a.provider_account_id = t.account_id
     GROUP BY a.provider_account_id, a.name
     ORDER BY place
  LOOP
    kind := 'appeal_deadline'; due_on := one.first_on;
    IF one.place <= shown_most THEN
      count := one.claims; provider_account_id := one.provider_account_id; provider_account_name := one.name;
      subject_id := CASE one.claims WHEN 1 THEN one.claim_id END;
      words := CASE one.claims WHEN 1 THEN format('1 denied claim can be appealed only until %s', spoken_day(one.first_on))
                 ELSE format('%s denied claims: the first can be appealed only until %s', one.claims,
                   spoken_day(one.first_on)) END;
      RETURN NEXT;
    ELSE
      count := (one.accounts - shown_most)::integer; provider_account_id := NULL; provider_account_name := NULL; subject_id := NULL;
      words := format('%s more provider %s with denied claims, the first to be appealed until %s',
        one.accounts - shown_most,
                      CASE one.accounts - shown_most WHEN 1 THEN 'account' ELSE 'accounts' END, spoken_day(one.first_on));
      RETURN NEXT;
      EXIT;
    END IF;
  END LOOP;
  IF cardinality(near) > judged_most THEN
    kind := 'appeal_deadline'; count := judged_most; due_on := NULL; provider_account_id := NULL; provider_account_name := NULL; subject_id := NULL;
    words := format('Only the %s denied claims nearest their last day are counted here. Search claims with the status '
      'Denied for all.', judged_most);
    RETURN NEXT;
  END IF;

  RETURN QUERY
    SELECT 'appeal_decided', 1, format('Redetermination %s: %s', p.confirmation_no, replace(p.outcome, '_', ' ')),
           NULL::date, p.provider_account_id, a.name, p.appeal_id
      FROM appeal p JOIN provider_account a ON a.provider_account_id = p.provider_account_id
     WHERE p.provider_account_id = ANY (my_accounts('claims'))
       AND p.decided_at > at_now - make_interval(days => setting_integer('home_decision_days'))
     ORDER BY p.decided_at DESC LIMIT 10;

  IF entered_token() IS NULL THEN
    RETURN QUERY
      SELECT 'access_to_decide', count(*)::integer,
             CASE count(*) WHEN 1 THEN '1 request for access waits for your decision'
               ELSE count(*) || ' requests for access wait for your decision' END,
             NULL::date, CASE count(DISTINCT o.provider_account_id) WHEN 1 THEN min(o.provider_account_id) END,
             CASE count(DISTINCT o.provider_account_id) WHEN 1 THEN min(o.name) END,
               CASE count(*) WHEN 1 THEN min(o.access_id) END
        FROM (SELECT q.access_id, q.provider_account_id, a.name
                FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
               -- also who asks to be a further LSO (LSO-10)
               WHERE q.provider_account_id = ANY (lso_accounts()) AND q.status = 'requested' LIMIT 1000) o
      HAVING count(*) > 0;
    RETURN QUERY
      SELECT 'access_code_to_enter', 1, format('Enter the access code of the letter for %s', a.name),
             (c.expires_at AT TIME ZONE setting_text('time_zone'))::date, q.provider_account_id, a.name, q.access_id
        FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
        LEFT JOIN access_code c ON c.access_id = q.access_id
       WHERE q.user_account_id = me AND q.status = 'awaiting_code' ORDER BY q.access_id LIMIT 10;
    RETURN QUERY
      SELECT 'access_decided', 1, format('Your access to %s was %s', a.name, q.status), NULL::date, q.provider_account_id,
        a.name, q.access_id
        FROM access q JOIN provider_account a ON a.provider_account_id = q.provider_account_id
       WHERE q.user_account_id = me AND q.status IN ('approved', 'declined',
         'removed') AND q.decided_at > at_now - make_interval(days => setting_integer('home_access_days'))
         AND q.decided_by <> me
       ORDER BY q.decided_at DESC LIMIT 5;
  END IF;

  RETURN QUERY
    WITH fresh AS MATERIALIZED (
      SELECT r.provider_account_id, r.remittance_id FROM remittance r
       WHERE r.provider_account_id = ANY (my_accounts('financials'))
         AND r.listed_on BETWEEN today - setting_integer('home_remittance_days') AND today LIMIT 1001
    ), by_account AS (
      SELECT f.provider_account_id, a.name, count(*) AS number, min(f.remittance_id) AS remittance_id,
             row_number() OVER (ORDER BY count(*) DESC, a.name, f.provider_account_id) AS place
        FROM fresh f JOIN provider_account a ON a.provider_account_id = f.provider_account_id
       GROUP BY f.provider_account_id, a.name
    )
    SELECT 'new_remittance', b.number::integer,
           format('%s in the last %s days', CASE b.number WHEN 1 THEN '1 remittance' ELSE b.number || ' remittances' END,
             setting_integer('home_remittance_days')),
           NULL::date, b.provider_account_id, b.name, CASE b.number WHEN 1 THEN b.remittance_id END
      FROM by_account b WHERE b.place <= shown_most
     UNION ALL
    SELECT 'new_remittance', sum(b.number)::integer,
           format('%s%s more remittances of %s other provider accounts',
             CASE WHEN (SELECT count(*) FROM fresh) > 1000 THEN 'At least ' END, sum(b.number), count(*)),
           NULL, NULL, NULL, NULL
      FROM by_account b WHERE b.place > shown_most HAVING count(*) > 0;
END
$$;
