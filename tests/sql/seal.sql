-- What somebody gains who runs SQL of his own as a role of ours (SQL injection, a worker that was taken): nothing but what his
-- own credential may do.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT * FROM no_plan();

INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99931', 'Seal test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
SELECT '99931', '1999999984', p, '999999931', p || ' Practice', 'part_b', 'ME' FROM unnest('{SEAL1,SEAL2}'::text[]) p;
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
SELECT u, 'office', 'Seal', 'Test', 'billing', lower(u) || '@tests.example', now() FROM unnest('{SEAL001,SEAL002}'::text[]) u;
CREATE FUNCTION pg_temp.account(p text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = p AND contractor_no = '99931' $$;
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions) VALUES
  (pg_temp.person('SEAL001'), pg_temp.account('SEAL1'), 'approved', '{claims}'), (pg_temp.person('SEAL002'), pg_temp.account('SEAL2'), 'approved', '{claims}');
INSERT INTO connex.credential (user_account_id, password_hash, changed_at) SELECT pg_temp.person(u), '$argon2id$x', connex.now() FROM unnest('{SEAL001,SEAL002}'::text[]) u;
INSERT INTO connex.session (user_account_id, secret_hash, ends_at, last_seen_at, second_factor_at)
VALUES (pg_temp.person('SEAL001'), sha256('seal session'), connex.now() + interval '1 hour', connex.now(), connex.now());
DO $$
DECLARE id bigint;
BEGIN
  FOR i IN 1..2 LOOP
    id := connex.claim_id_new('2026-01-01');
    INSERT INTO connex.claim_key (contractor_no, system, control_no, claim_id) VALUES ('99931', 'mcs', 'SEAL' || i, id);
    INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on, finalized_on, charge, paid, last_adjudication_no)
    VALUES (id, '99931', 'mcs', 'SEAL' || i, pg_temp.account('SEAL' || i), 'denied', '2026-01-01', '2026-01-02', 100, 0, 1);
  END LOOP;
END
$$;
-- The claims that are visible to a role, as their control numbers.
CREATE FUNCTION pg_temp.visible(p_role text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seen text;
BEGIN
  EXECUTE 'SET LOCAL ROLE ' || p_role;
  SELECT string_agg(c.control_no, ' ' ORDER BY c.control_no) INTO seen FROM connex.claim c WHERE c.contractor_no = '99931';
  RESET ROLE;
  RETURN coalesce(seen, 'none');
END
$$;
CREATE FUNCTION pg_temp.as_app(p_sql text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET LOCAL ROLE connex_app; EXECUTE p_sql; RESET ROLE; END $$;
CREATE FUNCTION pg_temp.events() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM audit.event WHERE action = 'seal_refused' AND at >= transaction_timestamp() $$;
CREATE FUNCTION pg_temp.set_by_hand(p_entered text, p_seal text) RETURNS text LANGUAGE sql AS $$
  SELECT set_config('connex.entered', p_entered, true), set_config('connex.seal', p_seal, true);
  SELECT concat_ws(' ', pg_temp.visible('connex_office'), pg_temp.visible('connex_staff'), pg_temp.visible('connex_app')) $$;

-- --- who enters sees the own rows, in this transaction of this connection -----------------------------------------------
SELECT is(pg_temp.set_by_hand('', ''), 'none none none', 'who has not entered sees nothing');
SELECT is(pg_temp.events(), 0::bigint, 'and that is no event');
SELECT pg_temp.as_app(format($$ SELECT connex.enter(sha256('seal session'), 'session', 'claims', %s, 'req', '192.0.2.1') $$, pg_temp.account('SEAL1')));
SELECT is(pg_temp.visible('connex_office'), 'SEAL1', 'who enters sees the rows of the account');
SELECT is(pg_temp.visible('connex_staff'), 'none', 'and no more as another reader');
CREATE TABLE pg_temp.kept AS SELECT current_setting('connex.entered') AS entered, current_setting('connex.seal') AS seal;
SELECT is(pg_temp.events(), 0::bigint, 'a good seal is no event');

-- --- what a hand can write ----------------------------------------------------------------------------------------------
SELECT is(pg_temp.set_by_hand(' ' || ' ' || ' analyst  ', ''), 'none none none', 'set_config without a seal');
SELECT is(pg_temp.events(), 1::bigint, 'one security event for the transaction, however often it is tried');
SELECT is((SELECT detail->>'backend' FROM audit.event WHERE action = 'seal_refused' AND at >= transaction_timestamp()), pg_backend_pid()::text, 'it names the backend');
SELECT is(pg_temp.set_by_hand(replace(entered, ' claims ', ' analyst '), seal), 'none none none', 'a changed right') FROM pg_temp.kept;
SELECT is(pg_temp.set_by_hand(replace(entered, ' ' || pg_temp.account('SEAL1') || ' ', ' ' || pg_temp.account('SEAL2') || ' '), seal), 'none none none', 'a changed provider account') FROM pg_temp.kept;
SELECT is(pg_temp.set_by_hand(entered || '1', seal), 'none none none', 'a beneficiary added by hand') FROM pg_temp.kept;
SELECT is(pg_temp.set_by_hand(entered, upper(seal)), 'none none none', 'a seal that is written otherwise') FROM pg_temp.kept;
-- As connex.seal_of() makes it, for a connection and a transaction of choice.
CREATE FUNCTION pg_temp.seal_for(p_backend integer, p_at timestamptz, p_entered text) RETURNS text LANGUAGE sql AS $$
  SELECT encode(sha256(decode(connex.seal_key(), 'hex') || int4send(p_backend) || timestamptz_send(p_at) || textsend(p_entered) || decode(connex.seal_key(), 'hex')), 'hex') $$;
SELECT is(pg_temp.set_by_hand(entered, pg_temp.seal_for(pg_backend_pid() + 1, transaction_timestamp(), entered)), 'none none none', 'the seal of another connection') FROM pg_temp.kept;
SELECT is(pg_temp.set_by_hand(entered, pg_temp.seal_for(pg_backend_pid(), transaction_timestamp() - interval '1 microsecond', entered)), 'none none none', 'the seal of another transaction') FROM pg_temp.kept;
SELECT is(pg_temp.set_by_hand(entered, pg_temp.seal_for(pg_backend_pid(), transaction_timestamp(), entered)), 'SEAL1 none SEAL1', 'the right one, for comparison') FROM pg_temp.kept;
SELECT set_config('connex.entered', entered, true), set_config('connex.seal', 'no', true) FROM pg_temp.kept;
SELECT is(connex.my_accounts('claims') || connex.lso_accounts(), '{}', 'the functions that policies ask know nobody either');
SELECT throws_ok($$ SELECT connex.attachment_begin('x.pdf', 1) $$, 'CX403', 'no_access', 'and the functions that write refuse');
SELECT audit.record('seal_test', NULL, NULL);
SELECT is((SELECT user_account_id FROM audit.event WHERE action = 'seal_test'), NULL, 'an audit row names nobody whom the database did not let in');
SELECT set_config('connex.entered', '9   eligibility 1 ', true), set_config('connex.seal', 'no', true);
SELECT throws_ok($$ SELECT connex.eligibility_person('1S00A00AA00', 'Name', 'First', '1950-01-01', NULL) $$, 'CX403', 'no_access', 'a lookup seals nothing that a hand has written');
SELECT is(pg_temp.events(), 1::bigint, 'still one event');

-- --- what makes a seal is nobody's --------------------------------------------------------------------------------------
CREATE TABLE pg_temp.role_of_ours AS SELECT rolname AS role FROM pg_roles WHERE rolname LIKE 'connex\_%' AND rolname <> 'connex_owner';
SELECT cmp_ok((SELECT count(*)::int FROM pg_temp.role_of_ours), '>=', 8, 'the roles that work');
SELECT is_empty($$ SELECT role, p.oid::regprocedure FROM pg_temp.role_of_ours, pg_proc p
  WHERE p.pronamespace = 'connex'::regnamespace AND p.proname IN ('seal', 'seal_text', 'seal_of', 'seal_key') AND has_function_privilege(role, p.oid, 'EXECUTE') $$,
  'no role makes a seal');
SELECT is_empty($$ SELECT role FROM pg_temp.role_of_ours WHERE has_table_privilege(role, 'connex.seal_key', 'SELECT, INSERT, UPDATE, DELETE') $$, 'no role reads or changes the key');
SELECT is_empty($$ SELECT role FROM pg_temp.role_of_ours WHERE pg_has_role(role, 'connex_owner', 'MEMBER') $$, 'no role becomes the owner');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'connex'::regnamespace AND p.prosrc ~ '\mseal_(of|key)\M' AND p.proname <> 'seal_key' AND NOT (p.prosrc ~ '\n  plans (pg_catalog\.)?text := connex\.hide_plans\(\);\nBEGIN'
    OR p.prosecdef AND 'debug_print_plan=off' = ANY (p.proconfig)) $$, 'a function whose plan holds the key prints no plan');

-- --- passwords ----------------------------------------------------------------------------------------------------------
UPDATE connex.credential SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGhlIHRhZw' WHERE user_account_id = pg_temp.person('SEAL002');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p, unnest(p.proallargtypes, p.proargmodes, p.proargnames) a (type, mode, name)
  WHERE p.pronamespace = 'connex'::regnamespace AND a.mode = 't' AND a.name ~ 'hash|tag' AND has_function_privilege('connex_app', p.oid, 'EXECUTE') $$,
  'no function that a worker may call returns a hash');
SELECT is((SELECT outcome FROM connex.session_finish('SEAL002', salt, '192.0.2.1', 'test', 'req')), 'invalid', 'who has the salt alone does not log in')
  FROM connex.session_begin('SEAL002');

-- --- a right is one word -----------------------------------------------------------------------------------------------
SELECT throws_ok(format($$ SELECT pg_temp.as_app($q$ SELECT connex.enter(sha256('seal session'), 'session', 'claims %s', NULL, 'req', '192.0.2.1') $q$) $$,
  pg_temp.account('SEAL2')), 'CX403', 'no_access', 'nobody enters with a right that holds a provider account');
RESET ROLE;
SELECT throws_ok($$ SELECT connex.enter(sha256('seal session'), 'session', 'analyst ', NULL, 'req', '192.0.2.1') $$, 'CX403', 'no_access', 'nor with one that is nearly another');
SELECT throws_ok($$ SELECT connex.enter(sha256('seal session'), 'session', NULL, NULL, 'req', '192.0.2.1') $$, 'CX403', 'no_access', 'nor with none');

-- --- the own session -----------------------------------------------------------------------------------------------------
INSERT INTO connex.session (user_account_id, secret_hash, ends_at, last_seen_at, second_factor_at)
VALUES (pg_temp.person('SEAL002'), sha256('seal session of another'), connex.now() + interval '1 hour', connex.now(), connex.now());
INSERT INTO connex.credential (user_account_id, password_hash, changed_at)
SELECT pg_temp.person(p), '$argon2id$x', connex.now() FROM unnest('{SEAL001,SEAL002}'::text[]) p ON CONFLICT DO NOTHING;
CREATE FUNCTION pg_temp.sessions() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seen text;
BEGIN
  SET LOCAL ROLE connex_app;
  SELECT string_agg(s.user_id, ' ' ORDER BY s.user_id) INTO seen FROM connex.session_mine s;
  RESET ROLE;
  RETURN coalesce(seen, 'none');
END
$$;
SELECT set_config('connex.entered', '', true);
SELECT is(pg_temp.sessions(), 'none', 'who has not entered has no session');
SELECT pg_temp.as_app(format($$ SELECT connex.enter(sha256('seal session'), 'session', 'claims', %s, 'req', '192.0.2.1') $$, pg_temp.account('SEAL1')));
SELECT is(pg_temp.sessions(), 'SEAL001', 'who has entered sees the own session and no other');
SELECT is((SELECT reloptions FROM pg_class WHERE oid = 'connex.session_mine'::regclass), '{security_barrier=true}', 'and no function of a query looks behind the view');

-- --- evidence of others --------------------------------------------------------------------------------------------------
SELECT connex.seal(pg_temp.person('SEAL002'), NULL, NULL, 'claims', pg_temp.account('SEAL2'));
SELECT connex.attachment_begin('theirs.pdf', 4);
SELECT connex.seal(pg_temp.person('SEAL001'), NULL, NULL, 'claims', pg_temp.account('SEAL1'));
SELECT throws_ok($$ SELECT connex.attachment_piece_add(1, 'mine') $$, '23502', NULL, 'nobody adds to a file that somebody else has begun');
SELECT connex.seal(pg_temp.person('SEAL002'), NULL, NULL, 'claims', pg_temp.account('SEAL2'));
SELECT lives_ok($$ SELECT connex.attachment_piece_add(1, 'mine') $$, 'its own person does');
SELECT lives_ok($$ SELECT connex.attachment_finish('application/pdf', 4, 1, sha256('mine')) $$, 'and ends it');
SELECT throws_ok($$ SELECT connex.attachment_piece_add(2, 'more') $$, '23502', NULL, 'nothing is added to a file that was ended');

SELECT * FROM finish();
ROLLBACK;
