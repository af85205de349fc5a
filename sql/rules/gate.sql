-- The database's gate: who may enter, Idempotency-Key, the audit row, and the only way to refuse a request.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The key of the seals, for connex.seal_of() alone. Declared IMMUTABLE so that a plan holds it and no statement reads it
-- again: a check costs 2 us this way, and more than twice as much with a read. The key never changes. If it did, every
-- connection would have to be opened again.
CREATE OR REPLACE FUNCTION connex.seal_key() RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED
  SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (SELECT encode(k.secret, 'hex') FROM seal_key k);
END
$$;

-- The seal of p_entered in this transaction of this connection. The key is on both sides, because with SHA-256 alone a caller
-- could append to the hashed text. PostgreSQL inlines this function, so its callers hide their plans first.
CREATE OR REPLACE FUNCTION connex.seal_of(p_entered text) RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN encode(sha256(decode(connex.seal_key(), 'hex') || int4send(pg_backend_pid())
    || timestamptz_send(transaction_timestamp()) || textsend(p_entered) || decode(connex.seal_key(), 'hex')), 'hex');

-- Any role may turn debug_print_plan on, and it would print a plan with the key in it. This turns it off until the transaction
-- ends; call it before a plan with the key is made. (A SET clause of the function would do the same for twice the price.)
CREATE OR REPLACE FUNCTION connex.hide_plans() RETURNS text LANGUAGE sql VOLATILE PARALLEL RESTRICTED
  RETURN CASE current_setting('debug_print_plan') WHEN 'off' THEN 'off' ELSE set_config('debug_print_plan', 'off', true) END;

-- Records who acts in this transaction, and for which request, under a seal. Only connex.enter() calls it, and
-- connex.eligibility_person(), which adds the one beneficiary that it matched; it is granted to no role.
CREATE OR REPLACE FUNCTION connex.seal_text(p_entered text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  plans text := connex.hide_plans();
BEGIN
  RETURN set_config('connex.seal', connex.seal_of(set_config('connex.entered', p_entered, true)), true);
END
$$;

CREATE OR REPLACE FUNCTION connex.seal(p_user bigint, p_session bigint, p_token bigint, p_right text, p_account bigint,
  p_beneficiary bigint DEFAULT NULL, p_address inet DEFAULT NULL, p_request_id text DEFAULT NULL) RETURNS text
  LANGUAGE sql VOLATILE
  RETURN connex.seal_text(concat(p_user, ' ', p_session, ' ', p_token, ' ', p_right, ' ', p_account, ' ', p_beneficiary, ' ',
                                 p_address, ' ', p_request_id));

-- Who acts, as connex.seal() wrote it; null when nobody has entered. A seal that does not match (set by hand, from another
-- transaction or connection, or with a changed value) counts as nobody and leaves a security event. Each table that a reader
-- asks calls this, and to pin its search_path would double its price, so every name in it is qualified instead. Its callers
-- have the schema connex in theirs, and no other: with each change of the path, PL/pgSQL would plan it again.
CREATE OR REPLACE FUNCTION connex.entered() RETURNS text
  LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER AS $$
DECLARE
  said pg_catalog.text := pg_catalog.current_setting('connex.entered', true);
  plans pg_catalog.text := connex.hide_plans();
BEGIN
  IF said OPERATOR(pg_catalog.=) '' OR said IS NULL THEN
    RETURN NULL;
  ELSIF pg_catalog.current_setting('connex.seal', true) OPERATOR(pg_catalog.=) connex.seal_of(said) THEN
    RETURN said;
  END IF;
  PERFORM audit.seal_refused();
  RETURN NULL;
END
$$;

-- One of its values, by its place in connex.seal().
CREATE OR REPLACE FUNCTION connex.entered_part(p_place integer) RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN nullif(split_part(connex.entered(), ' ', p_place), '');

-- A seal did not match: somebody is running SQL that did not go through connex.enter(). Leaves one event for each transaction.
-- PostgreSQL's log has it too, because the attacker may roll back.
CREATE OR REPLACE FUNCTION audit.seal_refused() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM audit.event e WHERE e.at >= transaction_timestamp() AND e.action = 'seal_refused'
               AND e.detail->>'backend' = pg_backend_pid()::text) THEN
    RETURN;
  END IF;
  RAISE LOG 'a sealed context was refused: backend %, role %', pg_backend_pid(), session_user;
  IF current_setting('transaction_read_only') = 'off' THEN
    INSERT INTO audit.event (address, action, detail)
    VALUES (inet_client_addr(), 'seal_refused', jsonb_build_object('role', session_user, 'backend', pg_backend_pid()));
  END IF;
END
$$;

-- Who acts in this transaction. Policies ask in a subquery, so that the seal is checked once per statement and not for each row.
CREATE OR REPLACE FUNCTION connex.entered_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN connex.entered_part(1)::bigint;
CREATE OR REPLACE FUNCTION connex.entered_session() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN connex.entered_part(2)::bigint;
CREATE OR REPLACE FUNCTION connex.entered_token() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN connex.entered_part(3)::bigint;
CREATE OR REPLACE FUNCTION connex.entered_right() RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN coalesce(connex.entered_part(4), '');
CREATE OR REPLACE FUNCTION connex.entered_account() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN connex.entered_part(5)::bigint;
-- Set by a lookup that matched a person by number, names, and birth date. Nobody else is visible (portal 2.3).
CREATE OR REPLACE FUNCTION connex.entered_beneficiary() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED
  RETURN connex.entered_part(6)::bigint;

-- The provider accounts that the entered person (or token) may use with a function. SECURITY DEFINER, because policies call
-- it.
CREATE OR REPLACE FUNCTION connex.my_accounts(p_function text) RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(a.provider_account_id), '{}')
      FROM access a
     WHERE a.user_account_id = entered_user() AND a.status = 'approved' AND p_function = ANY (a.functions)
       AND (entered_token() IS NULL OR EXISTS (
             SELECT FROM token t JOIN token_provider_account p USING (token_id)
              WHERE t.token_id = entered_token() AND p.provider_account_id = a.provider_account_id
                AND p_function = ANY (t.functions))));
END
$$;

-- The provider accounts whose rows a read with this function may show: the entered one or, on the home page, all of the
-- person's own. For policies.
CREATE OR REPLACE FUNCTION connex.entered_accounts(p_function text) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  account bigint := connex.entered_account();
BEGIN
  IF account IS NOT NULL THEN
    RETURN ARRAY[account];
  ELSIF connex.entered_right() = 'member' THEN
    RETURN connex.my_accounts(p_function);
  END IF;
  RETURN '{}';
END
$$;

-- The contractor numbers whose rows the entered analyst may see: at the desk and, on the home page, as counts. For policies,
-- and for functions that write.
CREATE OR REPLACE FUNCTION connex.entered_contractors() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = connex, pg_temp AS $$
BEGIN
  IF entered_right() NOT IN ('analyst', 'member') OR entered_token() IS NOT NULL THEN
    RETURN '{}';
  END IF;
  RETURN (SELECT coalesce(array_agg(s.contractor_no), '{}') FROM staff_contractor s WHERE s.user_account_id = entered_user());
END
$$;

-- Whether a provider account belongs to one of them. For the policy of connex.access: that of connex.provider_account asks
-- connex.access, so the two cannot ask each other.
CREATE OR REPLACE FUNCTION connex.entered_contractors_account(p_provider_account_id bigint) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM provider_account p WHERE p.provider_account_id = p_provider_account_id
                   AND p.contractor_no = ANY (entered_contractors()));
END
$$;

-- The provider accounts where the entered person is a Local Security Officer.
CREATE OR REPLACE FUNCTION connex.lso_accounts() RETURNS bigint[] LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (
    SELECT coalesce(array_agg(a.provider_account_id), '{}')
      FROM access a
     WHERE a.user_account_id = entered_user() AND a.status = 'approved' AND a.lso AND entered_token() IS NULL);
END
$$;

-- Raises an error that the user must see: p_status is the HTTP status, p_code the stable code, and p_hint the field (422)
-- or the number of seconds (429).
CREATE OR REPLACE FUNCTION connex.refuse(p_status integer, p_code text, p_detail text,
  p_hint text DEFAULT NULL) RETURNS void
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
BEGIN
  IF p_hint IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'CX' || p_status, MESSAGE = p_code, DETAIL = p_detail;
  END IF;
  RAISE EXCEPTION USING ERRCODE = 'CX' || p_status, MESSAGE = p_code, DETAIL = p_detail, HINT = p_hint;
END
$$;

-- The audit row for someone who has not entered (log-in, registration, recovery). p_user_account_id may be null. If the user
-- ID that was typed is unknown, it is not kept anywhere: it may be a password typed in the wrong box.
CREATE OR REPLACE FUNCTION connex.audit_outside(p_action text, p_user_account_id bigint, p_request_id text,
  p_address inet) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  INSERT INTO audit.event (request_id, user_account_id, address, action, subject_kind, subject_id)
  VALUES (p_request_id, p_user_account_id, p_address, p_action,
          CASE WHEN p_user_account_id IS NOT NULL THEN 'user_account' END, p_user_account_id)
$$;

-- Full days of the contractor's calendar since then.
CREATE OR REPLACE FUNCTION connex.days_since(p_at timestamptz) RETURNS integer LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN connex.today() - (p_at AT TIME ZONE connex.setting_text('time_zone'))::date;
END
$$;

-- PWD-01: a password is still good on day 60, but not on day 61. PWD-03: a temporary one must be changed when first used.
-- p_max_days is the setting password_max_days. This and the next function are written so that PostgreSQL inlines them.
CREATE OR REPLACE FUNCTION connex.password_due(p_changed_at timestamptz, p_temporary boolean, p_max_days integer,
  p_now timestamptz) RETURNS boolean LANGUAGE sql STABLE
  -- Comparing hours first avoids the calendar when too few have passed.
  RETURN p_temporary OR (p_max_days > 0 AND p_now > p_changed_at + make_interval(days => p_max_days)
                         AND connex.days_since(p_changed_at) > p_max_days);

-- The step that a session must complete next, in this order; null if there is none.
CREATE OR REPLACE FUNCTION connex.session_owes(p_email_verified_at timestamptz, p_second_factor_at timestamptz,
  p_password_due boolean) RETURNS text LANGUAGE sql STABLE
  RETURN CASE WHEN p_email_verified_at IS NULL THEN 'verify_email'                   -- EML-01
              WHEN p_second_factor_at IS NULL THEN 'security_code'                   -- MFA-01
              WHEN p_password_due THEN 'change_password' END;                        -- PWD-01, PWD-03

-- The same for a session by its number, in the API's words: verify_email, security_code, change_password, home.
CREATE OR REPLACE FUNCTION connex.session_next(p_session_id bigint) RETURNS text
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (SELECT coalesce(session_owes(u.email_verified_at, s.second_factor_at,
                   password_due(c.changed_at, c.temporary, setting_integer('password_max_days'), connex.now())), 'home')
            FROM session s JOIN user_account u USING (user_account_id) JOIN credential c USING (user_account_id)
           WHERE s.session_id = p_session_id);
END
$$;

-- Demands that a session has no step left except, perhaps, a new password. For functions called with the right "step".
CREATE OR REPLACE FUNCTION connex.demand_second_factor() RETURNS void
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  IF connex.session_next(connex.entered_session()) IN ('verify_email', 'security_code') THEN
    PERFORM refuse(403, 'security_code', 'Enter the security code first.');
  END IF;
END
$$;

-- Demands a person in a complete session, not a token. For functions that change who may do what. connex.enter() has checked
-- this already; this check protects against a route that is declared incorrectly.
CREATE OR REPLACE FUNCTION connex.demand_person() RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = connex, pg_temp AS $$
BEGIN
  IF entered_user() IS NULL OR entered_token() IS NOT NULL OR entered_right() NOT IN ('person', 'lso', 'analyst') THEN
    PERFORM refuse(403, 'not_by_token', 'Only a person can do this in the portal. A token cannot.');
  END IF;
END
$$;

-- Says why enter() refuses: a step is still to be done, a right is missing, or the token was not made for this. A provider
-- account that the person never had to do with does not exist for him or her, whether there is one or not. p_known: there is a
-- request or a right, of any status.
CREATE OR REPLACE FUNCTION connex.enter_refuse(p_right text, p_owed text, p_may boolean, p_known boolean) RETURNS void
  LANGUAGE plpgsql STABLE SET search_path = connex, pg_temp AS $$
BEGIN
  IF p_owed IS NOT NULL THEN
    PERFORM refuse(403, p_owed, CASE p_owed
      WHEN 'verify_email' THEN 'Verify your e-mail address first.'
      WHEN 'security_code' THEN 'Enter the security code first.'
      ELSE 'Change your password first.' END);
  ELSIF NOT p_may AND NOT p_known THEN
    PERFORM refuse(404, 'not_found', 'This does not exist, or you may not see it.');
  ELSIF NOT p_may THEN
    PERFORM refuse(403, CASE p_right WHEN 'lso' THEN 'not_lso' WHEN 'analyst' THEN 'not_analyst' ELSE 'no_access' END,
      CASE p_right
        WHEN 'lso' THEN 'This is for Local Security Officers.'
        WHEN 'analyst' THEN 'This is for the contractor''s analysts.'
        ELSE 'Your access to this provider account does not include this function. Your Local Security Officer can add it.' END);
  END IF;
  PERFORM refuse(403, 'not_by_this_token', 'This token was not made for this function and provider account.');
END
$$;

-- Whether a person has a right that belongs to no provider account.
CREATE OR REPLACE FUNCTION connex.enter_may(p_user_account_id bigint, p_kind text, p_right text) RETURNS boolean
  LANGUAGE plpgsql STABLE SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN CASE p_right
    WHEN 'lso' THEN EXISTS (SELECT FROM access a                                                          -- LSO-14
                             WHERE a.user_account_id = p_user_account_id AND a.status = 'approved' AND a.lso)
    WHEN 'analyst' THEN p_kind = 'analyst'
    ELSE true END;
END
$$;

-- The part of enter() for tokens. Returns a record with what enter() needs to know about any credential.
CREATE OR REPLACE FUNCTION connex.enter_token(p_secret_hash bytea, p_right text, p_provider_account_id bigint) RETURNS record
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  s record;
  of_account boolean := p_right IN ('provider_profile', 'claims', 'eligibility', 'financials');
BEGIN
  SELECT NULL::bigint AS session_id, t.token_id, t.user_account_id, u.status, u.kind, t.last_used_at, k.at_now,
         NULL::text AS owed,
         CASE WHEN of_account THEN u.kind = 'office' AND EXISTS (
                     SELECT FROM access a
                      WHERE a.user_account_id = t.user_account_id AND a.provider_account_id = p_provider_account_id
                        AND a.status = 'approved' AND p_right = ANY (a.functions))
              ELSE true END AS may,
         NOT of_account OR (p_right = ANY (t.functions) AND EXISTS (
                     SELECT FROM token_provider_account p WHERE p.token_id = t.token_id
                       AND p.provider_account_id = p_provider_account_id)) AS by_this_token
    INTO s
    FROM token t
    JOIN user_account u ON u.user_account_id = t.user_account_id
    CROSS JOIN (SELECT transaction_timestamp() + shift AS at_now FROM clock) k
   WHERE t.secret_hash = p_secret_hash AND t.revoked_at IS NULL AND t.expires_at > k.at_now;
  IF NOT FOUND OR s.status <> 'active' THEN
    PERFORM refuse(401, 'token_unknown', 'This token is unknown, expired, or revoked. Create a new one under Manage account.');
  ELSIF p_right IN ('step', 'person', 'lso', 'analyst') THEN
    PERFORM refuse(403, 'not_by_token', 'Only a person can do this in the portal. A token cannot.');
  END IF;
  IF (s.last_used_at IS NULL OR s.at_now > s.last_used_at + interval '60 seconds')
    AND current_setting('transaction_read_only') = 'off' THEN
    UPDATE token SET last_used_at = s.at_now WHERE token_id = s.token_id;
  END IF;
  RETURN s;
END
$$;

-- Enters for this transaction only: finds the session or token by the SHA-256 of its secret, checks that it is valid and
-- complete and has the right, and seals who acts. Otherwise it raises an error, so that nothing after it
-- runs. p_right: step, member, person, provider_profile, claims, eligibility, financials, lso, analyst (enum right in
-- fcgi/request.h). One query finds everything it needs, because this runs before every answer.
CREATE OR REPLACE FUNCTION connex.enter(p_secret_hash bytea, p_credential text, p_right text, p_provider_account_id bigint,
                                        p_request_id text, p_address inet)
  RETURNS TABLE (user_account_id bigint, session_expires_at text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  s record;
  session_end timestamptz;
  sealed text;
  of_account boolean := p_right IN ('provider_profile', 'claims', 'eligibility', 'financials');
BEGIN
  -- The right becomes part of the sealed text: 'claims 7' would be a right to claims of provider account 7.
  IF (of_account OR p_right IN ('step', 'member', 'person', 'lso', 'analyst')) IS NOT TRUE THEN
    PERFORM refuse(403, 'no_access', 'There is no such right.');
  END IF;
  IF p_credential = 'session' THEN
    SELECT e.session_id, NULL::bigint AS token_id, e.user_account_id, u.status, u.kind, e.last_seen_at, e.ends_at,
           transaction_timestamp() + k.shift AS at_now, make_interval(mins => i.value::integer) AS idle,
           connex.session_owes(u.email_verified_at, e.second_factor_at,
             connex.password_due(c.changed_at, c.temporary, d.value::integer, transaction_timestamp() + k.shift)) AS owed,
           u.kind = 'office' AND p_right = ANY (a.functions) AS may, true AS by_this_token                -- FN-01, FN-02
      INTO s
      FROM session e
      JOIN user_account u ON u.user_account_id = e.user_account_id
      JOIN credential c ON c.user_account_id = e.user_account_id
      JOIN setting i ON i.name = 'session_idle_minutes'
      JOIN setting d ON d.name = 'password_max_days'
      CROSS JOIN clock k
      LEFT JOIN access a ON a.user_account_id = e.user_account_id AND a.provider_account_id = p_provider_account_id
                        AND a.status = 'approved' -- at most one (access_one_living)
     WHERE e.secret_hash = p_secret_hash;
    IF NOT FOUND OR s.status <> 'active' OR s.at_now >= s.ends_at OR s.at_now >= s.last_seen_at + s.idle THEN   -- SES-01
      PERFORM refuse(401, 'log_in', 'Log in to continue.');
    END IF;
    IF NOT of_account THEN
      s.may := enter_may(s.user_account_id, s.kind, p_right);
    END IF;
    -- Written at most every 30 s, so that most reads write nothing; never in a READ ONLY transaction.
    IF s.at_now > s.last_seen_at + interval '30 seconds' AND current_setting('transaction_read_only') = 'off' THEN
      UPDATE session SET last_seen_at = s.at_now WHERE session_id = s.session_id;
      s.last_seen_at := s.at_now;
    END IF;
    session_end := least(s.last_seen_at + s.idle, s.ends_at);
  ELSE
    s := enter_token(p_secret_hash, p_right, p_provider_account_id);
  END IF;

  IF (s.owed IS NOT NULL AND p_right <> 'step') OR s.may IS NOT TRUE OR NOT s.by_this_token THEN
    PERFORM enter_refuse(p_right, s.owed, s.may IS TRUE, NOT of_account OR EXISTS (
      SELECT FROM access a WHERE a.user_account_id = s.user_account_id AND a.provider_account_id = p_provider_account_id));
  END IF;

  sealed := seal(p_user => s.user_account_id, p_session => s.session_id, p_token => s.token_id, p_right => p_right,
                 p_account => CASE WHEN of_account THEN p_provider_account_id END,
                 p_address => p_address, p_request_id => p_request_id);
  sealed := set_config('connex.subject_kind', '', true);
  sealed := set_config('connex.subject_id', '', true);
  user_account_id := s.user_account_id;
  session_expires_at := to_char(session_end AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
  RETURN NEXT;
END
$$;

-- Idempotency-Key. On first use, this remembers the key and returns nothing. If the key comes again with the same body, it
-- raises CX200 with the stored status in HINT and the stored reply in DETAIL, so that nothing after it runs. With another
-- body, it raises 422. If the same request is still running, the unique index makes this one wait.
-- Where nobody has entered (a registration), nobody owns a key, so it counts together with its body: a stranger who guesses
-- a key and sends another body makes another request, and learns nothing about the first one. p_body_hash is a keyed hash
-- then (fcgi/gate.c).
CREATE OR REPLACE FUNCTION connex.once(p_key text, p_body_hash bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  kept idempotency;
  who bigint := entered_user();
  whole_key text := CASE WHEN who IS NULL THEN p_key || ' ' || encode(p_body_hash, 'hex') ELSE p_key END;
BEGIN
  INSERT INTO idempotency (user_account_id, key, body_hash) VALUES (who, whole_key, p_body_hash)
    ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO kept FROM idempotency i WHERE i.key = whole_key AND i.user_account_id IS NOT DISTINCT FROM who;
    IF kept.body_hash <> p_body_hash THEN
      PERFORM refuse(422, 'idempotency_key_reused',
        'This Idempotency-Key was used for another request. Use a new key for a new request.');
    END IF;
    PERFORM refuse(200, 'replay', coalesce(kept.reply::text, ''), coalesce(kept.status, 200)::text);
  END IF;
  PERFORM set_config('connex.idempotency_key', whole_key, true);
END
$$;

-- Every statement that creates something returns its reply through this function, so that it can be sent again.
CREATE OR REPLACE FUNCTION connex.reply_once(p_status integer, p_reply json) RETURNS json
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  UPDATE idempotency SET status = p_status, reply = p_reply
   WHERE key = nullif(current_setting('connex.idempotency_key', true), '')
     AND user_account_id IS NOT DISTINCT FROM entered_user();
  PERFORM set_config('connex.idempotency_key', '', true);
  RETURN p_reply;
END
$$;

-- A statement calls this to name the subject of its audit row, if no path parameter does.
CREATE OR REPLACE FUNCTION connex.subject(p_kind text, p_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  kept text := set_config('connex.subject_kind', p_kind, true);
BEGIN
  kept := set_config('connex.subject_id', coalesce(p_id::text, ''), true);
END
$$;

-- Says that this transaction found nothing to change, so that its audit row would record a change that never was.
CREATE OR REPLACE FUNCTION connex.unchanged() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('connex.unchanged', 'true', true);
END
$$;

-- Writes the audit row in the same transaction as the action it records: no audit row, no answer.
-- In PL/pgSQL, because an SQL function would be planned again for every answer.
CREATE OR REPLACE FUNCTION audit.record(p_action text, p_subject_kind text, p_subject_id bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  who text[] := string_to_array(connex.entered(), ' ', ''); -- the seal is checked once
BEGIN
  -- Only for a change of the own profile: any role may set this, and it must not hide who saw what.
  IF p_action = 'profile_change' AND current_setting('connex.unchanged', true) = 'true' THEN
    RETURN;
  END IF;
  INSERT INTO audit.event (request_id, user_account_id, session_id, token_id, address, action, provider_account_id,
    subject_kind, subject_id)
  VALUES (who[8], who[1]::bigint, who[2]::bigint, who[3]::bigint, who[7]::inet, p_action, who[5]::bigint,
          coalesce(nullif(current_setting('connex.subject_kind', true), ''), p_subject_kind),
          coalesce(nullif(current_setting('connex.subject_id', true), '')::bigint, p_subject_id));
END
$$;

-- The security event of a request that was refused, with the person whose credential it was: also one that is over, because
-- who tries it again is worth knowing. Returns the person's number for the worker's log; null if nobody is known. Written
-- without waiting for the disk: nothing was shown, so a flood of refusals must not slow down those who are let in.
-- p_detail: {"status": 403, "code": "no_access", "operation": "claim_get"}.
CREATE OR REPLACE FUNCTION audit.refused(p_secret_hash bytea, p_credential text, p_detail jsonb, p_provider_account_id bigint,
  p_request_id text, p_address inet, p_subject_kind text, p_subject_id bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  kept text := set_config('synchronous_commit', 'off', true);
  who record;
BEGIN
  IF p_credential = 'token' THEN
    SELECT t.user_account_id, NULL::bigint AS session_id, t.token_id INTO who
      FROM connex.token t WHERE t.secret_hash = p_secret_hash;
  ELSE
    SELECT s.user_account_id, s.session_id, NULL::bigint AS token_id INTO who
      FROM connex.session s WHERE s.secret_hash = p_secret_hash;
  END IF;
  INSERT INTO audit.event (request_id, user_account_id, session_id, token_id, address, action, provider_account_id, subject_kind,
    subject_id, detail)
  VALUES (p_request_id, who.user_account_id, who.session_id, who.token_id, p_address, 'refused', p_provider_account_id,
    p_subject_kind, p_subject_id, p_detail);
  RETURN who.user_account_id;
END
$$;

-- Append-only for every role, including the owner: old months are removed by DETACH, never by DELETE.
CREATE OR REPLACE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM connex.refuse(403, 'audit_is_append_only', 'Audit rows cannot be changed or deleted.');
  RETURN NULL;
END
$$;

-- A fingerprint of what the catalog says about who may do what: policies, row security, and grants. See connex.policy_state.
CREATE OR REPLACE FUNCTION connex.policy_fingerprint() RETURNS text
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT md5(string_agg(said, E'\n' ORDER BY said COLLATE "C"))
    FROM (SELECT concat_ws(' ', schemaname, tablename, policyname, permissive, roles::text, cmd, qual, with_check) AS said
            FROM pg_policies WHERE schemaname IN ('connex', 'audit', 'report')
          UNION ALL
          SELECT concat_ws(' ', relnamespace, relname, relrowsecurity, relacl::text)
            FROM pg_class
           WHERE relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace)
             AND relkind IN ('r', 'p', 'v', 'S') AND NOT relispartition
          UNION ALL
          SELECT concat_ws(' ', a.attrelid::regclass, a.attname, a.attacl::text)
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace)
             AND a.attacl IS NOT NULL AND NOT c.relispartition
          UNION ALL
          SELECT concat_ws(' ', oid::regprocedure, proacl::text)
            FROM pg_proc
           WHERE pronamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace)
          UNION ALL
          SELECT concat_ws(' ', nspname, nspacl::text) FROM pg_namespace WHERE nspname IN ('connex', 'audit', 'report')) s
$$;
