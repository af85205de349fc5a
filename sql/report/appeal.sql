-- Reports on redeterminations. Views run as their owner, so the report role needs no rights to any table.
-- SPDX-License-Identifier: Apache-2.0
-- The clock for views: a function in a view runs with the reader's rights, and the report role may not read connex.clock.
CREATE OR REPLACE FUNCTION report.now() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp
  RETURN connex.now();
CREATE OR REPLACE FUNCTION report.today() RETURNS date LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp
  RETURN connex.today();
COMMENT ON FUNCTION report.now() IS 'The clock that all rules use.';
COMMENT ON FUNCTION report.today() IS 'Today''s date in the contractor''s time zone.';

CREATE OR REPLACE VIEW report.appeals_by_status_and_age AS
SELECT p.contractor_no, a.line_of_business, p.status, p.outcome, g.age, g.age_order,
       count(*) AS appeals,
       count(*) FILTER (WHERE p.decided_at IS NULL AND p.decision_due_on < n.today) AS overdue,
       min(p.filed_at) AS oldest_filed_at,
       min(p.decision_due_on) FILTER (WHERE p.decided_at IS NULL) AS first_due_on,
       round(avg(extract(epoch FROM coalesce(p.decided_at, n.at_now) - p.filed_at) / 86400)::numeric, 1) AS average_days
  FROM connex.appeal p
  JOIN connex.provider_account a ON a.provider_account_id = p.provider_account_id
  -- OFFSET 0: asked once; without it the planner puts the two functions into each row.
  CROSS JOIN (SELECT report.now() AS at_now, report.today() AS today OFFSET 0) n
  CROSS JOIN LATERAL (SELECT extract(epoch FROM coalesce(p.decided_at, n.at_now) - p.filed_at) / 86400 AS days) d
  CROSS JOIN LATERAL (SELECT CASE WHEN d.days <= 30 THEN '0 to 30 days' WHEN d.days <= 45 THEN '31 to 45 days'
                                  WHEN d.days <= 60 THEN '46 to 60 days' ELSE 'over 60 days' END AS age,
                             CASE WHEN d.days <= 30 THEN 1 WHEN d.days <= 45 THEN 2 WHEN d.days <= 60 THEN 3 ELSE 4 END
                               AS age_order) g
 GROUP BY p.contractor_no, a.line_of_business, p.status, p.outcome, g.age, g.age_order;
COMMENT ON VIEW report.appeals_by_status_and_age IS 'Redeterminations by contractor, line of business, status, outcome, '
  'and age. The law allows 60 days (42 CFR 405.950).';
COMMENT ON COLUMN report.appeals_by_status_and_age.contractor_no IS 'Contractor number of the claim.';
COMMENT ON COLUMN report.appeals_by_status_and_age.line_of_business IS 'part_a, part_b or hhh (home health and hospice).';
COMMENT ON COLUMN report.appeals_by_status_and_age.status IS 'received, in_review, decided, dismissed, or withdrawn.';
COMMENT ON COLUMN report.appeals_by_status_and_age.outcome IS 'fully_favorable, partially_favorable, unfavorable, '
  'or dismissed; null while open.';
COMMENT ON COLUMN report.appeals_by_status_and_age.age IS 'Days from filing to decision, or to today while open, as text.';
COMMENT ON COLUMN report.appeals_by_status_and_age.age_order IS 'Sort order of the ages, 1 to 4.';
COMMENT ON COLUMN report.appeals_by_status_and_age.appeals IS 'Number of redeterminations.';
COMMENT ON COLUMN report.appeals_by_status_and_age.overdue IS 'How many of them are open after the decision was due.';
COMMENT ON COLUMN report.appeals_by_status_and_age.oldest_filed_at IS 'When the oldest of them was filed.';
COMMENT ON COLUMN report.appeals_by_status_and_age.first_due_on IS 'The earliest date on which an open one is due.';
COMMENT ON COLUMN report.appeals_by_status_and_age.average_days IS 'Average age in days.';

-- The triage of one claim, for views: the report role may call neither the triage nor the clock it uses. PARALLEL RESTRICTED,
-- so that the rest of a view may run in parallel.
CREATE OR REPLACE FUNCTION report.appeal_right(p_claim_id bigint) RETURNS TABLE (code text, allowed boolean)
  LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL RESTRICTED ROWS 1 SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT a.code, a.allowed FROM claim_actions(p_claim_id) a WHERE a.action = 'redetermination';
END
$$;
COMMENT ON FUNCTION report.appeal_right(bigint) IS 'Whether a redetermination of a claim can be requested now, and why.';

-- Claims of which the triage knows the same facts get the same answer, so it is asked for one of them: a few thousand times for
-- a million claims. `facts` is everything that connex.claim_triage() looks at besides the status and the date of the
-- remittance; tests/sql/triage.sql compares the report with the triage of every claim.
CREATE OR REPLACE VIEW report.claims_by_appeal_right AS
SELECT g.contractor_no, g.finalized_on, g.status, r.code, r.allowed, sum(g.claims)::bigint AS claims, sum(g.charge) AS charge
  FROM (SELECT f.contractor_no, f.finalized_on, f.status, min(f.claim_id) AS claim_id, count(*) AS claims, sum(f.charge) AS charge
          FROM (SELECT c.claim_id, c.contractor_no, c.finalized_on, c.status, c.charge,
                       ROW(c.paid = 0, p.claim_id IS NULL, p.decided_at IS NULL,
                           -- Nearly every claim has one adjudication, and a join is quicker than an aggregate.
                           CASE WHEN c.last_adjudication_no > 1 THEN
                             (SELECT string_agg(ROW(o.clp_status, o.adjudicated_on, 'MA130' = ANY (o.remark_codes))::text, ' '
                                                ORDER BY o.adjudicated_on NULLS FIRST, o.adjudication_no)
                                FROM connex.adjudication o WHERE o.claim_id = c.claim_id)
                           ELSE ROW(a.clp_status, a.adjudicated_on, 'MA130' = ANY (a.remark_codes))::text END,
                           EXISTS (SELECT FROM connex.claim_line l WHERE l.claim_id = c.claim_id
                                      AND l.adjudication_no = c.last_adjudication_no AND '16' = ANY (l.adjustment_reasons))
                           OR EXISTS (SELECT FROM connex.adjudication o WHERE o.claim_id = c.claim_id
                                         AND o.adjudication_no = c.last_adjudication_no AND '16' = ANY (o.adjustment_reasons)),
                           EXISTS (SELECT FROM connex.claim_line l WHERE l.claim_id = c.claim_id
                                      AND l.adjudication_no = c.last_adjudication_no AND '29' = ANY (l.adjustment_reasons))
                           OR EXISTS (SELECT FROM connex.adjudication o WHERE o.claim_id = c.claim_id
                                         AND o.adjudication_no = c.last_adjudication_no AND '29' = ANY (o.adjustment_reasons)),
                           EXISTS (SELECT FROM connex.claim_line l WHERE l.claim_id = c.claim_id
                                      AND l.adjudication_no = c.last_adjudication_no AND 'MA130' = ANY (l.remark_codes)),
                           EXISTS (SELECT FROM connex.claim_line l WHERE l.claim_id = c.claim_id
                                      AND l.adjudication_no = c.last_adjudication_no AND 'N211' = ANY (l.remark_codes))
                       )::text AS facts
                  FROM connex.claim c
                  LEFT JOIN connex.adjudication a ON a.claim_id = c.claim_id AND a.adjudication_no = 1
                  LEFT JOIN connex.appeal p ON p.claim_id = c.claim_id AND p.level = 1 AND p.status <> 'withdrawn') f
         GROUP BY f.contractor_no, f.finalized_on, f.status, f.facts) g
 CROSS JOIN LATERAL report.appeal_right(g.claim_id) r
 GROUP BY g.contractor_no, g.finalized_on, g.status, r.code, r.allowed;
COMMENT ON VIEW report.claims_by_appeal_right IS
  'Claims by whether a redetermination can be requested, and why. Every claim is read: ask for a few values of '
  'finalized_on if you need no others.';
COMMENT ON COLUMN report.claims_by_appeal_right.contractor_no IS 'Contractor number.';
COMMENT ON COLUMN report.claims_by_appeal_right.finalized_on IS 'Date of the remittance; null if the claim has not been decided.';
COMMENT ON COLUMN report.claims_by_appeal_right.status IS
  'received, pending, suspended, returned, paid, denied, rejected, or reversed.';
COMMENT ON COLUMN report.claims_by_appeal_right.code IS
  'The reason: open, late, already_filed, already_decided, not_finalized, unprocessable, untimely, or reversed.';
COMMENT ON COLUMN report.claims_by_appeal_right.allowed IS 'Whether the portal accepts a redetermination now.';
COMMENT ON COLUMN report.claims_by_appeal_right.claims IS 'Number of claims.';
COMMENT ON COLUMN report.claims_by_appeal_right.charge IS 'Sum of their charges.';
