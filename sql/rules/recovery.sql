-- Forgotten user IDs and passwords. Nothing here reveals whether an account exists (FGT-01, FGT-02, LOCK-06).
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Does the work of sending a mail, and undoes it at once, so that the answer takes about as long if no account matches
-- (LOCK-06).
CREATE OR REPLACE FUNCTION connex.recovery_nobody(p_template text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  PERFORM codes_in_hour(0, p_template);
  PERFORM code_hash('', p_template, 0, random_text('0123456789', setting_integer('security_code_digits')));
  PERFORM pg_notify('connex_jobs', '');   -- as the outbox does; this also makes COMMIT take as long
  BEGIN
    INSERT INTO login_guard (user_id) VALUES ('nobody of ' || p_template);
    PERFORM send_mail(p_template, NULL, 'nobody', jsonb_build_object('first_name', '', 'code', '', 'minutes',
      setting_integer('recovery_code_minutes')));
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
    PERFORM send_mail('forgotten_user_id', who.user_account_id, who.email, jsonb_build_object('first_name', who.first_name,
      'user_id', who.user_id));
  ELSE
    PERFORM recovery_nobody('forgotten_user_id');
  END IF;
  PERFORM audit_outside('recovery_user_id', who.user_account_id, p_request_id, p_address);
END
$$;

-- LOCK-07: a locked account may get a code. FGT-03: three in an hour; the fourth is not sent, but the answer is the same.
CREATE OR REPLACE FUNCTION connex.recovery_code_send(p_user_id text, p_pepper bytea, p_request_id text, p_address inet)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who user_account;
BEGIN
  SELECT * INTO who FROM user_account u WHERE u.user_id = p_user_id AND u.status = 'active';
  IF FOUND AND codes_in_hour(who.user_account_id, 'password') < setting_integer('recovery_codes_per_hour') THEN
    PERFORM code_keep(who.user_account_id, 'password', p_pepper);
  ELSE
    PERFORM recovery_nobody('password_code');
  END IF;
  PERFORM audit_outside('recovery_code', who.user_account_id, p_request_id, p_address);
END
$$;

-- If the code is right, this returns the salts of the earlier passwords; otherwise no rows. The code is not used up
-- yet: if the new password is refused, the person can type another one.
CREATE OR REPLACE FUNCTION connex.recovery_begin(p_user_id text, p_pepper bytea, p_code text, p_request_id text, p_address inet)
  RETURNS TABLE (salt text, user_id text, first_name text, last_name text, email text, min_length integer, memory_kib integer,
    passes integer, lanes integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  person bigint;
BEGIN
  SELECT u.user_account_id INTO person FROM user_account u WHERE u.user_id = p_user_id AND u.status = 'active';
  IF FOUND AND code_compare(person, 'password', p_pepper, p_code) = 'right' THEN
    RETURN QUERY SELECT * FROM password_history(person);
  ELSE
    PERFORM audit_outside('recovery_code_failed', person, p_request_id, p_address);
  END IF;
END
$$;

-- Uses up the code (only once: the row is locked and marked), sets the password, ends all sessions, and clears the lock
-- (LOCK-07). Returns done, wrong_code, or used_before.
CREATE OR REPLACE FUNCTION connex.recovery_finish(p_user_id text, p_pepper bytea, p_code text, p_former text[], p_new_hash text,
  p_request_id text, p_address inet) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  person bigint;
BEGIN
  PERFORM login_guard_of(p_user_id);   -- the lock that a log-in takes first
  SELECT u.user_account_id INTO person FROM user_account u WHERE u.user_id = p_user_id AND u.status = 'active';
  IF NOT FOUND OR code_compare(person, 'password', p_pepper, p_code) <> 'right' THEN
    RETURN 'wrong_code';
  ELSIF password_used_before(person, p_former) THEN
    RETURN 'used_before';
  END IF;
  UPDATE mailed_code m SET used_at = connex.now() WHERE m.user_account_id = person AND m.purpose = 'password';
  PERFORM password_set(person, p_new_hash, NULL);
  PERFORM login_cleared(p_user_id);
  PERFORM audit_outside('recovery_password', person, p_request_id, p_address);
  RETURN 'done';
END
$$;
