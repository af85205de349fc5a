-- One rule, checked in four ways: what a claim's page allows, what the triage says, what filing accepts, and what the report
-- counts are the same, for every case of the demonstration's claims.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL plan_cache_mode = force_generic_plan;   -- as the workers have it
SELECT * FROM no_plan();

-- The triage of every claim of the provider accounts that have most of its cases, as their office sees it. The query runs in
-- the reader's role, under row security; the claims of the tests themselves belong to no person.
CREATE TABLE pg_temp.person AS
SELECT DISTINCT ON (a.provider_account_id) a.provider_account_id, a.user_account_id
  FROM connex.access a JOIN connex.user_account u USING (user_account_id)
 WHERE a.status = 'approved' AND 'claims' = ANY (a.functions) AND u.kind = 'office' AND u.status = 'active'
 ORDER BY a.provider_account_id, a.user_account_id;
CREATE TABLE pg_temp.judged AS
SELECT c.claim_id, c.provider_account_id, c.contractor_no, c.finalized_on, c.status, r.*
  FROM connex.claim c JOIN pg_temp.person USING (provider_account_id) CROSS JOIN LATERAL connex.claim_actions(c.claim_id) r;
CREATE TABLE pg_temp.chosen AS   -- up to three claims of every case: the status, the reason, and which actions there are
SELECT claim_id, provider_account_id, sort FROM (
  SELECT j.claim_id, j.provider_account_id, s.sort, row_number() OVER (PARTITION BY s.sort ORDER BY j.claim_id) AS place
    FROM (SELECT claim_id, provider_account_id FROM pg_temp.judged GROUP BY 1, 2) j,
         LATERAL (SELECT i.status || ': ' || string_agg(i.action || ' ' || i.code, ', ' ORDER BY i.action) AS sort
                    FROM pg_temp.judged i WHERE i.claim_id = j.claim_id GROUP BY i.status) s) numbered
 WHERE place <= 3;
SELECT cmp_ok((SELECT count(DISTINCT code)::int FROM pg_temp.judged), '>=', 7,
  'the demonstration has the cases: ' || (SELECT string_agg(DISTINCT code, ', ') FROM pg_temp.judged));

CREATE FUNCTION pg_temp.enter(p_account bigint) RETURNS void LANGUAGE sql AS $$
  SELECT connex.seal((SELECT user_account_id FROM pg_temp.person WHERE provider_account_id = p_account), NULL, NULL, 'claims', p_account);
  SELECT set_config('connex.idempotency_key', '', true) $$;
GRANT SELECT ON pg_temp.person TO connex_office;
-- The redetermination as the page shows it: allowed, words, rule, last day.
CREATE FUNCTION pg_temp.on_page(p_claim bigint, p_account bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  document json;
BEGIN
  PERFORM pg_temp.enter(p_account);
  SET LOCAL ROLE connex_office;
  document := connex.claim_document(p_claim);
  RESET ROLE;
  RETURN (SELECT string_agg(concat_ws(' | ', a->>'action', a->>'allowed', a->>'words', a->>'rule', a->>'deadline_on', a->>'days_left'), E'\n')
            FROM json_array_elements(document->'possible_actions') a);
END
$$;
CREATE FUNCTION pg_temp.in_triage(p_claim bigint) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' | ', a.action, a.allowed::text, a.words, a.rule, a.deadline_on::text, a.days_left::text), E'\n')
    FROM connex.claim_actions(p_claim) a $$;
-- What filing says: taken, late (it needs a reason for being late), or the refusal's code. Nothing is kept.
CREATE FUNCTION pg_temp.filed(p_claim bigint, p_account bigint, p_late text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  field text;
BEGIN
  PERFORM pg_temp.enter(p_account);
  BEGIN
    PERFORM connex.appeal_file(p_claim, NULL, 'Ada Test', '2075550100', 'Because.', NULL, p_late, NULL);
    RAISE EXCEPTION USING ERRCODE = 'CX000', MESSAGE = 'taken';
  EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS field = PG_EXCEPTION_HINT;
    RETURN CASE WHEN SQLSTATE = 'CX422' AND field = 'late_reason' THEN 'late' ELSE SQLERRM END;
  END;
END
$$;
SELECT is(pg_temp.on_page(claim_id, provider_account_id), pg_temp.in_triage(claim_id), 'page and triage say the same of ' || sort) FROM pg_temp.chosen ORDER BY sort, claim_id;
SELECT is(pg_temp.filed(c.claim_id, c.provider_account_id, NULL),
          CASE WHEN NOT j.allowed THEN j.code WHEN j.days_left < 0 THEN 'late' ELSE 'taken' END, 'filing says the same of ' || c.sort)
  FROM pg_temp.chosen c JOIN pg_temp.judged j ON j.claim_id = c.claim_id AND j.action = 'redetermination' ORDER BY c.sort, c.claim_id;
SELECT is(pg_temp.filed(c.claim_id, c.provider_account_id, 'Flood.'), 'taken', 'late with good cause is taken of ' || c.sort)
  FROM pg_temp.chosen c JOIN pg_temp.judged j ON j.claim_id = c.claim_id AND j.action = 'redetermination'
 WHERE j.allowed AND j.days_left < 0 ORDER BY c.sort, c.claim_id;

-- The report counts every claim once under the code that the triage gives it.
SELECT results_eq(
  $$ SELECT contractor_no, finalized_on, status, code, allowed, claims, charge FROM report.claims_by_appeal_right ORDER BY 1, 2, 3, 4, 5 $$,
  $$ SELECT c.contractor_no, c.finalized_on, c.status, r.code, r.allowed, count(*), sum(c.charge) FROM connex.claim c CROSS JOIN LATERAL connex.claim_actions(c.claim_id) r
      WHERE r.action = 'redetermination' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5 $$, 'the report counts what the triage says');
SELECT is((SELECT sum(claims)::bigint FROM report.claims_by_appeal_right), (SELECT count(*) FROM connex.claim), 'and every claim once');

SELECT * FROM finish();
ROLLBACK;
