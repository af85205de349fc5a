-- What home announces, on both sides of its limits: deadlines in the coming days and no others, and requests for access only to
-- the people who decide them.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(18);

UPDATE connex.clock SET shift = '2026-06-01 16:00+00'::timestamptz - transaction_timestamp();
UPDATE connex.setting SET value = '14' WHERE name = 'home_deadline_days';
INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99923', 'Home test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
VALUES ('99923', '1999999976', 'HOME1', '999999923', 'Home Practice', 'part_b', 'ME');
INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email, email_verified_at)
SELECT u, 'Ada', 'Office', 'billing', lower(u) || '@rules.example', now() FROM unnest('{HOME001,HOME002,HOME003}'::text[]) u;
CREATE FUNCTION pg_temp.account() RETURNS bigint LANGUAGE sql AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'HOME1' $$;
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions, lso)
VALUES (pg_temp.person('HOME001'), pg_temp.account(), 'approved', '{claims}', true), (pg_temp.person('HOME002'), pg_temp.account(), 'approved', '{claims}', false);
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested) VALUES (pg_temp.person('HOME003'), pg_temp.account(), 'requested', '{claims}');
CREATE FUNCTION pg_temp.act_as(p_user text) RETURNS void LANGUAGE sql AS $$
  SELECT connex.seal(pg_temp.person(p_user), NULL, NULL, 'member', NULL) $$;
-- The one denied claim, with this many days left to ask for a redetermination.
CREATE FUNCTION pg_temp.days_left(p_days int, p_again boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  id bigint := connex.claim_id_new('2026-01-01');
  notice date := connex.today() + p_days - 125;
  said text;
BEGIN
  INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on, finalized_on, charge, last_adjudication_no)
  VALUES (id, '99923', 'mcs', 'HOME' || p_days, pg_temp.account(), 'denied', '2026-01-01', notice, 100, 1);
  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on)
  VALUES (id, 1, pg_temp.account(), '4', 100, 0, notice);
  IF p_again THEN   -- denied again five days ago, which does not restart the days
    UPDATE connex.claim SET finalized_on = connex.today() - 5, last_adjudication_no = 2 WHERE claim_id = id;
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on)
    VALUES (id, 2, pg_temp.account(), '4', 100, 0, connex.today() - 5);
  END IF;
  SELECT a.kind || ' ' || a.due_on INTO said FROM connex.attention() a WHERE a.kind = 'appeal_deadline';
  DELETE FROM connex.adjudication WHERE claim_id = id;
  DELETE FROM connex.claim WHERE claim_id = id;
  RETURN coalesce(said, 'nothing');
END
$$;

SELECT pg_temp.act_as('HOME001');
SELECT is(pg_temp.days_left(14), 'appeal_deadline 2026-06-15', 'a deadline on the last of the coming days is announced');
SELECT is(pg_temp.days_left(15), 'nothing', 'one a day later is not yet');
SELECT is(pg_temp.days_left(0), 'appeal_deadline 2026-06-01', 'the last day itself is announced too');
SELECT is(pg_temp.days_left(-1), 'nothing', 'a day that has passed is no longer announced');
SELECT is(pg_temp.days_left(-75, true), 'nothing', 'not even for a claim that was denied again since');
SELECT is((SELECT a.count FROM connex.attention() a WHERE a.kind = 'access_to_decide'), 1, 'a request waits for the Local Security Officer');
SELECT pg_temp.act_as('HOME002');
SELECT is((SELECT count(*)::int FROM connex.attention() a WHERE a.kind = 'access_to_decide'), 0, 'and for nobody else');

SELECT is(connex.counted(n, 'thing', 'things'), said, 'counted: ' || n) FROM (VALUES (0, '0 things'), (1, '1 thing'), (999, '999 things'),
  (1000, '1,000 or more things')) v (n, said);

-- Nothing is cut without saying so: 1,001 requests for access, remittances, and open redeterminations; 101 denied claims.
CREATE FUNCTION pg_temp.said(p_kind text) RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(a.words) FROM connex.attention() a WHERE a.kind = p_kind $$;
INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email, email_verified_at)
SELECT 'MANY' || lpad(n::text, 3, '0'), 'Many', 'People', 'billing', 'many' || n || '@rules.example', now() FROM generate_series(0, 999) n;
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested)
SELECT u.user_account_id, pg_temp.account(), 'requested', '{claims}' FROM connex.user_account u WHERE u.user_id LIKE 'MANY%';
SELECT pg_temp.act_as('HOME001');
SELECT is(pg_temp.said('access_to_decide'), '{"1,000 or more requests for access are waiting for your decision"}', 'requests for an LSO beyond 1,000');

INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
SELECT '99923', '1999999976', 'MANY' || n, '999999923', 'Many Practice ' || n, 'part_b', 'ME' FROM generate_series(1, 2) n;
UPDATE connex.access SET functions = '{claims,financials}' WHERE user_account_id = pg_temp.person('HOME001');
CREATE FUNCTION pg_temp.paid(p_first int, p_last int) RETURNS void LANGUAGE sql AS $$
  INSERT INTO connex.remittance (provider_account_id, payment_number, paid_on, amount, balanced, sender, interchange_control, group_control, transaction_control, sha256)
  SELECT pg_temp.account(), 'HOME' || n, connex.today(), 1, true, 'HOME', '1', '1', n::text, '' FROM generate_series(p_first, p_last) n $$;
SELECT pg_temp.paid(1, 1000);
SELECT is(pg_temp.said('new_remittance'), '{"1,000 or more remittances in the last 7 days"}', '1,000 remittances of one provider account');
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions)
SELECT pg_temp.person('HOME001'), provider_account_id, 'approved', '{financials}' FROM connex.provider_account WHERE ptan LIKE 'MANY%';
UPDATE connex.remittance SET provider_account_id = (SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'MANY1')
 WHERE payment_number IN ('HOME1', 'HOME2');
SELECT pg_temp.paid(1001, 1001);
SELECT is((SELECT array_agg(w.words ORDER BY w.words) FROM unnest(pg_temp.said('new_remittance')) w (words)),
  '{"At least 2 remittances in the last 7 days","At least 999 remittances in the last 7 days","Only 1,000 new remittances are counted here. To see all, open the remittances of a provider account."}',
  'beyond 1,000 in all, every number is a lower bound, and the last line says so');

CREATE FUNCTION pg_temp.denied(p_count int, p_days int, p_again boolean) RETURNS void LANGUAGE sql AS $$
  WITH made AS (
    INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on, finalized_on, charge, last_adjudication_no)
    SELECT connex.claim_id_new('2026-01-01'), '99923', 'mcs', 'MANY' || p_again || n, pg_temp.account(), 'denied', '2026-01-01',
           CASE WHEN p_again THEN connex.today() - 5 ELSE connex.today() + p_days - 125 END, 100, CASE WHEN p_again THEN 2 ELSE 1 END
      FROM generate_series(1, p_count) n RETURNING claim_id)
  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on)
  SELECT m.claim_id, a, pg_temp.account(), '4', 100, 0, CASE a WHEN 1 THEN connex.today() + p_days - 125 ELSE connex.today() - 5 END
    FROM made m, generate_series(1, CASE WHEN p_again THEN 2 ELSE 1 END) a $$;
SELECT pg_temp.denied(100, 10, false), pg_temp.denied(100, 10, true);
SELECT is(pg_temp.said('appeal_deadline'), '{"200 denied claims: the first can be appealed only until 06/11/2026"}', '100 denied claims and 100 that were denied again are all counted');
SELECT pg_temp.denied(1, 10, true);
SELECT is((pg_temp.said('appeal_deadline'))[2:], '{"Only 100 of the claims that were denied again are counted here. To see all, search claims with the status Denied."}',
  'one more that was denied again is not left out silently');
SELECT pg_temp.denied(1, 11, false);
SELECT is((pg_temp.said('appeal_deadline'))[2], 'Only the 100 denied claims with the nearest deadlines are counted here. To see all, search claims with the status Denied.',
  'nor is one more denied claim');

INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
VALUES ('HOMA001', 'analyst', 'Ann', 'Alyst', 'administration', 'homa001@rules.example', now());
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) SELECT user_account_id, contractor_no FROM connex.user_account, connex.contractor WHERE user_id = 'HOMA001';
SELECT pg_temp.act_as('HOMA001');
UPDATE connex.access SET lso_requested = true WHERE status = 'requested';
UPDATE connex.access SET lso = false WHERE provider_account_id = pg_temp.account();
SELECT is((pg_temp.said('desk_access_request'))[1] ~ '^1,000 or more requests for access as Local Security Officer', true, 'requests at the desk beyond 1,000');

SELECT * FROM finish();
ROLLBACK;
