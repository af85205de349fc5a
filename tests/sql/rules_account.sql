-- Rules of accounts at their limits: how long a session lasts, what is audited, what a change of password or address ends.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(21);

INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email, email_verified_at)
VALUES ('EDGE001', 'Ann', 'Bee', 'billing', 'edge001@rules.example', connex.now());
INSERT INTO connex.credential (user_account_id, password_hash, temporary) SELECT user_account_id, '$argon2id$first', true FROM connex.user_account WHERE user_id = 'EDGE001';
CREATE FUNCTION pg_temp.person() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = 'EDGE001' $$;
CREATE FUNCTION pg_temp.at(p interval) RETURNS void LANGUAGE sql AS $$ UPDATE connex.clock SET shift = p $$;
CREATE FUNCTION pg_temp.try(p_right boolean) RETURNS text LANGUAGE sql AS $$
  SELECT outcome FROM connex.session_finish('EDGE001', CASE WHEN p_right THEN (SELECT password_hash FROM connex.credential WHERE user_account_id = pg_temp.person()) END,
                                            '192.0.2.7', 'test', 'edge') $$;
CREATE FUNCTION pg_temp.audited() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(action || ' ' || host(address), ', ' ORDER BY event_id) FROM audit.event WHERE user_account_id = pg_temp.person() AND request_id = 'edge' $$;
CREATE FUNCTION pg_temp.session() RETURNS connex.session LANGUAGE sql STABLE AS $$ SELECT s FROM connex.session s WHERE user_account_id = pg_temp.person() ORDER BY session_id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.enter() RETURNS text LANGUAGE sql AS $$
  SELECT connex.seal(pg_temp.person(), (pg_temp.session()).session_id, NULL, 'person', NULL, p_request_id => 'edge') $$;

-- --- what is audited ----------------------------------------------------------------------------------------------------
SELECT is(pg_temp.try(false), 'invalid', 'a wrong password fails');
SELECT is(pg_temp.audited(), 'log_in_failed 192.0.2.7', 'and is audited, with where it came from');
SELECT is(pg_temp.try(true), 'in', 'the right one logs in');
SELECT is(pg_temp.audited(), 'log_in_failed 192.0.2.7, log_in 192.0.2.7', 'and is audited too');

-- --- how long a session lasts -------------------------------------------------------------------------------------------
SELECT is((pg_temp.session()).ends_at, connex.now() + make_interval(hours => connex.setting_integer('session_hours')), 'a session ends after its hours, however busy it is');
SELECT pg_temp.at('10 minutes');
SELECT pg_temp.enter();
SELECT is(connex.session_extend(), connex.iso(connex.now() + make_interval(mins => connex.setting_integer('session_idle_minutes'))), 'SES-01: a session that is extended has its whole idle time again');
SELECT is((pg_temp.session()).last_seen_at, connex.now(), 'SES-01: and the session says so');
UPDATE connex.session SET ends_at = connex.now() + interval '1 minute', second_factor_at = connex.now() WHERE session_id = (pg_temp.session()).session_id;
SELECT is(connex.session_extend(), connex.iso(connex.now() + interval '1 minute'), 'but never more than its hours');
SELECT connex.seal(pg_temp.person(), 0, NULL, 'person', NULL, p_request_id => 'edge');
SELECT throws_ok('SELECT connex.session_extend()', 'CX401', 'log_in', 'a session that another request has ended is not extended: the person must log in');
SELECT pg_temp.enter();

-- --- what a change of password ends -------------------------------------------------------------------------------------
SELECT is(connex.session_next((pg_temp.session()).session_id), 'change_password', 'PWD-03: a temporary password must be changed first');
SELECT is((SELECT count(*)::int FROM connex.password_change_check('$argon2id$other')), 0, 'a wrong current password gives no salts');
SELECT is((SELECT in_a_row FROM connex.login_guard WHERE user_id = 'EDGE001'), 1, 'and counts like a failed log-in');
SELECT is((SELECT count(*)::int FROM connex.password_change_check('$argon2id$first')), 1, 'the right one gives the salts to compute with');
SELECT is(connex.password_change_finish('$argon2id$first', '{$argon2id$first}', '$argon2id$second'), NULL, 'PWD-04: the current one may not be used again');
SELECT is(connex.password_change_finish('$argon2id$first', '{}', '$argon2id$second'), 'home', 'PWD-03: the new one is not temporary');
SELECT throws_ok($$ SELECT connex.password_change_finish('$argon2id$first', '{}', '$argon2id$third') $$, 'CX409', 'changed_meanwhile', 'a password that was changed in the meantime is not changed again');
SELECT is((SELECT count(*)::int FROM connex.former_password WHERE user_account_id = pg_temp.person()), 1, 'PWD-04: the former one is kept');

-- --- what a change of address ends --------------------------------------------------------------------------------------
INSERT INTO connex.mailed_code (user_account_id, purpose, code_hash, expires_at) VALUES (pg_temp.person(), 'login', sha256('day'), connex.now() + interval '1 hour'),
  (pg_temp.person(), 'password', sha256('reset'), connex.now() + interval '1 hour');
INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email) VALUES ('EDGE003', 'Cy', 'Dee', 'billing', 'edge003@rules.example');
SELECT throws_ok($$ SELECT connex.email_set((SELECT u FROM connex.user_account u WHERE u.user_id = 'EDGE001'), 'Edge003@Rules.example') $$, 'CX422', 'taken', 'SHR-01: an address of another account is taken, in capitals too');
SELECT connex.email_set((SELECT u FROM connex.user_account u WHERE u.user_id = 'EDGE001'), 'edge002@rules.example');
SELECT is((SELECT count(*)::int FROM connex.mailed_code WHERE user_account_id = pg_temp.person()), 0, 'EML-02: codes that went to the former address are void');
SELECT is((SELECT email_verified_at FROM connex.user_account WHERE user_id = 'EDGE001'), NULL, 'EML-03: the new address must be verified');
SELECT is((SELECT to_address FROM connex.outbox WHERE kind = 'email_changed' AND user_account_id = pg_temp.person()), 'edge001@rules.example', 'and the former address is told');

SELECT * FROM finish();
ROLLBACK;
