-- The user's own account: profile and password (PWD, REG-03).
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Sets a password: the former one is kept for as long as the history requires (PWD-04), other sessions end, and the person
-- is notified.
CREATE OR REPLACE FUNCTION connex.password_set(p_user_account_id bigint, p_new_hash text,
  p_keep_session bigint) RETURNS void
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
  UPDATE credential c SET password_hash = p_new_hash, changed_at = at_now,
    temporary = false WHERE c.user_account_id = p_user_account_id;
  DELETE FROM session s WHERE s.user_account_id = p_user_account_id AND s.session_id IS DISTINCT FROM p_keep_session;
  PERFORM send_mail('password_changed', p_user_account_id, who.email,
    jsonb_build_object('first_name', who.first_name, 'at', spoken_instant(at_now, who.time_zone)));
END
$$;

-- The hashes that a new password must not match, newest first.
CREATE OR REPLACE FUNCTION connex.password_hashes(p_user_account_id bigint) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT c.password_hash FROM credential c WHERE c.user_account_id = p_user_account_id
  UNION ALL
  (SELECT f.password_hash FROM former_password f WHERE f.user_account_id = p_user_account_id
    ORDER BY f.replaced_at DESC LIMIT setting_integer('password_history'))
$$;

-- Their salts, and what a new password must not contain.
CREATE OR REPLACE FUNCTION connex.password_history(p_user_account_id bigint)
  RETURNS TABLE (salt text, user_id text, first_name text, last_name text, email text, min_length integer, memory_kib integer,
    passes integer, lanes integer)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT password_salt(h), u.user_id, u.first_name, u.last_name, u.email, setting_integer('password_min_length'),
         setting_integer('argon2_memory_kib'), setting_integer('argon2_passes'), setting_integer('argon2_lanes')
    FROM user_account u, password_hashes(u.user_account_id) h
   WHERE u.user_account_id = p_user_account_id
$$;

-- PWD-04. p_former: what the new password would be under the salts of the earlier ones.
CREATE OR REPLACE FUNCTION connex.password_used_before(p_user_account_id bigint, p_former text[]) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM password_hashes(p_user_account_id) h WHERE h = ANY (p_former));
END
$$;

-- Change by a person who is logged in (right "step": an expired password must be changed before anything else is allowed).
-- Returns the salt of the current one.
CREATE OR REPLACE FUNCTION connex.password_change_begin() RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  guard login_guard;
BEGIN
  PERFORM demand_second_factor();
  SELECT g.* INTO guard FROM login_guard g JOIN user_account u ON u.user_id = g.user_id
    WHERE u.user_account_id = entered_user();
  IF guard.locked_until > connex.now() THEN
    PERFORM refuse(429, 'locked',
      'Too many wrong passwords. Wait, or use "Can''t log in" to set a new one with a mailed code.',
                   ceil(extract(epoch FROM guard.locked_until - connex.now()))::integer::text);
  END IF;
  RETURN (SELECT password_salt(c.password_hash) FROM credential c WHERE c.user_account_id = entered_user());
END
$$;

-- Compares the current password. If it is wrong, this returns no rows and counts a failed log-in, so that a stolen session
-- cannot be used to guess it.
CREATE OR REPLACE FUNCTION connex.password_change_check(p_typed_hash text)
  RETURNS TABLE (salt text, user_id text, first_name text, last_name text, email text, min_length integer, memory_kib integer,
    passes integer, lanes integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM demand_second_factor();
  IF EXISTS (SELECT FROM credential c WHERE c.user_account_id = entered_user() AND c.password_hash = p_typed_hash) THEN
    RETURN QUERY SELECT * FROM password_history(entered_user());
  ELSE
    PERFORM login_failed((SELECT u.user_id FROM user_account u WHERE u.user_account_id = entered_user()));
    PERFORM audit.record('password_change_failed', 'user_account', entered_user());
  END IF;
END
$$;

-- Returns the next step, or null if the new password was used before.
CREATE OR REPLACE FUNCTION connex.password_change_finish(p_typed_hash text, p_former text[], p_new_hash text) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  this_session bigint := entered_session();
BEGIN
  PERFORM demand_second_factor();
  PERFORM FROM credential c WHERE c.user_account_id = entered_user() AND c.password_hash = p_typed_hash FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse(409, 'changed_meanwhile', 'The password was changed in the meantime. Log in again.');
  ELSIF password_used_before(entered_user(), p_former) THEN
    RETURN NULL;
  END IF;
  PERFORM password_set(entered_user(), p_new_hash, this_session);
  PERFORM audit.record('password_change', 'user_account', entered_user());
  RETURN session_next(this_session);
END
$$;

-- p_changes has the changed members, by the field names of the contract. A member that is absent stays as it is; null or an
-- empty string clears a value that may be empty. If nothing would be different, nothing is done: no new version, no audit
-- row. The user ID never changes (REG-03).
CREATE OR REPLACE FUNCTION connex.profile_change(p_version integer, p_changes jsonb) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who user_account;
  former new_account;
  new new_account;
BEGIN
  PERFORM demand_person();
  SELECT * INTO STRICT who FROM user_account u WHERE u.user_account_id = entered_user() FOR UPDATE;
  IF who.version <> p_version THEN
    PERFORM refuse(412, 'stale', 'Your profile was changed in the meantime. Load it again, and then make your change again.');
  END IF;
  former := (who.user_id, who.first_name, who.last_name, who.job_role, who.email, who.work_phone, who.mobile_phone,
             who.mobile_carrier, who.email_updates, who.time_zone, NULL)::new_account;
  new := jsonb_populate_record(former, p_changes);
  new.work_phone := nullif(new.work_phone, '');
  new.mobile_phone := nullif(new.mobile_phone, '');
  new.mobile_carrier := nullif(new.mobile_carrier, '');
  IF lower(new.email) = lower(who.email) THEN
    new.email := who.email;
  END IF;
  IF p_changes ? 'time_zone' AND NOT is_time_zone(new.time_zone) THEN
    PERFORM refuse(422, 'time_zone', 'Choose a time zone from the list, for example America/New_York.', 'time_zone');
  END IF;
  IF new IS NOT DISTINCT FROM former THEN
    PERFORM connex.unchanged();
    RETURN;
  END IF;
  UPDATE user_account u
     SET first_name = new.first_name, last_name = new.last_name, job_role = new.job_role, work_phone = new.work_phone,
         mobile_phone = new.mobile_phone, mobile_carrier = new.mobile_carrier, email_updates = new.email_updates,
         time_zone = new.time_zone, version = version + 1
   WHERE u.user_account_id = entered_user();
  IF new.email <> who.email THEN
    PERFORM email_set(who, new.email);
  END IF;
END
$$;

-- Sets the provider account that stays selected. The user must have approved access to it.
CREATE OR REPLACE FUNCTION connex.provider_account_choose(p_provider_account_id bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM demand_person();
  PERFORM FROM access a WHERE a.user_account_id = entered_user() AND a.provider_account_id = p_provider_account_id
    AND a.status = 'approved';
  IF NOT FOUND THEN
    PERFORM refuse(404, 'not_found', 'This provider account is not one of yours.');
  END IF;
  UPDATE user_account u SET last_provider_account_id = p_provider_account_id WHERE u.user_account_id = entered_user();
END
$$;
