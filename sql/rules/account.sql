-- What an account may do and when: log in and its locks, mailed codes, passwords, registration, profile. Every function
-- here is the only way to write its tables, and checks for itself who calls. Re-created on every migrate.
-- Rules are cited by their ids (LOCK-03 ...); the numbers behind them are settings.
-- SPDX-License-Identifier: Apache-2.0

-- Raises what a person must see: p_status is the HTTP status, p_code the stable word, p_hint the field (422) or seconds (429).
CREATE OR REPLACE FUNCTION connex.refuse(p_status integer, p_code text, p_detail text, p_hint text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
BEGIN
  IF p_hint IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'CX' || p_status, MESSAGE = p_code, DETAIL = p_detail;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'CX' || p_status, MESSAGE = p_code, DETAIL = p_detail, HINT = p_hint;
END
$$;

-- The audit row of somebody who has not entered (log in, registration, recovery): p_user_account_id may be null, and the
-- user ID that was typed is kept nowhere when it is unknown (it may be a password in the wrong box).
CREATE OR REPLACE FUNCTION connex.audit_outside(p_action text, p_user_account_id bigint, p_request_id text, p_address inet) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = audit, pg_temp AS $$
  INSERT INTO audit.event (request_id, user_account_id, address, action, subject_kind, subject_id)
  VALUES (p_request_id, p_user_account_id, p_address, p_action,
          CASE WHEN p_user_account_id IS NOT NULL THEN 'user_account' END, p_user_account_id)
$$;

-- An instant as a person reads it in a mail.
CREATE OR REPLACE FUNCTION connex.spoken_instant(p_at timestamptz, p_time_zone text) RETURNS text
  LANGUAGE sql STABLE SET search_path = connex, pg_temp
  RETURN to_char(p_at AT TIME ZONE p_time_zone, 'FMMonth FMDD, YYYY, FMHH12:MI AM') || ' (' || p_time_zone || ')';

-- PWD-01: day 60 is still good, day 61 is not; PWD-03: a temporary one changes at first use.
CREATE OR REPLACE FUNCTION connex.password_due(p_changed_at timestamptz, p_temporary boolean) RETURNS boolean
  LANGUAGE plpgsql STABLE AS $$
DECLARE
  days integer := (SELECT value::integer FROM connex.setting WHERE name = 'password_max_days');
BEGIN
  -- The second condition spares the calendar where not even the hours suffice.
  RETURN p_temporary OR (days > 0 AND connex.now() > p_changed_at + make_interval(days => days)
    AND connex.today() - (p_changed_at AT TIME ZONE connex.setting_text('time_zone'))::date > days);
END
$$;

-- What the entered session owes next, in the order in which connex.enter() asks: verify_email, security_code, change_password, home.
CREATE OR REPLACE FUNCTION connex.session_next(p_session_id bigint) RETURNS text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (SELECT CASE WHEN u.email_verified_at IS NULL THEN 'verify_email'
                      WHEN s.second_factor_at IS NULL THEN 'security_code'
                      WHEN password_due(c.changed_at, c.temporary) THEN 'change_password'
                      ELSE 'home' END
            FROM session s JOIN user_account u USING (user_account_id) JOIN credential c USING (user_account_id)
           WHERE s.session_id = p_session_id);
END
$$;

-- True while a session owes nothing but, perhaps, a new password: for functions that are called with the right "step".
CREATE OR REPLACE FUNCTION connex.demand_second_factor() RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  IF connex.session_next(nullif(current_setting('connex.session_id', true), '')::bigint) IN ('verify_email', 'security_code') THEN
    PERFORM refuse(403, 'security_code', 'Enter the security code first.');
  END IF;
END
$$;

-- A person in a complete session, not a token: for functions that change who may do what. connex.enter() has seen to it;
-- this holds even when a route is declared wrongly.
CREATE OR REPLACE FUNCTION connex.demand_person() RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = connex, pg_temp AS $$
BEGIN
  IF entered_user() IS NULL OR entered_token() IS NOT NULL OR entered_right() NOT IN ('person', 'lso', 'analyst') THEN
    PERFORM refuse(403, 'not_by_token', 'This can be done by a person at the portal, not with a token.');
  END IF;
END
$$;

-- --- log in --------------------------------------------------------------------------------------------------------------

-- First look: the hash to verify against (null for an unknown ID: a dummy is verified, LOCK-06), whether it is locked
-- (then nothing is hashed, known or not), and the parameters a new hash must have.
CREATE OR REPLACE FUNCTION connex.session_begin(p_user_id text)
  RETURNS TABLE (password_hash text, locked boolean, memory_kib integer, passes integer, lanes integer)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT (SELECT c.password_hash FROM credential c JOIN user_account u USING (user_account_id) WHERE u.user_id = p_user_id),
         coalesce((SELECT g.locked_until > connex.now() FROM login_guard g WHERE g.user_id = p_user_id), false),
         setting_integer('argon2_memory_kib'), setting_integer('argon2_passes'), setting_integer('argon2_lanes');
END
$$;

-- The guard row of a user ID, known or not, locked for this transaction: the third of any mix of parallel tries is seen as the third.
CREATE OR REPLACE FUNCTION connex.login_guard_of(p_user_id text) RETURNS login_guard
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  guard login_guard;
BEGIN
  INSERT INTO login_guard (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
  SELECT * INTO guard FROM login_guard g WHERE g.user_id = p_user_id FOR UPDATE;
  RETURN guard;
END
$$;

-- Counts a failure. Three within a sliding two hours lock for 15 minutes (LOCK-03, LOCK-04); a try while locked makes it
-- 180 minutes from that try, once (LOCK-05). Returns the guard row as it then is.
CREATE OR REPLACE FUNCTION connex.login_failed(p_user_id text) RETURNS login_guard
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  at_now timestamptz := connex.now();
  guard login_guard := login_guard_of(p_user_id);
BEGIN
  IF guard.locked_until > at_now THEN
    IF NOT guard.long_lock THEN
      guard.long_lock := true;
      guard.locked_until := at_now + make_interval(mins => setting_integer('login_long_lock_minutes'));
    END IF;
  ELSE
    SELECT coalesce(array_agg(f ORDER BY f), '{}') || at_now INTO guard.failures
      FROM unnest(guard.failures) f WHERE f >= at_now - make_interval(mins => setting_integer('login_window_minutes'));
    guard.in_a_row := guard.in_a_row + 1;
    guard.long_lock := false;
    guard.locked_until := NULL;
    IF cardinality(guard.failures) >= setting_integer('login_failures') THEN
      guard.locked_until := at_now + make_interval(mins => setting_integer('login_lock_minutes'));
    END IF;
  END IF;
  UPDATE login_guard g SET failures = guard.failures, in_a_row = guard.in_a_row, locked_until = guard.locked_until, long_lock = guard.long_lock
   WHERE g.user_id = p_user_id;
  UPDATE user_account u SET failures_since_login = failures_since_login + 1 WHERE u.user_id = p_user_id;   -- AC-9
  RETURN guard;
END
$$;

CREATE OR REPLACE FUNCTION connex.login_cleared(p_user_id text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  UPDATE login_guard SET failures = '{}', in_a_row = 0, locked_until = NULL, long_lock = false WHERE user_id = p_user_id
$$;

-- Second and last step of a log-in. p_verified_hash: the hash that the typed password matched, null when it matched none;
-- it must still be the account's. Empty when the password was not looked at because session_begin() saw a lock: should the
-- lock have ended since, the person waits a second more and nothing is counted. p_new_hash: the same password hashed with newer parameters, or null.
-- outcome: in | invalid | locked | suspended. Never raises for a wrong password, so that the failure is kept.
CREATE OR REPLACE FUNCTION connex.session_finish(p_user_id text, p_verified_hash text, p_new_hash text, p_secret_hash bytea,
                                                 p_address inet, p_user_agent text, p_request_id text)
  RETURNS TABLE (outcome text, next text, in_a_row integer, wait_seconds integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  at_now timestamptz := connex.now();
  guard login_guard := login_guard_of(p_user_id);
  who record;
  made bigint;
  matched boolean;
BEGIN
  SELECT u.user_account_id, u.status, c.password_hash INTO who
    FROM user_account u JOIN credential c USING (user_account_id) WHERE u.user_id = p_user_id;
  matched := FOUND AND coalesce(who.password_hash = p_verified_hash, false);
  IF p_verified_hash = '' AND coalesce(guard.locked_until <= at_now, true) THEN
    RETURN QUERY SELECT 'locked', NULL::text, guard.in_a_row, 1;
    RETURN;
  END IF;
  IF guard.locked_until > at_now OR NOT matched THEN
    guard := login_failed(p_user_id);
    PERFORM audit_outside(CASE WHEN guard.locked_until > at_now THEN 'log_in_locked' ELSE 'log_in_failed' END, who.user_account_id, p_request_id, p_address);
    RETURN QUERY SELECT CASE WHEN guard.locked_until > at_now THEN 'locked' ELSE 'invalid' END, NULL::text, guard.in_a_row,
                        ceil(extract(epoch FROM guard.locked_until - at_now))::integer;
    RETURN;
  END IF;
  IF who.status <> 'active' THEN
    PERFORM audit_outside('log_in_suspended', who.user_account_id, p_request_id, p_address);
    RETURN QUERY SELECT 'suspended', NULL::text, 0, NULL::integer;
    RETURN;
  END IF;
  PERFORM login_cleared(p_user_id);
  IF p_new_hash IS NOT NULL THEN
    UPDATE credential c SET password_hash = p_new_hash WHERE c.user_account_id = who.user_account_id;
  END IF;
  INSERT INTO session (secret_hash, user_account_id, ends_at, address, user_agent)
  VALUES (p_secret_hash, who.user_account_id, at_now + make_interval(hours => setting_integer('session_hours')), p_address, p_user_agent)
  RETURNING session_id INTO made;
  PERFORM audit_outside('log_in', who.user_account_id, p_request_id, p_address);
  RETURN QUERY SELECT 'in', session_next(made), 0, NULL::integer;
END
$$;

-- Log out: ends the entered session. What an ended session owed does not matter.
CREATE OR REPLACE FUNCTION connex.session_end() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM audit.record('log_out', 'user_account', entered_user());
  DELETE FROM session WHERE session_id = nullif(current_setting('connex.session_id', true), '')::bigint;
END
$$;

-- The person asked to stay (SES-01): counts as activity at once, not only every 30 seconds.
CREATE OR REPLACE FUNCTION connex.session_extend() RETURNS text
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  UPDATE session SET last_seen_at = connex.now() WHERE session_id = nullif(current_setting('connex.session_id', true), '')::bigint
  RETURNING connex.iso(least(last_seen_at + make_interval(mins => setting_integer('session_idle_minutes')), ends_at))
$$;

-- What only the session's own row and its secrets' neighbours know; the rest of GET /session is a plain SELECT.
CREATE OR REPLACE FUNCTION connex.session_state()
  RETURNS TABLE (next text, expires_at text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT CASE WHEN u.email_verified_at IS NULL THEN 'verify_email'
              WHEN s.second_factor_at IS NULL THEN 'security_code'
              WHEN password_due(c.changed_at, c.temporary) THEN 'change_password'
              ELSE 'home' END,
         connex.iso(least(s.last_seen_at + make_interval(mins => setting_integer('session_idle_minutes')), s.ends_at))
    FROM session s JOIN user_account u USING (user_account_id) JOIN credential c USING (user_account_id)
   WHERE s.session_id = nullif(current_setting('connex.session_id', true), '')::bigint;
END
$$;

-- --- mailed codes --------------------------------------------------------------------------------------------------------

-- Keeps and mails a new code; the one before it is void at once (MFA-04, EML-02). The code itself stands only in the
-- outbox, which is wiped when the mail has left. p_code comes with ten digits, of which the setting says how many are used
-- (MFA-07), and p_code_hash holds the HMACs of its first four, five ... ten, 32 bytes each, with a key that the database never
-- sees: so one round trip is enough.
CREATE OR REPLACE FUNCTION connex.code_keep(p_user_account_id bigint, p_purpose text, p_code text, p_code_hash bytea) RETURNS timestamptz
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  at_now timestamptz := connex.now();
  digits integer := least(greatest(setting_integer('security_code_digits'), 4), 10);
  who user_account;
  expires timestamptz;
BEGIN
  SELECT * INTO STRICT who FROM user_account u WHERE u.user_account_id = p_user_account_id;
  expires := CASE p_purpose
    WHEN 'login' THEN (connex.today() + 1)::timestamp AT TIME ZONE setting_text('time_zone')               -- MFA-02: through 23:59:59
    WHEN 'email' THEN at_now + make_interval(hours => setting_integer('email_code_hours'))
    ELSE at_now + make_interval(mins => setting_integer('recovery_code_minutes')) END;                     -- FGT-03
  INSERT INTO mailed_code (user_account_id, purpose, code_hash, sent_at, expires_at)
  VALUES (p_user_account_id, p_purpose, substring(p_code_hash FROM 1 + 32 * (digits - 4) FOR 32), at_now, expires)
  ON CONFLICT (user_account_id, purpose) DO UPDATE
    SET code_hash = excluded.code_hash, sent_at = excluded.sent_at, expires_at = excluded.expires_at, wrong_tries = 0, used_at = NULL;
  INSERT INTO mailed_code_count (user_account_id, purpose, sent_at) VALUES (p_user_account_id, p_purpose, at_now);
  PERFORM send_mail(CASE p_purpose WHEN 'login' THEN 'security_code' WHEN 'email' THEN 'email_confirmation' ELSE 'password_code' END,
    p_user_account_id, who.email,
    jsonb_build_object('first_name', who.first_name, 'code', left(p_code, digits), 'minutes', setting_integer('recovery_code_minutes'),
                       'hours', setting_integer('email_code_hours')));
  RETURN expires;
END
$$;

-- j***@example.org: enough to know one's own address by, on a page that shows it before the log-in is complete.
CREATE OR REPLACE FUNCTION connex.hidden_email(p_email text) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = connex, pg_temp
  RETURN left(p_email, 1) || '***' || substring(p_email FROM '@[^@]*$');

-- Codes of one purpose mailed to one account in the last hour, counted behind a lock so that parallel requests are seen.
CREATE OR REPLACE FUNCTION connex.codes_in_hour(p_user_account_id bigint, p_purpose text) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('connex.mailed_code'), p_user_account_id::integer);
  RETURN (SELECT count(*) FROM mailed_code_count c
           WHERE c.user_account_id = p_user_account_id AND c.purpose = p_purpose AND c.sent_at > connex.now() - interval '1 hour');
END
$$;

-- POST of "send me a code" by a session that owes it. p_email: another address than the one on file (EML-02), or null;
-- the code of the former address is void, since there is one code for one purpose.
CREATE OR REPLACE FUNCTION connex.code_send(p_purpose text, p_code text, p_code_hash bytea, p_email text)
  RETURNS TABLE (sent_to text, expires_at text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who user_account;
  expires timestamptz;
BEGIN
  SELECT * INTO STRICT who FROM user_account u WHERE u.user_account_id = entered_user() FOR UPDATE;
  IF p_purpose = 'email' AND who.email_verified_at IS NOT NULL THEN                                                     -- EML-03
    PERFORM refuse(409, 'email_verified', 'Your e-mail address is verified already.');
  ELSIF p_purpose = 'login' AND who.email_verified_at IS NULL THEN                                         -- EML-01
    PERFORM refuse(403, 'verify_email', 'Verify your e-mail address first.');
  ELSIF p_purpose NOT IN ('email', 'login') THEN
    PERFORM refuse(422, 'choice', 'There is no such code.');
  END IF;
  IF codes_in_hour(entered_user(), p_purpose) >= setting_integer('security_codes_per_hour') THEN
    PERFORM refuse(429, 'too_many_codes', 'Too many codes were mailed within an hour. Use the newest one, or wait and try again.', '600');
  END IF;
  IF p_purpose = 'email' AND lower(p_email) <> lower(who.email) THEN
    -- EML-02 is for the first log-in. Later, whoever has only the password must not turn the codes to himself.
    IF who.last_login_at IS NOT NULL AND NOT EXISTS (
         SELECT FROM session s WHERE s.session_id = nullif(current_setting('connex.session_id', true), '')::bigint AND s.second_factor_at IS NOT NULL) THEN
      PERFORM refuse(403, 'address_stands',
        'Your e-mail address was changed and waits to be verified: the code goes to the new address. If that address is wrong, ask the contractor''s help desk to correct it.');
    END IF;
    PERFORM email_set(who, p_email);
  END IF;
  expires := code_keep(entered_user(), p_purpose, p_code, p_code_hash);
  PERFORM audit.record(CASE p_purpose WHEN 'email' THEN 'email_code_send' ELSE 'security_code_send' END, 'user_account', entered_user());
  RETURN QUERY SELECT hidden_email(coalesce(CASE p_purpose WHEN 'email' THEN p_email END, who.email)), connex.iso(expires);
END
$$;

-- Compares a code and counts a wrong try (five end it, in any mix of parallel tries: the row is locked). right | wrong | void.
CREATE OR REPLACE FUNCTION connex.code_compare(p_user_account_id bigint, p_purpose text, p_code_hash bytea) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  kept mailed_code;
BEGIN
  SELECT * INTO kept FROM mailed_code m WHERE m.user_account_id = p_user_account_id AND m.purpose = p_purpose FOR UPDATE;
  IF NOT FOUND OR kept.used_at IS NOT NULL OR connex.now() >= kept.expires_at                              -- MFA-02, FGT-03
     OR kept.wrong_tries >= setting_integer('security_code_tries') THEN                                    -- MFA-07
    RETURN 'void';
  ELSIF kept.code_hash = p_code_hash THEN
    RETURN 'right';
  END IF;
  UPDATE mailed_code m SET wrong_tries = wrong_tries + 1 WHERE m.user_account_id = p_user_account_id AND m.purpose = p_purpose;
  RETURN CASE WHEN kept.wrong_tries + 1 >= setting_integer('security_code_tries') THEN 'void' ELSE 'wrong' END;
END
$$;

-- A code typed by a session. right: the e-mail is verified, or the log-in is complete (then the session goes on under
-- p_new_secret_hash: what was seen before the second factor is worth nothing after it). Does not raise: the try is kept.
CREATE OR REPLACE FUNCTION connex.code_check(p_purpose text, p_code_hash bytea, p_new_secret_hash bytea)
  RETURNS TABLE (outcome text, next text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  this_session bigint := nullif(current_setting('connex.session_id', true), '')::bigint;
  verified timestamptz;
  found_out text;
BEGIN
  -- The person's row is locked first, as code_send() does: two that meet wait for each other instead of dying.
  SELECT u.email_verified_at INTO STRICT verified FROM user_account u WHERE u.user_account_id = entered_user() FOR UPDATE;
  IF p_purpose NOT IN ('email', 'login') THEN
    PERFORM refuse(422, 'choice', 'There is no such code.');
  ELSIF p_purpose = 'email' AND verified IS NOT NULL THEN
    PERFORM refuse(409, 'email_verified', 'Your e-mail address is verified already.');
  ELSIF p_purpose = 'login' AND verified IS NULL THEN
    PERFORM refuse(403, 'verify_email', 'Verify your e-mail address first.');
  END IF;
  found_out := code_compare(entered_user(), p_purpose, p_code_hash);                                       -- MFA-06: the person's own
  IF found_out = 'right' AND p_purpose = 'email' THEN
    UPDATE mailed_code m SET used_at = connex.now() WHERE m.user_account_id = entered_user() AND m.purpose = 'email';
    UPDATE user_account u SET email_verified_at = connex.now(), version = version + 1 WHERE u.user_account_id = entered_user();
  ELSIF found_out = 'right' THEN                                                                           -- MFA-03: good again today
    UPDATE session s SET second_factor_at = connex.now(), secret_hash = p_new_secret_hash WHERE s.session_id = this_session;
    UPDATE user_account u SET previous_login_at = last_login_at, last_login_at = connex.now(),             -- AC-9
           previous_failures = failures_since_login, failures_since_login = 0
     WHERE u.user_account_id = entered_user();
  END IF;
  PERFORM audit.record(CASE p_purpose WHEN 'email' THEN 'email_verify' ELSE 'security_code' END || CASE found_out WHEN 'right' THEN '' ELSE '_failed' END,
                       'user_account', entered_user());
  RETURN QUERY SELECT found_out, session_next(this_session);
END
$$;

-- A changed address is verified anew (EML-03); its former code is void and, where it was in use, the former address is told.
CREATE OR REPLACE FUNCTION connex.email_set(p_who user_account, p_email text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM user_account u WHERE lower(u.email) = lower(p_email) AND u.user_account_id <> p_who.user_account_id) THEN   -- SHR-01
    PERFORM refuse(422, 'taken', 'Another account uses this e-mail address. Every person has an account and an address of their own.', 'email');
  END IF;
  IF p_who.email_verified_at IS NOT NULL THEN
    PERFORM send_mail('email_changed', p_who.user_account_id, p_who.email,
      jsonb_build_object('first_name', p_who.first_name, 'at', spoken_instant(connex.now(), p_who.time_zone)));
  END IF;
  DELETE FROM mailed_code m WHERE m.user_account_id = p_who.user_account_id;
  UPDATE user_account u SET email = p_email, email_verified_at = NULL, version = version + 1 WHERE u.user_account_id = p_who.user_account_id;
  PERFORM audit.record('email_change', 'user_account', p_who.user_account_id);
END
$$;

-- --- passwords -----------------------------------------------------------------------------------------------------------

-- Sets a password: the former one is kept as long as the history asks (PWD-04), other sessions end, the person is told.
CREATE OR REPLACE FUNCTION connex.password_set(p_user_account_id bigint, p_new_hash text, p_keep_session bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  at_now timestamptz := connex.now();
  who user_account;
BEGIN
  SELECT * INTO STRICT who FROM user_account u WHERE u.user_account_id = p_user_account_id;
  INSERT INTO former_password (user_account_id, replaced_at, password_hash)
  SELECT c.user_account_id, at_now, c.password_hash FROM credential c WHERE c.user_account_id = p_user_account_id;
  DELETE FROM former_password f WHERE f.user_account_id = p_user_account_id
     AND f.ctid NOT IN (SELECT k.ctid FROM former_password k WHERE k.user_account_id = p_user_account_id
                         ORDER BY k.replaced_at DESC LIMIT setting_integer('password_history'));
  UPDATE credential c SET password_hash = p_new_hash, changed_at = at_now, temporary = false WHERE c.user_account_id = p_user_account_id;
  DELETE FROM session s WHERE s.user_account_id = p_user_account_id AND s.session_id IS DISTINCT FROM p_keep_session;
  PERFORM send_mail('password_changed', p_user_account_id, who.email,
    jsonb_build_object('first_name', who.first_name, 'at', spoken_instant(at_now, who.time_zone)));
END
$$;

-- The hashes that a new password may not match, newest first (the present one is `present`), and what it may not contain.
CREATE OR REPLACE FUNCTION connex.password_history(p_user_account_id bigint)
  RETURNS TABLE (present boolean, password_hash text, user_id text, first_name text, last_name text, email text, min_length integer, memory_kib integer, passes integer, lanes integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT h.present, h.password_hash, u.user_id, u.first_name, u.last_name, u.email, setting_integer('password_min_length'),
         setting_integer('argon2_memory_kib'), setting_integer('argon2_passes'), setting_integer('argon2_lanes')
    FROM user_account u,
         LATERAL (SELECT true AS present, c.password_hash, NULL::timestamptz AS replaced_at FROM credential c WHERE c.user_account_id = u.user_account_id
                  UNION ALL
                  (SELECT false, f.password_hash, f.replaced_at FROM former_password f WHERE f.user_account_id = u.user_account_id
                    ORDER BY f.replaced_at DESC LIMIT setting_integer('password_history'))) h
   WHERE u.user_account_id = p_user_account_id
   ORDER BY h.present DESC, h.replaced_at DESC
$$;

-- Change by a person who is logged in (right "step": an expired password is changed before anything else opens).
CREATE OR REPLACE FUNCTION connex.password_change_begin()
  RETURNS TABLE (present boolean, password_hash text, user_id text, first_name text, last_name text, email text, min_length integer, memory_kib integer, passes integer, lanes integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  guard login_guard;
BEGIN
  PERFORM demand_second_factor();
  SELECT g.* INTO guard FROM login_guard g JOIN user_account u ON u.user_id = g.user_id WHERE u.user_account_id = entered_user();
  IF guard.locked_until > connex.now() THEN
    PERFORM refuse(429, 'locked', 'Too many wrong passwords. Wait, or use "Can''t log in" to set a new one by a mailed code.',
                   ceil(extract(epoch FROM guard.locked_until - connex.now()))::integer::text);
  END IF;
  RETURN QUERY SELECT * FROM password_history(entered_user());
END
$$;

-- The present password was typed wrong: counts like a failed log-in, so that a stolen session cannot guess.
CREATE OR REPLACE FUNCTION connex.password_change_failed() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM login_failed((SELECT u.user_id FROM user_account u WHERE u.user_account_id = entered_user()));
  PERFORM audit.record('password_change_failed', 'user_account', entered_user());
END
$$;

CREATE OR REPLACE FUNCTION connex.password_change_finish(p_verified_hash text, p_new_hash text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  this_session bigint := nullif(current_setting('connex.session_id', true), '')::bigint;
BEGIN
  PERFORM demand_second_factor();
  PERFORM FROM credential c WHERE c.user_account_id = entered_user() AND c.password_hash = p_verified_hash FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse(409, 'changed_meanwhile', 'The password was changed meanwhile. Log in again.');
  END IF;
  PERFORM password_set(entered_user(), p_new_hash, this_session);
  PERFORM audit.record('password_change', 'user_account', entered_user());
  RETURN session_next(this_session);
END
$$;

-- --- recovery: nothing here tells whether an account exists (FGT-01, FGT-02, LOCK-06) -----------------------------------

-- The work of a mail that nobody gets, undone at once: where no account fits, the answer takes about as long (LOCK-06).
CREATE OR REPLACE FUNCTION connex.recovery_nobody(p_template text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM codes_in_hour(0, p_template);
  PERFORM pg_notify('connex_jobs', '');   -- as the outbox does; it also costs the COMMIT its share
  BEGIN
    INSERT INTO login_guard (user_id) VALUES ('nobody of ' || p_template);
    PERFORM send_mail(p_template, NULL, 'nobody', jsonb_build_object('first_name', '', 'code', '', 'minutes', setting_integer('recovery_code_minutes')));
    RAISE EXCEPTION USING ERRCODE = 'CX000', MESSAGE = 'undone';
  EXCEPTION WHEN SQLSTATE 'CX000' THEN
    NULL;
  END;
END
$$;

CREATE OR REPLACE FUNCTION connex.recovery_user_id(p_email text, p_request_id text, p_address inet) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who user_account;
BEGIN
  SELECT * INTO who FROM user_account u WHERE lower(u.email) = lower(p_email) AND u.status <> 'terminated';
  IF FOUND AND codes_in_hour(who.user_account_id, 'user_id') < setting_integer('recovery_codes_per_hour') THEN
    INSERT INTO mailed_code_count (user_account_id, purpose) VALUES (who.user_account_id, 'user_id');
    PERFORM send_mail('forgotten_user_id', who.user_account_id, who.email, jsonb_build_object('first_name', who.first_name, 'user_id', who.user_id));
  ELSE
    PERFORM recovery_nobody('forgotten_user_id');
  END IF;
  PERFORM audit_outside('recovery_user_id', who.user_account_id, p_request_id, p_address);
END
$$;

-- LOCK-07: a locked account may have a code. FGT-03: three in an hour; the fourth is not sent, and the answer is the same.
CREATE OR REPLACE FUNCTION connex.recovery_code_send(p_user_id text, p_code text, p_code_hash bytea, p_request_id text, p_address inet) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who user_account;
BEGIN
  SELECT * INTO who FROM user_account u WHERE u.user_id = p_user_id AND u.status = 'active';
  IF FOUND AND codes_in_hour(who.user_account_id, 'password') < setting_integer('recovery_codes_per_hour') THEN
    PERFORM code_keep(who.user_account_id, 'password', p_code, p_code_hash);
  ELSE
    PERFORM recovery_nobody('password_code');
  END IF;
  PERFORM audit_outside('recovery_code', who.user_account_id, p_request_id, p_address);
END
$$;

-- Is the code right? Then the hashes to compare the new password with; otherwise no row. The code is not used up yet:
-- a new password that is refused may be typed again.
CREATE OR REPLACE FUNCTION connex.recovery_begin(p_user_id text, p_code_hash bytea, p_request_id text, p_address inet)
  RETURNS TABLE (present boolean, password_hash text, user_id text, first_name text, last_name text, email text, min_length integer, memory_kib integer, passes integer, lanes integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  person bigint;
BEGIN
  SELECT u.user_account_id INTO person FROM user_account u WHERE u.user_id = p_user_id AND u.status = 'active';
  IF FOUND AND code_compare(person, 'password', p_code_hash) = 'right' THEN
    RETURN QUERY SELECT * FROM password_history(person);
  ELSE
    PERFORM audit_outside('recovery_code_failed', person, p_request_id, p_address);
  END IF;
END
$$;

-- Uses the code up (once: the row is locked and marked), sets the password, ends all sessions, clears the lock (LOCK-07).
CREATE OR REPLACE FUNCTION connex.recovery_finish(p_user_id text, p_code_hash bytea, p_new_hash text, p_request_id text, p_address inet) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  person bigint;
BEGIN
  PERFORM login_guard_of(p_user_id);   -- the lock that a log-in takes first
  SELECT u.user_account_id INTO person FROM user_account u WHERE u.user_id = p_user_id AND u.status = 'active';
  IF NOT FOUND OR code_compare(person, 'password', p_code_hash) <> 'right' THEN
    RETURN false;
  END IF;
  UPDATE mailed_code m SET used_at = connex.now() WHERE m.user_account_id = person AND m.purpose = 'password';
  PERFORM password_set(person, p_new_hash, NULL);
  PERFORM login_cleared(p_user_id);
  PERFORM audit_outside('recovery_password', person, p_request_id, p_address);
  RETURN true;
END
$$;

-- --- registration --------------------------------------------------------------------------------------------------------

-- Whether this is a time zone by its IANA name. The operating system's list holds more: copies under other names, and
-- "Factory", the zone of a clock that nobody has set.
CREATE OR REPLACE FUNCTION connex.is_time_zone(p_name text) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN p_name NOT IN ('Factory', 'localtime', 'posixrules') AND p_name !~ '^(posix|right)/'
         AND EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = p_name);
END
$$;

-- Everything that the database can say against a registration, all at once, before anything costs a hash.
CREATE OR REPLACE FUNCTION connex.registration_faults(p_user_id text, p_email text, p_attestation_version integer, p_time_zone text, p_lso boolean,
    p_npi text, p_ptan text, p_tin_last_five text, p_line_of_business text, p_state text, p_check_number text, p_check_amount numeric, p_csn text)
  RETURNS TABLE (field text, code text, message text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM user_account u WHERE u.user_id = p_user_id) THEN                                  -- REG-03
    RETURN QUERY SELECT 'user_id', 'taken', 'This User ID is taken. Choose another one: four letters and three digits.';
  END IF;
  IF EXISTS (SELECT FROM user_account u WHERE lower(u.email) = lower(p_email)) THEN                        -- REG-05, SHR-01
    RETURN QUERY SELECT 'email', 'taken', 'Another account uses this e-mail address. Every person has an account and an address of their own; use "Can''t log in" when the account is yours.';
  END IF;
  IF p_attestation_version IS DISTINCT FROM (SELECT max(version) FROM agreement WHERE kind = 'attestation' AND effective_at <= connex.now()) THEN   -- REG-01
    RETURN QUERY SELECT 'attestation_version', 'stale', 'The attestation has changed. Read and accept it again.';
  END IF;
  IF p_time_zone IS NOT NULL AND NOT is_time_zone(p_time_zone) THEN
    RETURN QUERY SELECT 'time_zone', 'time_zone', 'Choose a time zone from the list, for example America/New_York.';
  END IF;
  RETURN QUERY SELECT * FROM access_request_faults(NULL, p_lso, p_npi, p_ptan, p_tin_last_five, p_line_of_business, p_state, p_check_number, p_check_amount, p_csn);
END
$$;

-- Makes the account, the acceptance and the one request (REG-10, REG-11). Faults that arose meanwhile raise at their field.
CREATE OR REPLACE FUNCTION connex.registration_create(p_user_id text, p_password_hash text, p_first_name text, p_last_name text, p_job_role text,
    p_email text, p_work_phone text, p_mobile_phone text, p_mobile_carrier text, p_email_updates boolean, p_time_zone text, p_attestation_version integer,
    p_lso boolean, p_npi text, p_ptan text, p_tin_last_five text, p_line_of_business text, p_state text, p_functions text[],
    p_check_number text, p_check_amount numeric, p_csn text, p_request_id text, p_address inet)
  RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  fault record;
  made bigint;
  broken text;
BEGIN
  FOR fault IN SELECT * FROM registration_faults(p_user_id, p_email, p_attestation_version, p_time_zone, p_lso, p_npi, p_ptan, p_tin_last_five,
                                                 p_line_of_business, p_state, p_check_number, p_check_amount, p_csn) LOOP
    PERFORM refuse(422, fault.code, fault.message, fault.field);
  END LOOP;
  BEGIN
    INSERT INTO user_account (user_id, first_name, last_name, job_role, email, work_phone, mobile_phone, mobile_carrier, email_updates, time_zone)
    VALUES (p_user_id, p_first_name, p_last_name, p_job_role, p_email, p_work_phone, p_mobile_phone, p_mobile_carrier, coalesce(p_email_updates, true),
            coalesce(p_time_zone, setting_text('time_zone')))
    RETURNING user_account_id INTO made;
  EXCEPTION WHEN unique_violation THEN                                        -- the same registration twice at the same instant
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    IF broken = 'user_account_email' THEN
      PERFORM refuse(422, 'taken', 'Another account uses this e-mail address.', 'email');
    END IF;
    PERFORM refuse(422, 'taken', 'This User ID is taken. Choose another one: four letters and three digits.', 'user_id');
  END;
  INSERT INTO credential (user_account_id, password_hash) VALUES (made, p_password_hash);
  INSERT INTO agreement_acceptance (user_account_id, agreement_id)
  SELECT made, agreement_id FROM agreement WHERE kind = 'attestation' AND version = p_attestation_version;
  PERFORM access_request_make(made, access_account(p_npi, p_ptan, p_tin_last_five, p_line_of_business, p_state), p_lso, p_functions,
                              p_check_number, p_check_amount);
  PERFORM audit_outside('registration', made, p_request_id, p_address);
  RETURN made;
END
$$;

-- --- profile -------------------------------------------------------------------------------------------------------------

-- Null leaves a value as it is; an empty text clears what may be empty. The user ID never changes (REG-03).
CREATE OR REPLACE FUNCTION connex.profile_change(p_version integer, p_first_name text, p_last_name text, p_job_role text, p_email text,
    p_work_phone text, p_mobile_phone text, p_mobile_carrier text, p_email_updates boolean, p_time_zone text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who user_account;
BEGIN
  PERFORM demand_person();
  SELECT * INTO STRICT who FROM user_account u WHERE u.user_account_id = entered_user() FOR UPDATE;
  IF who.version <> p_version THEN
    PERFORM refuse(412, 'stale', 'Your profile was changed meanwhile. Load it again and make your change anew.');
  END IF;
  IF p_time_zone IS NOT NULL AND NOT is_time_zone(p_time_zone) THEN
    PERFORM refuse(422, 'time_zone', 'Choose a time zone from the list, for example America/New_York.', 'time_zone');
  END IF;
  UPDATE user_account u SET first_name = coalesce(p_first_name, first_name), last_name = coalesce(p_last_name, last_name),
         job_role = coalesce(p_job_role, job_role), work_phone = nullif(coalesce(p_work_phone, work_phone), ''),
         mobile_phone = nullif(coalesce(p_mobile_phone, mobile_phone), ''), mobile_carrier = nullif(coalesce(p_mobile_carrier, mobile_carrier), ''),
         email_updates = coalesce(p_email_updates, email_updates), time_zone = coalesce(p_time_zone, time_zone), version = version + 1
   WHERE u.user_account_id = entered_user();
  IF lower(p_email) <> lower(who.email) THEN
    PERFORM email_set(who, p_email);
  END IF;
END
$$;

-- The provider account that stays chosen. Only one that is approved.
CREATE OR REPLACE FUNCTION connex.provider_account_choose(p_provider_account_id bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM demand_person();
  PERFORM FROM access a WHERE a.user_account_id = entered_user() AND a.provider_account_id = p_provider_account_id AND a.status = 'approved';
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'This provider account is not among yours.');
  END IF;
  UPDATE user_account u SET last_provider_account_id = p_provider_account_id WHERE u.user_account_id = entered_user();
END
$$;

-- --- tokens --------------------------------------------------------------------------------------------------------------

-- A token for chosen functions and provider accounts, never more than its owner has, at most a year (portal 2.13).
CREATE OR REPLACE FUNCTION connex.token_make(p_name text, p_secret_hash bytea, p_beginning text, p_functions text[], p_provider_account_ids bigint[], p_expires_on date)
  RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  made bigint;
  latest date := connex.today() + setting_integer('token_max_days');
BEGIN
  PERFORM demand_person();
  IF p_expires_on < connex.today() OR p_expires_on > latest THEN
    PERFORM refuse(422, 'range', format('The last day must lie between today and %s.', latest), 'expires_on');
  END IF;
  IF EXISTS (SELECT FROM unnest(p_provider_account_ids) AS wanted (id)
              WHERE NOT EXISTS (SELECT FROM access a WHERE a.user_account_id = entered_user() AND a.provider_account_id = wanted.id
                                   AND a.status = 'approved')) THEN
    PERFORM refuse(422, 'no_access', 'One of these provider accounts is not among yours.', 'provider_account_ids');
  END IF;
  IF EXISTS (SELECT FROM access a WHERE a.user_account_id = entered_user() AND a.provider_account_id = ANY (p_provider_account_ids)
                AND a.status = 'approved' AND NOT p_functions <@ a.functions) THEN
    PERFORM refuse(422, 'no_access', 'You do not have all of these functions on all of these provider accounts. A token has no more rights than you.', 'functions');
  END IF;
  INSERT INTO token (user_account_id, name, secret_hash, beginning, functions, expires_at)
  VALUES (entered_user(), p_name, p_secret_hash, p_beginning, p_functions, (p_expires_on + 1)::timestamp AT TIME ZONE setting_text('time_zone'))
  RETURNING token_id INTO made;
  INSERT INTO token_provider_account (token_id, provider_account_id) SELECT made, id FROM unnest(p_provider_account_ids) AS wanted (id);
  PERFORM connex.subject('token', made);
  RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION connex.token_revoke(p_token_id bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM demand_person();
  UPDATE token t SET revoked_at = coalesce(revoked_at, connex.now()) WHERE t.token_id = p_token_id AND t.user_account_id = entered_user();
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'There is no such token of yours.');
  END IF;
END
$$;

-- Granted to the workers: the doors. Not granted: what the doors are built from.
GRANT EXECUTE ON FUNCTION connex.session_begin(text), connex.session_finish(text, text, text, bytea, inet, text, text), connex.session_end(),
  connex.session_extend(), connex.session_state(), connex.code_send(text, text, bytea, text), connex.code_check(text, bytea, bytea),
  connex.password_change_begin(), connex.password_change_failed(), connex.password_change_finish(text, text),
  connex.recovery_user_id(text, text, inet), connex.recovery_code_send(text, text, bytea, text, inet), connex.recovery_begin(text, bytea, text, inet),
  connex.recovery_finish(text, bytea, text, text, inet),
  connex.registration_faults(text, text, integer, text, boolean, text, text, text, text, text, text, numeric, text),
  connex.registration_create(text, text, text, text, text, text, text, text, text, boolean, text, integer, boolean, text, text, text, text, text, text[],
                             text, numeric, text, text, inet),
  connex.profile_change(integer, text, text, text, text, text, text, text, boolean, text), connex.provider_account_choose(bigint),
  connex.token_make(text, bytea, text, text[], bigint[], date), connex.token_revoke(bigint)
  TO connex_app;

-- The default of the schema lets the jobs daemon and the loader call new functions. These are none of their business: one
-- of them gives away password hashes, others set passwords and rights.
DO $$
DECLARE
  f regprocedure;
BEGIN
  FOR f IN SELECT p.oid FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = 'connex' AND p.prosecdef
              AND p.proname ~ '^(access|audit|code|codes|demand|email|login|password|profile|provider_account|recovery|registration|session|token)_' LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM connex_jobs, connex_loader', f);
  END LOOP;
END
$$;
