-- Logging in and its locks, mailed codes, and the session (LOCK, EML, MFA, SES). These functions are the only way to write
-- their tables, and each one checks who is calling. Rules are cited by their IDs; their numbers are settings.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The parameters and the salt of a stored hash: enough to compute with. The tag never leaves the database.
CREATE OR REPLACE FUNCTION connex.password_salt(p_hash text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN regexp_replace(p_hash, '\$[^$]*$', '');

-- A salt for an unknown user ID: always the same one, so that nobody can tell it from a real one (LOCK-06).
CREATE OR REPLACE FUNCTION connex.password_false_salt(p_user_id text) RETURNS text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp SET debug_print_plan = off AS $$
BEGIN
  RETURN format('$argon2id$v=19$m=%s,t=%s,p=%s$%s', setting_integer('argon2_memory_kib'), setting_integer('argon2_passes'),
    setting_integer('argon2_lanes'),
    rtrim(encode(substring(sha256(convert_to(seal_key() || ' ' || p_user_id, 'UTF8')) FOR 16), 'base64'), '='));
END
$$;

-- The first step of a log-in. Returns the salt to compute with, whether the ID is locked (then nothing is hashed, whether the
-- ID is known or not), and the parameters that a new hash must have.
CREATE OR REPLACE FUNCTION connex.session_begin(p_user_id text)
  RETURNS TABLE (salt text, locked boolean, memory_kib integer, passes integer, lanes integer)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN QUERY
  SELECT coalesce((SELECT password_salt(c.password_hash) FROM credential c JOIN user_account u USING (user_account_id)
                    WHERE u.user_id = p_user_id), password_false_salt(p_user_id)),
         coalesce((SELECT g.locked_until > connex.now() FROM login_guard g WHERE g.user_id = p_user_id), false),
         setting_integer('argon2_memory_kib'), setting_integer('argon2_passes'), setting_integer('argon2_lanes');
END
$$;

-- The guard row of a user ID, known or not, locked for this transaction, so that the third of any parallel tries counts as
-- the third.
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

-- Counts a failure. Three within any two hours lock the ID for 15 minutes (LOCK-03, LOCK-04); a try while it is locked
-- extends the lock to 180 minutes from that try, but only once (LOCK-05). Returns the updated guard row.
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
  UPDATE login_guard g SET failures = guard.failures, in_a_row = guard.in_a_row, locked_until = guard.locked_until,
    long_lock = guard.long_lock
   WHERE g.user_id = p_user_id;
  UPDATE user_account u SET failures_since_login = failures_since_login + 1 WHERE u.user_id = p_user_id;   -- AC-9
  RETURN guard;
END
$$;

CREATE OR REPLACE FUNCTION connex.login_cleared(p_user_id text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  UPDATE login_guard SET failures = '{}', in_a_row = 0, locked_until = NULL, long_lock = false WHERE user_id = p_user_id
$$;

-- The second and last step of a log-in. p_typed_hash is what the typed password would be stored as: right if the account has
-- that hash. It is empty if the password was not checked because session_begin() saw a lock; if the lock has ended since, the
-- person must wait one more second and nothing is counted. outcome: in (with the new session's secret), invalid, locked, or
-- suspended. This never raises an error for a wrong password, so that the failure is counted.
CREATE OR REPLACE FUNCTION connex.session_finish(p_user_id text, p_typed_hash text, p_address inet, p_user_agent text,
                                                 p_request_id text)
  RETURNS TABLE (outcome text, next text, in_a_row integer, wait_seconds integer, secret text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  at_now timestamptz := connex.now();
  guard login_guard := login_guard_of(p_user_id);
  who record;
  made bigint;
  new_secret text;
  matched boolean;
BEGIN
  SELECT u.user_account_id, u.status, c.password_hash INTO who
    FROM user_account u JOIN credential c USING (user_account_id) WHERE u.user_id = p_user_id;
  matched := FOUND AND coalesce(who.password_hash = p_typed_hash, false);
  IF p_typed_hash = '' AND coalesce(guard.locked_until <= at_now, true) THEN
    RETURN QUERY SELECT 'locked', NULL::text, guard.in_a_row, 1, NULL::text;
    RETURN;
  END IF;
  IF guard.locked_until > at_now OR NOT matched THEN
    guard := login_failed(p_user_id);
    PERFORM audit_outside(CASE WHEN guard.locked_until > at_now THEN 'log_in_locked' ELSE 'log_in_failed' END,
      who.user_account_id, p_request_id, p_address);
    RETURN QUERY SELECT CASE WHEN guard.locked_until > at_now THEN 'locked' ELSE 'invalid' END, NULL::text, guard.in_a_row,
                        ceil(extract(epoch FROM guard.locked_until - at_now))::integer, NULL::text;
    RETURN;
  END IF;
  IF who.status <> 'active' THEN
    PERFORM audit_outside('log_in_suspended', who.user_account_id, p_request_id, p_address);
    RETURN QUERY SELECT 'suspended', NULL::text, 0, NULL::integer, NULL::text;
    RETURN;
  END IF;
  PERFORM login_cleared(p_user_id);
  new_secret := secret_new();
  INSERT INTO session (secret_hash, user_account_id, ends_at, address, user_agent)
  VALUES (secret_hash(new_secret), who.user_account_id, at_now + make_interval(hours => setting_integer('session_hours')),
    p_address, p_user_agent)
  RETURNING session_id INTO made;
  PERFORM audit_outside('log_in', who.user_account_id, p_request_id, p_address);
  RETURN QUERY SELECT 'in', session_next(made), 0, NULL::integer, new_secret;
END
$$;

-- The password that just matched, hashed again with today's parameters.
CREATE OR REPLACE FUNCTION connex.session_rehash(p_user_id text, p_typed_hash text, p_new_hash text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  UPDATE credential c SET password_hash = p_new_hash FROM user_account u
   WHERE u.user_id = p_user_id AND c.user_account_id = u.user_account_id AND c.password_hash = p_typed_hash
$$;

-- Logs out: ends the entered session, even if it has steps left to do.
CREATE OR REPLACE FUNCTION connex.session_end() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM audit.record('log_out', 'user_account', entered_user());
  DELETE FROM session WHERE session_id = entered_session();
END
$$;

-- The user chose to stay logged in (SES-01). This counts as activity at once, not only every 30 seconds.
CREATE OR REPLACE FUNCTION connex.session_extend() RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  ends text;
BEGIN
  UPDATE session SET last_seen_at = connex.now() WHERE session_id = entered_session()
  RETURNING connex.iso(least(last_seen_at + make_interval(mins => setting_integer('session_idle_minutes')), ends_at)) INTO ends;
  IF ends IS NULL THEN -- another request ended the session in the meantime
    PERFORM refuse(401, 'log_in', 'Log in to continue.');
  END IF;
  RETURN ends;
END
$$;

-- Who is logged in, and the next step. Until the log-in is complete, this shows only what the next step needs, and no rights.
-- Every open page asks every minute, so this view reads with its owner's rights: the seal is checked once, not once per table.
-- A token has no session, so this shows it nothing.
CREATE OR REPLACE VIEW connex.session_mine WITH (security_barrier = true) AS
SELECT t.next, u.user_id, u.kind, u.first_name, u.last_name, u.email, u.email_verified_at IS NOT NULL AS email_verified,
       u.mobile_phone, u.time_zone, coalesce(r.lso, false) AS is_lso, to_json(coalesce(r.functions, '{}')) AS functions,
       connex.iso(least(s.last_seen_at + make_interval(mins => g.idle), s.ends_at)) AS expires_at, g.warning AS warning_minutes,
       connex.iso(CASE WHEN t.complete THEN u.previous_login_at END) AS previous_login_at,
       CASE WHEN t.complete THEN u.previous_failures ELSE 0 END AS previous_failures,
       p.provider_account_id, p.name, p.npi, p.ptan, right(p.tin, 5) AS tin_last5, p.line_of_business, p.physical_city AS city,
       p.state, to_json(a.functions) AS account_functions, a.lso
  FROM connex.session s
  JOIN connex.user_account u ON u.user_account_id = s.user_account_id
  JOIN connex.credential c ON c.user_account_id = s.user_account_id
 CROSS JOIN (SELECT (SELECT value::integer FROM connex.setting WHERE name = 'session_idle_minutes') AS idle,
                    (SELECT value::integer FROM connex.setting WHERE name = 'session_warning_minutes') AS warning,
                    (SELECT value::integer FROM connex.setting WHERE name = 'password_max_days') AS password_days,
                    transaction_timestamp() + (SELECT shift FROM connex.clock) AS now OFFSET 0) g -- OFFSET: computed once
 CROSS JOIN LATERAL (
       SELECT o.next, o.next IN ('home', 'change_password') AS complete
         FROM (SELECT coalesce(connex.session_owes(u.email_verified_at, s.second_factor_at,
                        connex.password_due(c.changed_at, c.temporary, g.password_days, g.now)), 'home') AS next OFFSET 0) o) t
  LEFT JOIN LATERAL (
       SELECT bool_or(g.lso) AS lso, array_agg(DISTINCT f) FILTER (WHERE f IS NOT NULL) AS functions
         FROM (SELECT h.functions, bool_or(h.lso) AS lso FROM connex.access h -- few different ones, whatever the accounts
                WHERE h.user_account_id = u.user_account_id AND h.status = 'approved' GROUP BY h.functions) g
         LEFT JOIN LATERAL unnest(g.functions) f ON true) r ON t.complete
  LEFT JOIN (connex.access a JOIN connex.provider_account p ON p.provider_account_id = a.provider_account_id)
         ON t.complete AND a.user_account_id = u.user_account_id AND a.provider_account_id = u.last_provider_account_id
            AND a.status = 'approved'
 WHERE s.session_id = (SELECT connex.entered_session());
COMMENT ON VIEW connex.session_mine IS 'The entered session: who is logged in, and the next step.';

-- Makes, stores, and mails a new code; the previous one is void at once (MFA-04, EML-02). The code itself is only in the
-- outbox, where it is wiped after the mail has been sent.
CREATE OR REPLACE FUNCTION connex.code_keep(p_user_account_id bigint, p_purpose text, p_pepper bytea) RETURNS timestamptz
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  at_now timestamptz := connex.now();
  code CONSTANT text := random_text('0123456789', setting_integer('security_code_digits'));                -- MFA-07
  who user_account;
  expires timestamptz;
BEGIN
  SELECT * INTO STRICT who FROM user_account u WHERE u.user_account_id = p_user_account_id;
  expires := CASE p_purpose
    -- MFA-02: through 23:59:59
    WHEN 'login' THEN (connex.today() + 1)::timestamp AT TIME ZONE setting_text('time_zone')
    WHEN 'email' THEN at_now + make_interval(hours => setting_integer('email_code_hours'))
    ELSE at_now + make_interval(mins => setting_integer('recovery_code_minutes')) END;                     -- FGT-03
  INSERT INTO mailed_code (user_account_id, purpose, code_hash, sent_at, expires_at)
  VALUES (p_user_account_id, p_purpose, code_hash(p_pepper, p_purpose, p_user_account_id, code), at_now, expires)
  ON CONFLICT (user_account_id, purpose) DO UPDATE
    SET code_hash = excluded.code_hash, sent_at = excluded.sent_at, expires_at = excluded.expires_at, wrong_tries = 0,
      used_at = NULL;
  INSERT INTO mailed_code_count (user_account_id, purpose, sent_at) VALUES (p_user_account_id, p_purpose, at_now);
  PERFORM send_mail(CASE p_purpose WHEN 'login' THEN 'security_code' WHEN 'email' THEN 'email_confirmation'
    ELSE 'password_code' END,
    p_user_account_id, who.email,
    jsonb_build_object('first_name', who.first_name, 'code', code, 'minutes',
      setting_integer('recovery_code_minutes'),
                       'hours', setting_integer('email_code_hours')));
  RETURN expires;
END
$$;

-- j***@example.org: enough for people to recognize their own address, on a page shown before the log-in is complete.
CREATE OR REPLACE FUNCTION connex.hidden_email(p_email text) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = connex, pg_temp
  RETURN left(p_email, 1) || '***' || substring(p_email FROM '@[^@]*$');

-- Codes for one purpose mailed to one account in the last hour. A lock makes sure that parallel requests are counted.
CREATE OR REPLACE FUNCTION connex.codes_in_hour(p_user_account_id bigint, p_purpose text) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('connex.mailed_code'), p_user_account_id::integer);
  RETURN (SELECT count(*) FROM mailed_code_count c
           WHERE c.user_account_id = p_user_account_id AND c.purpose = p_purpose
             AND c.sent_at > connex.now() - interval '1 hour');
END
$$;

-- Sends a code to a session that must enter one. p_email is an address other than the one on file (EML-02), or null. The
-- code sent to the former address is then void, because there is only one code for each purpose.
CREATE OR REPLACE FUNCTION connex.code_send(p_purpose text, p_pepper bytea, p_email text)
  RETURNS TABLE (sent_to text, expires_at text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who user_account;
  expires timestamptz;
BEGIN
  SELECT * INTO STRICT who FROM user_account u WHERE u.user_account_id = entered_user() FOR UPDATE;
  -- EML-03
  IF p_purpose = 'email' AND who.email_verified_at IS NOT NULL THEN
    PERFORM refuse(409, 'email_verified', 'Your e-mail address is verified already.');
  ELSIF p_purpose = 'login' AND who.email_verified_at IS NULL THEN                                         -- EML-01
    PERFORM refuse(403, 'verify_email', 'Verify your e-mail address first.');
  ELSIF p_purpose NOT IN ('email', 'login') THEN
    PERFORM refuse(422, 'choice', 'There is no such code.');
  END IF;
  IF codes_in_hour(entered_user(), p_purpose) >= setting_integer('security_codes_per_hour') THEN
    PERFORM refuse(429, 'too_many_codes',
      'Too many codes were mailed within an hour. Use the newest one, or wait and try again.', '600');
  END IF;
  IF p_purpose = 'email' AND lower(p_email) <> lower(who.email) THEN
    -- EML-02 is for the first log-in. Later, someone who knows only the password must not be able to redirect the codes.
    IF who.last_login_at IS NOT NULL AND NOT EXISTS (
         SELECT FROM session s WHERE s.session_id = entered_session() AND s.second_factor_at IS NOT NULL) THEN
      PERFORM refuse(403, 'address_stands',
        'Your e-mail address was changed and must be verified. The code goes to the new address. If that address is '
          'wrong, ask the contractor''s help desk to correct it.');
    END IF;
    PERFORM email_set(who, p_email);
  END IF;
  expires := code_keep(entered_user(), p_purpose, p_pepper);
  PERFORM audit.record(CASE p_purpose WHEN 'email' THEN 'email_code_send' ELSE 'security_code_send' END, 'user_account',
    entered_user());
  RETURN QUERY SELECT hidden_email(coalesce(CASE p_purpose WHEN 'email' THEN p_email END, who.email)), connex.iso(expires);
END
$$;

-- Compares a code and counts a wrong try. Five wrong tries void the code, even if they are parallel: the row is locked.
-- Returns right, wrong, or void.
CREATE OR REPLACE FUNCTION connex.code_compare(p_user_account_id bigint, p_purpose text, p_pepper bytea, p_code text)
  RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  kept mailed_code;
BEGIN
  SELECT * INTO kept FROM mailed_code m WHERE m.user_account_id = p_user_account_id AND m.purpose = p_purpose FOR UPDATE;
  IF NOT FOUND OR kept.used_at IS NOT NULL OR connex.now() >= kept.expires_at                              -- MFA-02, FGT-03
     OR kept.wrong_tries >= setting_integer('security_code_tries') THEN                                    -- MFA-07
    RETURN 'void';
  ELSIF kept.code_hash = code_hash(p_pepper, p_purpose, p_user_account_id, p_code) THEN
    RETURN 'right';
  END IF;
  UPDATE mailed_code m SET wrong_tries = wrong_tries + 1 WHERE m.user_account_id = p_user_account_id
    AND m.purpose = p_purpose;
  RETURN CASE WHEN kept.wrong_tries + 1 >= setting_integer('security_code_tries') THEN 'void' ELSE 'wrong' END;
END
$$;

-- Checks a code typed in a session. If it is right, the e-mail address is verified, or the log-in is complete; the session
-- then gets a new secret, so that a secret seen before the second factor is useless. This does not raise an error for a wrong
-- code, so that the try is counted.
CREATE OR REPLACE FUNCTION connex.code_check(p_purpose text, p_pepper bytea, p_code text)
  RETURNS TABLE (outcome text, next text, secret text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  this_session bigint := entered_session();
  new_secret text;
  verified timestamptz;
  found_out text;
BEGIN
  -- Locks the person's row first, as code_send() does, so that two calls wait for each other instead of deadlocking.
  SELECT u.email_verified_at INTO STRICT verified FROM user_account u WHERE u.user_account_id = entered_user() FOR UPDATE;
  IF p_purpose NOT IN ('email', 'login') THEN
    PERFORM refuse(422, 'choice', 'There is no such code.');
  ELSIF p_purpose = 'email' AND verified IS NOT NULL THEN
    PERFORM refuse(409, 'email_verified', 'Your e-mail address is verified already.');
  ELSIF p_purpose = 'login' AND verified IS NULL THEN
    PERFORM refuse(403, 'verify_email', 'Verify your e-mail address first.');
  END IF;
  -- MFA-06: only the person's own code counts
  found_out := code_compare(entered_user(), p_purpose, p_pepper, p_code);
  IF found_out = 'right' AND p_purpose = 'email' THEN
    UPDATE mailed_code m SET used_at = connex.now() WHERE m.user_account_id = entered_user() AND m.purpose = 'email';
    UPDATE user_account u SET email_verified_at = connex.now(),
      version = version + 1 WHERE u.user_account_id = entered_user();
  -- MFA-03: the code can be used again today
  ELSIF found_out = 'right' THEN
    new_secret := secret_new();
    UPDATE session s SET second_factor_at = connex.now(), secret_hash = secret_hash(new_secret)
     WHERE s.session_id = this_session;
    UPDATE user_account u SET previous_login_at = last_login_at, last_login_at = connex.now(),             -- AC-9
           previous_failures = failures_since_login, failures_since_login = 0
     WHERE u.user_account_id = entered_user();
  END IF;
  PERFORM audit.record(CASE p_purpose WHEN 'email' THEN 'email_verify' ELSE 'security_code' END || CASE found_out
    WHEN 'right' THEN '' ELSE '_failed' END,
                       'user_account', entered_user());
  RETURN QUERY SELECT found_out, session_next(this_session), new_secret;
END
$$;

-- Changes an e-mail address. The new one must be verified (EML-03), codes sent earlier are void, and if the former address
-- was verified, it gets a notice.
CREATE OR REPLACE FUNCTION connex.email_set(p_who user_account, p_email text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  -- SHR-01
  IF EXISTS (SELECT FROM user_account u WHERE lower(u.email) = lower(p_email)
    AND u.user_account_id <> p_who.user_account_id) THEN
    PERFORM refuse(422, 'taken',
      'Another account uses this e-mail address. Every person must have an account and an address of their own.', 'email');
  END IF;
  IF p_who.email_verified_at IS NOT NULL THEN
    PERFORM send_mail('email_changed', p_who.user_account_id, p_who.email,
      jsonb_build_object('first_name', p_who.first_name, 'at', spoken_instant(connex.now(), p_who.time_zone)));
  END IF;
  DELETE FROM mailed_code m WHERE m.user_account_id = p_who.user_account_id;
  UPDATE user_account u SET email = p_email, email_verified_at = NULL,
    version = version + 1 WHERE u.user_account_id = p_who.user_account_id;
  PERFORM audit.record('email_change', 'user_account', p_who.user_account_id);
END
$$;
