-- The database's own door. Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Enters for this transaction only: finds the session or token by the SHA-256 of its secret, checks that it is alive and
-- complete and has the right, sets connex.* for row security, and RAISES otherwise, so that all that follows is skipped.
-- p_right: step, member, person, provider_profile, claims, eligibility, financials, lso, analyst (enum right in fcgi/request.h).
-- One query finds everything it needs: this runs before every answer.
CREATE OR REPLACE FUNCTION connex.enter(p_secret_hash bytea, p_credential text, p_right text, p_provider_account_id bigint,
                                        p_request_id text, p_address inet)
  RETURNS TABLE (user_account_id bigint, session_expires_at text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
#variable_conflict use_column
DECLARE
  s record;
  session_end timestamptz;
  of_account boolean := p_right IN ('provider_profile', 'claims', 'eligibility', 'financials');
BEGIN
  IF p_credential = 'session' THEN
    SELECT e.session_id, NULL::bigint AS token_id, e.user_account_id, u.status, u.kind, e.last_seen_at, e.ends_at, k.at_now,
           make_interval(mins => (SELECT value::integer FROM setting WHERE name = 'session_idle_minutes')) AS idle,
           CASE WHEN p_right = 'step' THEN NULL
                WHEN u.email_verified_at IS NULL THEN 'verify_email'                                      -- EML-01
                WHEN e.second_factor_at IS NULL THEN 'security_code'                                      -- MFA-01
                WHEN connex.password_due(c.changed_at, c.temporary) THEN 'change_password'                -- PWD-01, PWD-03
           END AS owed,
           CASE WHEN of_account THEN u.kind = 'office' AND EXISTS (
                       SELECT FROM access a                                                               -- FN-01, FN-02
                        WHERE a.user_account_id = e.user_account_id AND a.provider_account_id = p_provider_account_id
                          AND a.status = 'approved' AND p_right = ANY (a.functions))
                WHEN p_right = 'lso' THEN EXISTS (                                                        -- LSO-14
                       SELECT FROM access a WHERE a.user_account_id = e.user_account_id AND a.status = 'approved' AND a.lso)
                WHEN p_right = 'analyst' THEN u.kind = 'analyst'
                ELSE true END AS may,
           true AS by_this_token
      INTO s
      FROM session e
      JOIN user_account u ON u.user_account_id = e.user_account_id
      JOIN credential c ON c.user_account_id = e.user_account_id
      CROSS JOIN (SELECT transaction_timestamp() + shift AS at_now FROM clock) k
     WHERE e.secret_hash = p_secret_hash;
    IF NOT FOUND OR s.status <> 'active' OR s.at_now >= s.ends_at OR s.at_now >= s.last_seen_at + s.idle THEN   -- SES-01
      RAISE EXCEPTION USING ERRCODE = 'CX401', MESSAGE = 'log_in', DETAIL = 'Log in to continue.';
    END IF;
    -- Written at most every 30 s, so that reading stays reading; never in a READ ONLY transaction.
    IF s.at_now > s.last_seen_at + interval '30 seconds' AND current_setting('transaction_read_only') = 'off' THEN
      UPDATE session SET last_seen_at = s.at_now WHERE session_id = s.session_id;
      s.last_seen_at := s.at_now;
    END IF;
    session_end := least(s.last_seen_at + s.idle, s.ends_at);
  ELSE
    SELECT NULL::bigint AS session_id, t.token_id, t.user_account_id, u.status, u.kind, t.last_used_at, k.at_now, NULL::text AS owed,
           CASE WHEN of_account THEN u.kind = 'office' AND EXISTS (
                       SELECT FROM access a
                        WHERE a.user_account_id = t.user_account_id AND a.provider_account_id = p_provider_account_id
                          AND a.status = 'approved' AND p_right = ANY (a.functions))
                ELSE true END AS may,
           NOT of_account OR (p_right = ANY (t.functions) AND EXISTS (
                       SELECT FROM token_provider_account p WHERE p.token_id = t.token_id AND p.provider_account_id = p_provider_account_id)) AS by_this_token
      INTO s
      FROM token t
      JOIN user_account u ON u.user_account_id = t.user_account_id
      CROSS JOIN (SELECT transaction_timestamp() + shift AS at_now FROM clock) k
     WHERE t.secret_hash = p_secret_hash AND t.revoked_at IS NULL AND t.expires_at > k.at_now;
    IF NOT FOUND OR s.status <> 'active' THEN
      RAISE EXCEPTION USING ERRCODE = 'CX401', MESSAGE = 'token_unknown', DETAIL = 'This token is unknown, expired or revoked. Make a new one in Manage Account.';
    ELSIF p_right IN ('step', 'person', 'lso', 'analyst') THEN
      RAISE EXCEPTION USING ERRCODE = 'CX403', MESSAGE = 'not_by_token', DETAIL = 'This can be done by a person at the portal, not with a token.';
    END IF;
    IF (s.last_used_at IS NULL OR s.at_now > s.last_used_at + interval '60 seconds') AND current_setting('transaction_read_only') = 'off' THEN
      UPDATE token SET last_used_at = s.at_now WHERE token_id = s.token_id;
    END IF;
  END IF;

  IF s.owed IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'CX403', MESSAGE = s.owed, DETAIL = CASE s.owed
      WHEN 'verify_email' THEN 'Verify your e-mail address first.'
      WHEN 'security_code' THEN 'Enter the security code first.'
      ELSE 'Change your password first.' END;
  ELSIF NOT s.may THEN
    RAISE EXCEPTION USING ERRCODE = 'CX403',
      MESSAGE = CASE p_right WHEN 'lso' THEN 'not_lso' WHEN 'analyst' THEN 'not_analyst' ELSE 'no_access' END,
      DETAIL = CASE p_right
        WHEN 'lso' THEN 'This is for Local Security Officers.'
        WHEN 'analyst' THEN 'This is for the contractor''s analysts.'
        ELSE 'Your access to this provider account does not include this function. Your Local Security Officer can add it.' END;
  ELSIF NOT s.by_this_token THEN
    RAISE EXCEPTION USING ERRCODE = 'CX403', MESSAGE = 'not_by_this_token',
      DETAIL = 'This token was not made for this function and provider account.';
  END IF;

  PERFORM set_config('connex.user_account_id', s.user_account_id::text, true),
          set_config('connex.session_id', coalesce(s.session_id::text, ''), true),
          set_config('connex.token_id', coalesce(s.token_id::text, ''), true),
          set_config('connex.right', p_right, true),
          set_config('connex.provider_account_id', CASE WHEN of_account THEN p_provider_account_id::text ELSE '' END, true),
          set_config('connex.beneficiary_id', '', true),
          set_config('connex.subject_kind', '', true),
          set_config('connex.subject_id', '', true),
          set_config('connex.request_id', p_request_id, true),
          set_config('connex.address', coalesce(p_address::text, ''), true);
  user_account_id := s.user_account_id;
  session_expires_at := to_char(session_end AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
  RETURN NEXT;
END
$$;

-- Idempotency-Key. First use: remembers the key and returns nothing. Again with the same body: RAISES CX200 with the stored
-- status in HINT and the stored reply in DETAIL, so that nothing after it runs. Another body: 422. A twin in flight is
-- waited for by the primary key's own lock.
CREATE OR REPLACE FUNCTION connex.once(p_key text, p_body_hash bytea) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  kept idempotency;
BEGIN
  INSERT INTO idempotency (user_account_id, key, body_hash) VALUES (entered_user(), p_key, p_body_hash) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    SELECT * INTO kept FROM idempotency i WHERE i.user_account_id = entered_user() AND i.key = p_key;
    IF kept.body_hash <> p_body_hash THEN
      RAISE EXCEPTION USING ERRCODE = 'CX422', MESSAGE = 'idempotency_key_reused',
        DETAIL = 'This Idempotency-Key was used with another body. Use a new key for a new request.';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'CX200', MESSAGE = 'replay', DETAIL = coalesce(kept.reply::text, ''), HINT = coalesce(kept.status, 200)::text;
  END IF;
  PERFORM set_config('connex.idempotency_key', p_key, true);
END
$$;

-- Every statement that creates something returns its reply through this, so that a replay can give it again.
CREATE OR REPLACE FUNCTION connex.reply_once(p_status integer, p_reply json) RETURNS json
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  UPDATE idempotency SET status = p_status, reply = p_reply
   WHERE user_account_id = entered_user() AND key = nullif(current_setting('connex.idempotency_key', true), '');
  PERFORM set_config('connex.idempotency_key', '', true);
  RETURN p_reply;
END
$$;

-- A statement says what its audit row is about when no path parameter says it.
CREATE OR REPLACE FUNCTION connex.subject(p_kind text, p_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('connex.subject_kind', p_kind, true);
  PERFORM set_config('connex.subject_id', coalesce(p_id::text, ''), true);
END
$$;

-- The audit row, in the same transaction as what it tells of: no audit, no answer.
-- In PL/pgSQL, because a function in SQL would be planned anew for every answer.
CREATE OR REPLACE FUNCTION audit.record(p_action text, p_subject_kind text, p_subject_id bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, pg_temp AS $$
BEGIN
  INSERT INTO audit.event (request_id, user_account_id, session_id, token_id, address, action, provider_account_id, subject_kind, subject_id)
  VALUES (nullif(current_setting('connex.request_id', true), ''),
          nullif(current_setting('connex.user_account_id', true), '')::bigint,
          nullif(current_setting('connex.session_id', true), '')::bigint,
          nullif(current_setting('connex.token_id', true), '')::bigint,
          nullif(current_setting('connex.address', true), '')::inet,
          p_action,
          nullif(current_setting('connex.provider_account_id', true), '')::bigint,
          coalesce(nullif(current_setting('connex.subject_kind', true), ''), p_subject_kind),
          coalesce(nullif(current_setting('connex.subject_id', true), '')::bigint, p_subject_id));
END
$$;

-- Puts a mail into the outbox, in the transaction that caused it. p_values: {"name": "value"} for {name} in the template.
CREATE OR REPLACE FUNCTION connex.send_mail(p_template text, p_user_account_id bigint, p_to text, p_values jsonb) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  t mail_template;
  pair record;
BEGIN
  SELECT * INTO STRICT t FROM mail_template WHERE name = p_template;
  FOR pair IN SELECT key, value FROM jsonb_each_text(p_values) LOOP
    t.subject := replace(t.subject, '{' || pair.key || '}', coalesce(pair.value, ''));
    t.body := replace(t.body, '{' || pair.key || '}', coalesce(pair.value, ''));
  END LOOP;
  INSERT INTO outbox (kind, user_account_id, to_address, subject, body, holds_secret)
  VALUES (t.name, p_user_account_id, p_to, regexp_replace(t.subject, '[\r\n]', ' ', 'g'), t.body, t.holds_secret);
END
$$;

GRANT EXECUTE ON FUNCTION connex.enter(bytea, text, text, bigint, text, inet), connex.once(text, bytea), connex.reply_once(integer, json),
  connex.subject(text, bigint), audit.record(text, text, bigint) TO connex_app, connex_reader;
GRANT USAGE ON SCHEMA audit TO connex_reader;
