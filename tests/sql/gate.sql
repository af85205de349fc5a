-- The database's own gate and what is behind it: connex.enter(), row security, the audit trail, Idempotency-Key, and what every
-- function and role of ours must be like.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(56);

-- --- what our functions and roles are like ------------------------------------------------------------------------------
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname IN ('connex', 'audit') AND p.prosecdef AND pg_get_userbyid(p.proowner) <> 'connex_owner' $$,
  'every SECURITY DEFINER function belongs to the owner');
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname IN ('connex', 'audit') AND has_function_privilege('public', p.oid, 'EXECUTE')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') $$,
  'no function of ours is open to everybody');
SELECT is_empty($$ SELECT r, f FROM unnest(ARRAY['connex_jobs', 'connex_loader', 'connex_report', 'connex_office', 'connex_officer', 'connex_staff']) r,
    unnest(ARRAY['session_begin(text)', 'password_set(bigint,text,bigint)', 'code_keep(bigint,text,bytea)', 'login_cleared(text)',
                 'access_make_lso(bigint,bigint,text,text)', 'token_make(text,text[],bigint[],date)']) f
  WHERE has_function_privilege(r, 'connex.' || f, 'EXECUTE') $$,
  'only the workers can call the functions that open an account');
SELECT is_empty($$ SELECT f FROM unnest(ARRAY['password_set(bigint,text,bigint)', 'code_keep(bigint,text,bytea)', 'code_compare(bigint,text,bytea,text)', 'login_cleared(text)',
    'access_make_lso(bigint,bigint,text,text)', 'access_request_make(bigint,jsonb)', 'send_mail(text,bigint,text,jsonb)']) f
  WHERE has_function_privilege('connex_app', 'connex.' || f, 'EXECUTE') $$,
  'the workers cannot call a function that does not check for itself who the caller is');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('connex', 'audit', 'report') AND c.relkind IN ('r', 'p') AND pg_get_userbyid(c.relowner) IN ('connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_jobs', 'connex_loader', 'connex_report') $$,
  'no working role owns a table');
SELECT is_empty($$ SELECT rolname FROM pg_roles WHERE rolname LIKE 'connex%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb) $$,
  'no role of ours bypasses row security');
SELECT is_empty($$ SELECT t FROM unnest(ARRAY['credential', 'former_password', 'session', 'mailed_code', 'mailed_code_count', 'access_code', 'letter', 'login_guard',
    'idempotency', 'outbox']) t
  WHERE has_table_privilege('connex_app', 'connex.' || t, 'SELECT, INSERT, UPDATE, DELETE') OR EXISTS (SELECT FROM unnest(ARRAY['connex_office', 'connex_officer', 'connex_staff']) r WHERE has_table_privilege(r, 'connex.' || t, 'SELECT')) $$,
  'the workers read hashes, secrets, and codes only through functions');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'connex' AND c.relkind IN ('r', 'p') AND (has_table_privilege('connex_app', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
     OR EXISTS (SELECT FROM unnest(ARRAY['connex_office', 'connex_officer', 'connex_staff']) r WHERE has_table_privilege(r, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))) $$,
  'the workers write tables only through functions');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'connex' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT c.relrowsecurity AND EXISTS (SELECT FROM unnest(ARRAY['connex_office', 'connex_officer', 'connex_staff']) r WHERE has_table_privilege(r, c.oid, 'SELECT'))
    AND c.relname NOT IN ('clock', 'setting', 'agreement', 'contractor', 'reason_code', 'coverage_kind', 'mail_template') 
    AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('provider_account_id', 'user_account_id', 'beneficiary_id', 'claim_id', 'appeal_id', 'access_id')) $$,
  'whatever the workers can read of a provider or a person has row security');

-- --- people to enter as ------------------------------------------------------------------------------------------------
INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99901', 'Test', 'JT', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
SELECT '99901', '199999999' || i, 'GATE' || i, '99000000' || i, 'Gate ' || i, 'part_b', 'ME' FROM generate_series(1, 2) i;
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
SELECT user_id, kind, 'A', 'B', 'billing', user_id || '@gate.example', connex.now()
  FROM (VALUES ('GATE001', 'office'), ('GATE002', 'office'), ('GATE003', 'analyst')) v (user_id, kind);
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) SELECT user_account_id, contractor_no FROM connex.user_account, connex.contractor WHERE user_id = 'GATE003';
INSERT INTO connex.credential (user_account_id, password_hash) SELECT user_account_id, '$argon2id$x' FROM connex.user_account WHERE user_id LIKE 'GATE00_';
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
CREATE FUNCTION pg_temp.account(p text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = p $$;
INSERT INTO connex.session (secret_hash, user_account_id, ends_at, second_factor_at)
SELECT sha256(user_id::bytea), user_account_id, connex.now() + interval '12 hours', connex.now() FROM connex.user_account WHERE user_id LIKE 'GATE00_';
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions, lso) VALUES
  (pg_temp.person('GATE001'), pg_temp.account('GATE1'), 'approved', '{claims,provider_profile}', false),
  (pg_temp.person('GATE002'), pg_temp.account('GATE1'), 'approved', '{claims}', true);
INSERT INTO connex.token (user_account_id, name, secret_hash, beginning, functions, expires_at)
VALUES (pg_temp.person('GATE001'), 'T', sha256('token'), 'cnx_abcd', '{claims}', connex.now() + interval '1 day');
INSERT INTO connex.token_provider_account SELECT token_id, pg_temp.account('GATE1') FROM connex.token WHERE beginning = 'cnx_abcd';

CREATE FUNCTION pg_temp.enter(p_user text, p_right text, p_account bigint DEFAULT NULL) RETURNS bigint LANGUAGE sql AS
$$ SELECT user_account_id FROM connex.enter(sha256(p_user::bytea), 'session', p_right, p_account, 'req-1', '192.0.2.1') $$;
CREATE FUNCTION pg_temp.by_token(p_right text, p_account bigint DEFAULT NULL) RETURNS bigint LANGUAGE sql AS
$$ SELECT user_account_id FROM connex.enter(sha256('token'), 'token', p_right, p_account, 'req-1', '192.0.2.1') $$;
CREATE FUNCTION pg_temp.change(p_table text, p_user text, p_set text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('UPDATE connex.%I SET %s WHERE user_account_id = pg_temp.person(%L)', p_table, p_set, p_user); END $$;
CREATE FUNCTION pg_temp.leave() RETURNS void LANGUAGE sql AS $$
  SELECT set_config(name, '', true) FROM unnest(ARRAY['connex.entered', 'connex.seal', 'connex.subject_kind', 'connex.subject_id']) name $$;

-- --- entering ----------------------------------------------------------------------------------------------------------
SELECT throws_ok($$ SELECT pg_temp.enter('NOBODY', 'step') $$, 'CX401', 'log_in', 'an unknown secret does not enter');
SELECT connex.subject('thing', 1);
SELECT is(pg_temp.enter('GATE001', 'member'), pg_temp.person('GATE001'), 'a complete session enters');
SELECT is(current_setting('connex.subject_kind') || current_setting('connex.subject_id'), '', 'and names no subject of a request before it');
SELECT pg_temp.change('session', 'GATE001', $s$last_seen_at = connex.now() - interval '14 minutes 59 seconds'$s$);
SELECT lives_ok($$ SELECT pg_temp.enter('GATE001', 'member') $$, 'SES-01: a session idle for 14:59 enters');
SELECT is((SELECT last_seen_at FROM connex.session WHERE user_account_id = pg_temp.person('GATE001')), connex.now(), 'and is recorded as seen');
SELECT pg_temp.change('session', 'GATE001', $s$last_seen_at = connex.now() - interval '29 seconds'$s$);
SELECT pg_temp.enter('GATE001', 'member');
SELECT isnt((SELECT last_seen_at FROM connex.session WHERE user_account_id = pg_temp.person('GATE001')), connex.now(), 'a read stays a read: nothing is written again within 30 seconds');
SELECT pg_temp.change('session', 'GATE001', $s$last_seen_at = connex.now() - interval '15 minutes'$s$);
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'step') $$, 'CX401', 'log_in', 'SES-01: one idle for 15:00 does not');
SELECT pg_temp.change('session', 'GATE001', 'last_seen_at = connex.now(), ends_at = connex.now()');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'step') $$, 'CX401', 'log_in', 'a session ends after its maximum time, however busy it is');
SELECT pg_temp.change('session', 'GATE001', $s$ends_at = connex.now() + interval '1 hour', second_factor_at = NULL$s$);
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'member') $$, 'CX403', 'security_code', 'MFA-01: nothing opens with the password alone');
SELECT lives_ok($$ SELECT pg_temp.enter('GATE001', 'step') $$, 'MFA-01: but the next step does');
SELECT pg_temp.change('session', 'GATE001', 'second_factor_at = connex.now()');
SELECT pg_temp.change('user_account', 'GATE001', 'email_verified_at = NULL');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'member') $$, 'CX403', 'verify_email', 'EML-01: nothing opens before the address is verified');
SELECT pg_temp.change('user_account', 'GATE001', 'email_verified_at = connex.now()');
SELECT pg_temp.change('credential', 'GATE001', $s$changed_at = ((connex.today() - 60)::timestamp + interval '12 hours') AT TIME ZONE connex.setting_text('time_zone')$s$);
SELECT lives_ok($$ SELECT pg_temp.enter('GATE001', 'member') $$, 'PWD-01: day 60 is good');
SELECT pg_temp.change('credential', 'GATE001', $s$changed_at = ((connex.today() - 61)::timestamp + interval '12 hours') AT TIME ZONE connex.setting_text('time_zone')$s$);
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'member') $$, 'CX403', 'change_password', 'PWD-01: day 61 is not');
SELECT pg_temp.change('credential', 'GATE001', 'changed_at = connex.now(), temporary = true');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'member') $$, 'CX403', 'change_password', 'PWD-03: a temporary password must be changed first');
SELECT pg_temp.change('credential', 'GATE001', 'temporary = false');
SELECT pg_temp.change('user_account', 'GATE001', $s$status = 'suspended'$s$);
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'step') $$, 'CX401', 'log_in', 'a suspended person does not enter');
SELECT throws_ok($$ SELECT pg_temp.by_token('member') $$, 'CX401', 'token_unknown', 'nor do his tokens');
SELECT pg_temp.change('user_account', 'GATE001', $s$status = 'active'$s$);

-- --- rights ------------------------------------------------------------------------------------------------------------
SELECT lives_ok($$ SELECT pg_temp.enter('GATE001', 'claims', pg_temp.account('GATE1')) $$, 'FN-01: an approved function opens');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'financials', pg_temp.account('GATE1')) $$, 'CX403', 'no_access', 'FN-01: another function does not');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'claims', pg_temp.account('GATE2')) $$, 'CX404', 'not_found', 'FN-02: another provider account does not exist for this person');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'claims', 999999999) $$, 'CX404', 'not_found', 'FN-02: and is answered as one that nobody has');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'claims', NULL) $$, 'CX404', 'not_found', 'FN-02: nor does a call without a provider account');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE003', 'claims', pg_temp.account('GATE1')) $$, 'CX404', 'not_found', 'the contractor''s staff have no provider''s functions');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE001', 'lso') $$, 'CX403', 'not_lso', 'LSO-14: a person who is not an LSO does not enter as one');
SELECT throws_ok($$ SELECT pg_temp.enter('GATE002', 'analyst') $$, 'CX403', 'not_analyst', 'nor a person who is not an analyst');
SELECT lives_ok($$ SELECT pg_temp.by_token('claims', pg_temp.account('GATE1')) $$, 'a token opens what it was made for');
SELECT throws_ok($$ SELECT pg_temp.by_token('provider_profile', pg_temp.account('GATE1')) $$, 'CX403', 'not_by_this_token', 'a token does not open what only its owner has');
SELECT throws_ok($$ SELECT pg_temp.by_token('person') $$, 'CX403', 'not_by_token', 'a token is not a person');
UPDATE connex.token SET expires_at = connex.now() WHERE beginning = 'cnx_abcd';
SELECT throws_ok($$ SELECT pg_temp.by_token('member') $$, 'CX401', 'token_unknown', 'a token expires');
UPDATE connex.token SET expires_at = connex.now() + interval '1 day' WHERE beginning = 'cnx_abcd';

-- --- row security, as the role that reads ------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.seen(p_select text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; BEGIN EXECUTE 'SET LOCAL ROLE ' || CASE connex.entered_right() WHEN 'lso' THEN 'connex_officer' WHEN 'analyst' THEN 'connex_staff' ELSE 'connex_office' END; EXECUTE 'SELECT count(*) FROM ' || p_select INTO n; EXECUTE 'RESET ROLE'; RETURN n; END $$;
SELECT pg_temp.leave();
SELECT is(pg_temp.seen('connex.provider_account') + pg_temp.seen('connex.user_account') + pg_temp.seen('connex.access') + pg_temp.seen('connex.claim')
          + pg_temp.seen('connex.beneficiary') + pg_temp.seen('connex.payment') + pg_temp.seen('connex.token'), 0::bigint, 'a caller who has not entered sees nothing');
SELECT pg_temp.enter('GATE001', 'member');
SELECT is(pg_temp.seen($s$connex.provider_account WHERE ptan LIKE 'GATE_'$s$), 1::bigint, 'a person sees the provider accounts that he requested or has');
SELECT is(pg_temp.seen('connex.user_account'), 1::bigint, 'a person sees only himself');
SELECT is(pg_temp.seen('connex.access'), 1::bigint, 'and only his own access');
SELECT is(pg_temp.seen('connex.payment') + pg_temp.seen('connex.beneficiary'), 0::bigint, 'being logged in shows no payment and no beneficiary');
SELECT pg_temp.enter('GATE002', 'lso');
SELECT is(pg_temp.seen($s$connex.access$s$), 2::bigint, 'LSO-15: an LSO sees everybody''s access to his provider accounts');
SELECT is(pg_temp.seen($s$connex.access_managed$s$), 2::bigint, 'LSO-15: in User Management too');
SELECT pg_temp.enter('GATE002', 'member');
SELECT is(pg_temp.seen($s$connex.access$s$), 1::bigint, 'but only where he acts as LSO');

-- --- the audit trail, and a request that comes twice -------------------------------------------------------------------
SELECT audit.record('test', 'thing', 7);
SELECT is((SELECT (user_account_id, subject_id, address::text, request_id)::text FROM audit.event WHERE action = 'test' AND subject_kind = 'thing'),
          (SELECT (pg_temp.person('GATE002'), 7::bigint, '192.0.2.1/32', 'req-1')::text), 'the audit row says who, what, from where, and in which request');
SELECT set_config('connex.unchanged', 'true', true), audit.record('unchanged_test', 'thing', 7);
SELECT is((SELECT count(*)::int FROM audit.event WHERE action = 'unchanged_test'), 1, 'no setting hides who saw what');
SELECT set_config('connex.unchanged', '', true);
SELECT throws_ok($$ UPDATE audit.event SET action = 'other' WHERE action = 'test' $$, 'CX403', 'audit_is_append_only', 'nobody can change the trail, not even the superuser');
SELECT throws_ok($$ DELETE FROM audit.event WHERE action = 'test' $$, 'CX403', 'audit_is_append_only', 'nobody can delete from it');
SELECT is_empty($$ SELECT r FROM unnest(ARRAY['connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_jobs', 'connex_loader', 'connex_report']) r
  WHERE has_table_privilege(r, 'audit.event', 'UPDATE, DELETE, TRUNCATE') $$, 'no role even has the privilege');
SELECT connex.once('POST /x k1', sha256('body'));
SELECT connex.reply_once(201, '{"a": 1}');
SELECT throws_ok($$ SELECT connex.once('POST /x k1', sha256('body')) $$, 'CX200', 'replay', 'the same key and body give the same answer again');
SELECT throws_ok($$ SELECT connex.once('POST /x k1', sha256('other')) $$, 'CX422', 'idempotency_key_reused', 'a different body is refused');
SELECT pg_temp.enter('GATE001', 'member');
SELECT lives_ok($$ SELECT connex.once('POST /x k1', sha256('other')) $$, 'the same key from another person is a different key');
SELECT pg_temp.leave();
SELECT connex.once('POST /x k1', sha256('body'));
SELECT connex.reply_once(201, '{"b": 2}');
SELECT throws_ok($$ SELECT connex.once('POST /x k1', sha256('body')) $$, 'CX200', 'replay', 'where nobody has entered, the same key and body give the same answer again');
SELECT is((SELECT reply::text FROM connex.idempotency WHERE user_account_id IS NULL AND key LIKE 'POST /x k1 %'), '{"b": 2}', 'and that answer is kept for nobody');
SELECT lives_ok($$ SELECT connex.once('POST /x k1', sha256('other')) $$, 'where nobody has entered, another body under the same key is another request');

SELECT * FROM finish();
ROLLBACK;
