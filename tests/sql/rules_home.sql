-- What home announces, on both sides of its limits: deadlines in the coming days and no others, and requests for access only to
-- the people who decide them.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(7);

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

SELECT * FROM finish();
ROLLBACK;
