-- The rules of accounts on both sides of their limits, to the second: LOCK, MFA, EML, FGT, PWD. The clock that the rules
-- read is moved, so nothing waits.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(69);

INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email, email_verified_at)
SELECT user_id, 'Ann', 'Bee', 'billing', user_id || '@account.example', connex.now() FROM (VALUES ('ACCT001'), ('ACCT002')) v (user_id);
INSERT INTO connex.credential (user_account_id, password_hash) SELECT user_account_id, '$argon2id$first' FROM connex.user_account WHERE user_id LIKE 'ACCT00_';
CREATE FUNCTION pg_temp.person(p text DEFAULT 'ACCT001') RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
-- The clock of the transaction stands still; `shift` moves it.
CREATE FUNCTION pg_temp.at(p interval) RETURNS void LANGUAGE sql AS $$ UPDATE connex.clock SET shift = p $$;
-- To a wall-clock time in the contractor's time zone.
CREATE FUNCTION pg_temp.at_local(p timestamp) RETURNS void LANGUAGE sql AS
$$ UPDATE connex.clock SET shift = (p AT TIME ZONE connex.setting_text('time_zone')) - transaction_timestamp() $$;
-- One try to log in, with the right password if p_right. Returns in, invalid, or locked.
CREATE FUNCTION pg_temp.try(p_right boolean, p_user text DEFAULT 'ACCT001') RETURNS text LANGUAGE sql AS $$
  SELECT outcome FROM connex.session_finish(p_user, CASE WHEN p_right THEN '$argon2id$first' END, '192.0.2.1', 'test', 'req') $$;
CREATE FUNCTION pg_temp.guard(p_user text DEFAULT 'ACCT001') RETURNS connex.login_guard LANGUAGE sql STABLE AS $$ SELECT g FROM connex.login_guard g WHERE user_id = p_user $$;

-- --- LOCK --------------------------------------------------------------------------------------------------------------
SELECT is(pg_temp.try(true), 'in', 'the right password logs in');
SELECT is((SELECT count(*)::int FROM connex.session WHERE user_account_id = pg_temp.person()), 1, 'and has a session');
SELECT is((SELECT outcome FROM connex.session_finish('ACCT001', '', '192.0.2.1', 'test', 'req')), 'locked', 'a lock that ended between the two steps of a log-in lasts a second more');
SELECT is((pg_temp.guard()).in_a_row, 0, 'and nothing is counted');
SELECT is(pg_temp.try(false), 'invalid', 'LOCK-01: the first failure');
SELECT is((SELECT in_a_row FROM connex.session_finish('ACCT001', '$argon2id$other', '192.0.2.1', 'test', 'req')), 2, 'LOCK-02: the second in a row is reported as such');
SELECT is(pg_temp.try(true), 'in', 'the right password clears the counters');
SELECT is((pg_temp.guard()).in_a_row + cardinality((pg_temp.guard()).failures), 0, 'LOCK-04: both of them');

SELECT pg_temp.at('1 day');              SELECT pg_temp.try(false);
SELECT pg_temp.at('1 day 60 minutes');   SELECT pg_temp.try(false);
SELECT pg_temp.at('1 day 121 minutes');
SELECT is(pg_temp.try(false), 'invalid', 'LOCK-03: T0, +60 and +121 minutes do not lock');
SELECT is(pg_temp.try(true), 'in', 'LOCK-03: so the right password logs in');
SELECT pg_temp.at('2 days');             SELECT pg_temp.try(false);
SELECT pg_temp.at('2 days 60 minutes');  SELECT pg_temp.try(false);
SELECT pg_temp.at('2 days 119 minutes');
SELECT is(pg_temp.try(false), 'locked', 'LOCK-03: T0, +60 and +119 minutes lock on the third');
SELECT pg_temp.at('2 days 134 minutes');
SELECT is(pg_temp.try(true), 'in', 'LOCK-04: the right password at +15:00 is accepted');

SELECT pg_temp.at('3 days');
SELECT pg_temp.try(false), pg_temp.try(false), pg_temp.try(false);
SELECT pg_temp.at('3 days 14 minutes 59 seconds');
SELECT is(pg_temp.try(true), 'locked', 'LOCK-04: the right password at +14:59 is refused');
SELECT is((pg_temp.guard()).locked_until, connex.now() + interval '180 minutes', 'LOCK-05: and extends the lock to 180 minutes from that try');
SELECT pg_temp.at('3 days 60 minutes');
SELECT pg_temp.try(true);
SELECT is((pg_temp.guard()).locked_until, connex.now() - interval '45 minutes 1 second' + interval '180 minutes', 'LOCK-05: a further try does not extend it');
SELECT pg_temp.at('3 days 194 minutes 58 seconds');
SELECT is(pg_temp.try(true), 'locked', 'LOCK-05: still locked one second before its end');
SELECT pg_temp.at('3 days 194 minutes 59 seconds');
SELECT is(pg_temp.try(true), 'in', 'LOCK-05: open at its end');

SELECT pg_temp.at('4 days');
SELECT is(ARRAY[pg_temp.try(false, 'NONE999'), pg_temp.try(false, 'NONE999'), pg_temp.try(false, 'NONE999'), pg_temp.try(false, 'NONE999')],
          ARRAY['invalid', 'invalid', 'locked', 'locked'], 'LOCK-06: an unknown user ID is locked the same way');
SELECT is((pg_temp.guard('NONE999')).locked_until, connex.now() + interval '180 minutes', 'LOCK-06: and for as long');
SELECT ok((SELECT locked FROM connex.session_begin('NONE999')), 'LOCK-06: and is seen as locked before anything is hashed');
SELECT matches((SELECT salt FROM connex.session_begin('NONE999')), '^\$argon2id\$v=19\$m=[0-9]+,t=[0-9]+,p=[0-9]+\$[A-Za-z0-9+/]{22}$', 'LOCK-06: an unknown user ID has a salt like any other');
SELECT is((SELECT salt FROM connex.session_begin('NONE999')), (SELECT salt FROM connex.session_begin('NONE999')), 'LOCK-06: always the same one');
SELECT isnt((SELECT salt FROM connex.session_begin('NONE999')), (SELECT salt FROM connex.session_begin('NONE998')), 'LOCK-06: and of its own');
UPDATE connex.credential SET password_hash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn' WHERE user_account_id = pg_temp.person('ACCT002');
SELECT is((SELECT salt FROM connex.session_begin('ACCT002')), '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA', 'a worker gets the salt and never the tag');
SELECT connex.session_rehash('ACCT002', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$d3Jvbmc', '$argon2id$planted');
SELECT is((SELECT password_hash FROM connex.credential WHERE user_account_id = pg_temp.person('ACCT002')), '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn', 'who does not know the tag stores no other one');
SELECT connex.session_rehash('ACCT002', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn', '$argon2id$first');
SELECT is((SELECT password_hash FROM connex.credential WHERE user_account_id = pg_temp.person('ACCT002')), '$argon2id$first', 'a password that was right is stored with the new cost');
SELECT is(pg_temp.try(true, 'ACCT002'), 'in', 'a lock does not affect another person');
UPDATE connex.credential SET password_hash = '$argon2id$changed' WHERE user_account_id = pg_temp.person('ACCT002');
SELECT is(pg_temp.try(true, 'ACCT002'), 'invalid', 'a password that was changed between the two steps of a log-in does not log in');

-- --- mailed codes ------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.expires(p_purpose text) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT expires_at FROM connex.mailed_code WHERE user_account_id = pg_temp.person() AND purpose = p_purpose $$;
-- Nobody but the person who reads the mail knows a code, so the tests read it there and call it by a name.
CREATE TEMP TABLE made (name text PRIMARY KEY, code text);
CREATE FUNCTION pg_temp.code(p_purpose text, p_code text DEFAULT 'right') RETURNS text LANGUAGE sql AS
$$ SELECT connex.code_compare(pg_temp.person(), p_purpose, 'pepper', coalesce((SELECT m.code FROM made m WHERE m.name = p_code), p_code)) $$;
CREATE FUNCTION pg_temp.keep(p_purpose text, p_name text) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE
  expires timestamptz := connex.code_keep(pg_temp.person(), p_purpose, 'pepper');
BEGIN
  INSERT INTO made SELECT p_name, substring(o.body FROM '\m[0-9]{4,10}\M') FROM connex.outbox o
   WHERE o.user_account_id = pg_temp.person() AND o.holds_secret ORDER BY o.outbox_id DESC LIMIT 1
      ON CONFLICT (name) DO UPDATE SET code = excluded.code;
  RETURN expires;
END $$;
UPDATE connex.setting SET value = 'America/New_York' WHERE name = 'time_zone';
SELECT pg_temp.at_local('2026-07-01 09:00:00');
SELECT pg_temp.keep('login', 'right');
SELECT pg_temp.at_local('2026-07-01 23:58:00');
SELECT is(pg_temp.code('login'), 'right', 'MFA-02: a code sent at 09:00 works at 23:58');
SELECT pg_temp.at_local('2026-07-01 23:59:59');
SELECT is(pg_temp.code('login'), 'right', 'MFA-02: and at 23:59:59');
SELECT pg_temp.at_local('2026-07-02 00:00:00');
SELECT is(pg_temp.code('login'), 'void', 'MFA-02: and fails at 00:00:00 of the next day');
SELECT pg_temp.at_local('2026-03-08 01:00:00');
SELECT is(pg_temp.keep('login', 'right'), '2026-03-09 00:00:00-04'::timestamptz, 'MFA-02: the day when the clocks go forward has 23 hours');
SELECT pg_temp.at_local('2026-11-01 00:30:00');
SELECT is(pg_temp.keep('login', 'right'), '2026-11-02 00:00:00-05'::timestamptz, 'MFA-02: the day when they go back has 25');
SELECT is(pg_temp.code('login', 'w1') || pg_temp.code('login', 'w2') || pg_temp.code('login', 'w3') || pg_temp.code('login', 'w4'), 'wrongwrongwrongwrong', 'MFA-07: four wrong ones');
SELECT is(pg_temp.code('login'), 'right', 'MFA-07: the right one after four is right');
SELECT is(pg_temp.code('login', 'w5'), 'void', 'MFA-07: the fifth wrong one ends it');
SELECT is(pg_temp.code('login'), 'void', 'MFA-07: for the right one too');
SELECT pg_temp.keep('login', 'newer');
SELECT is(pg_temp.code('login'), 'wrong', 'MFA-04: the older code is void once another was sent');
SELECT is(pg_temp.code('login', 'newer'), 'right', 'MFA-04: the newer one works');
SELECT is(connex.code_compare(pg_temp.person('ACCT002'), 'login', 'pepper', (SELECT code FROM made WHERE name = 'newer')), 'void', 'MFA-06: but not for another person');
SELECT is(pg_temp.code('password', 'newer'), 'void', 'a code for one purpose does not work for another');
SELECT pg_temp.keep('password', 'right');
SELECT is(pg_temp.expires('password'), connex.now() + interval '15 minutes', 'FGT-03: a reset code is good for 15 minutes');
SELECT pg_temp.keep('email', 'right');
SELECT is(pg_temp.expires('email'), connex.now() + interval '24 hours', 'EML-01: a verification code is good for a day');
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE user_account_id = pg_temp.person() AND holds_secret AND body ~ '\m[0-9]{6}\M'), 6, 'each code was mailed, and its mail is marked as holding a secret');

SELECT is((SELECT length(code) FROM made WHERE name = 'newer'), 6, 'MFA-07: six digits by default');
SELECT is(connex.code_compare(pg_temp.person(), 'login', 'another pepper', (SELECT code FROM made WHERE name = 'newer')), 'wrong', 'a code is kept under the workers'' key');
UPDATE connex.setting SET value = '4' WHERE name = 'security_code_digits';
SELECT pg_temp.keep('login', 'four digits');
SELECT is((SELECT length(code) FROM made WHERE name = 'four digits'), 4, 'MFA-07: the setting says how many (EML-01 of 2023: four)');
UPDATE connex.setting SET value = '6' WHERE name = 'security_code_digits';

-- --- passwords ---------------------------------------------------------------------------------------------------------
SELECT pg_temp.at('0');
CREATE FUNCTION pg_temp.due(p_changed_at timestamptz, p_temporary boolean) RETURNS boolean LANGUAGE sql AS $$
  SELECT connex.password_due(p_changed_at, p_temporary, connex.setting_integer('password_max_days'), connex.now()) $$;
SELECT ok(NOT pg_temp.due(((connex.today() - 60)::timestamp) AT TIME ZONE connex.setting_text('time_zone'), false), 'PWD-01: day 60 is good');
SELECT ok(pg_temp.due(((connex.today() - 61)::timestamp + interval '23:59:59') AT TIME ZONE connex.setting_text('time_zone'), false), 'PWD-01: day 61 is not');
SELECT ok(pg_temp.due(connex.now(), true), 'PWD-03: a temporary one is due at once');
UPDATE connex.setting SET value = '0' WHERE name = 'password_max_days';
SELECT ok(NOT pg_temp.due(connex.now() - interval '10 years', false), 'password_max_days 0 means never');
SELECT pg_temp.at(make_interval(mins => i)), connex.password_set(pg_temp.person(), '$argon2id$n' || i, NULL) FROM generate_series(1, 15) i;
SELECT is((SELECT count(*)::int FROM connex.former_password WHERE user_account_id = pg_temp.person()), 12, 'PWD-04: twelve former passwords are kept');
SELECT ok(connex.password_used_before(pg_temp.person(), '{$argon2id$x,$argon2id$n15}'), 'PWD-04: the current one may not be used again either');
SELECT ok(connex.password_used_before(pg_temp.person(), '{$argon2id$n3}'), 'PWD-04: nor the twelfth before it');
SELECT ok(NOT connex.password_used_before(pg_temp.person(), '{$argon2id$n2}'), 'PWD-04: the oldest go first');
SELECT is((SELECT count(*)::int FROM connex.password_history(pg_temp.person()) h WHERE h::text ~ '[$]n[0-9]'), 0, 'a worker gets their salts and no tag');
SELECT is((SELECT count(*)::int FROM connex.session WHERE user_account_id = pg_temp.person()), 0, 'a new password ends the sessions');
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE user_account_id = pg_temp.person() AND kind = 'password_changed'), 15, 'and the person is told by mail');

-- --- recovery ----------------------------------------------------------------------------------------------------------
SELECT pg_temp.keep('password', 'right');
SELECT is((SELECT count(*)::int FROM connex.recovery_begin('ACCT001', 'pepper', 'wrong', 'req', '192.0.2.1')), 0, 'FGT-03: a wrong code gives nothing');
SELECT is((SELECT count(*)::int FROM connex.recovery_begin('ACCT001', 'pepper', (SELECT code FROM made WHERE name = 'right'), 'req', '192.0.2.1')), 13, 'FGT-03: the right one gives the salts of the earlier passwords');
SELECT pg_temp.try(false), pg_temp.try(false), pg_temp.try(false);
SELECT is(connex.recovery_finish('ACCT001', 'pepper', (SELECT code FROM made WHERE name = 'right'), '{$argon2id$n15}', '$argon2id$fresh', 'req', '192.0.2.1'), 'used_before', 'PWD-04: a recovered password may not be an earlier one');
SELECT is(connex.recovery_finish('ACCT001', 'pepper', (SELECT code FROM made WHERE name = 'right'), '{}', '$argon2id$fresh', 'req', '192.0.2.1'), 'done', 'LOCK-07: a locked account can be given a new password');
SELECT is((pg_temp.guard()).locked_until, NULL, 'LOCK-07: and is then open');
SELECT is(connex.recovery_finish('ACCT001', 'pepper', (SELECT code FROM made WHERE name = 'right'), '{}', '$argon2id$again', 'req', '192.0.2.1'), 'wrong_code', 'FGT-03: a code is used once');
SELECT is(connex.recovery_finish('NONE999', 'pepper', (SELECT code FROM made WHERE name = 'right'), '{}', '$argon2id$again', 'req', '192.0.2.1'), 'wrong_code', 'FGT-02: an unknown user ID has no code');

-- --- mail --------------------------------------------------------------------------------------------------------------
SELECT is_empty($$ SELECT name FROM connex.mail_template WHERE body ~* '\{(csn|access_code|mbi|patient|beneficiary|tin)' $$, 'no mail names a CSN, an access code or a patient');
SELECT connex.send_mail('forgotten_user_id', NULL, 'x@account.example', jsonb_build_object('first_name', E'Ann\r\nBcc: other@account.example', 'user_id', 'ACCT001'));
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE to_address = 'x@account.example' AND subject ~ '[\r\n]'), 0, 'a subject holds no line break');

-- --- people who do not exist -------------------------------------------------------------------------------------------
SELECT lives_ok($$ SELECT connex.recovery_code_send('NONE999', 'pepper', 'req', '192.0.2.1'), connex.recovery_user_id('none@nowhere.example', 'req', '192.0.2.1') $$,
  'FGT-01, FGT-02: an unknown user ID and address do the same work');
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE to_address = 'nobody') + (SELECT count(*)::int FROM connex.login_guard WHERE user_id LIKE 'nobody%'), 0, 'and leave nothing');

SELECT * FROM finish();
ROLLBACK;
