-- Statements of fcgi/area/session.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: session_attestation
SELECT version, title, to_json(paragraphs) AS paragraphs
  FROM connex.agreement
 WHERE kind = 'attestation' AND effective_at <= connex.now()
 ORDER BY version DESC LIMIT 1;

-- name: session_begin
-- params: $1 user_id text
SELECT password_hash, locked, memory_kib, passes, lanes FROM connex.session_begin($1);

-- name: session_finish
-- params: $1 user_id text, $2 matched_hash text, $3 new_password_hash text, $4 secret_hash bytea, $5 address inet
-- params: $6 user_agent text, $7 request_id text
SELECT outcome, next, in_a_row, wait_seconds
  FROM connex.session_finish(p_user_id => $1, p_verified_hash => $2, p_new_hash => $3, p_secret_hash => $4::bytea,
                             p_address => $5::inet, p_user_agent => $6, p_request_id => $7);

-- Until the log-in is complete, this shows only what the next step needs, and no rights.
-- name: session_get
SELECT t.next, u.user_id, u.kind, u.first_name, u.last_name, u.email, u.email_verified_at IS NOT NULL AS email_verified,
  u.mobile_phone, u.time_zone,
       coalesce(t.complete AND (SELECT bool_or(a.lso) FROM connex.access a WHERE a.user_account_id = u.user_account_id
         AND a.status = 'approved'), false) AS is_lso,
       (SELECT coalesce(json_agg(DISTINCT f), '[]') FROM connex.access a, unnest(a.functions) f
         WHERE t.complete AND a.user_account_id = u.user_account_id AND a.status = 'approved') AS functions,
       t.expires_at, connex.setting_integer('session_warning_minutes') AS warning_minutes,
       connex.iso(CASE WHEN t.complete THEN u.previous_login_at END) AS previous_login_at,
       CASE WHEN t.complete THEN u.previous_failures ELSE 0 END AS previous_failures,
       (SELECT json_build_object('provider_account_id', v.provider_account_id::text, 'name', v.name, 'npi', v.npi, 'ptan',
         v.ptan, 'tin_last5', v.tin_last5,
                                 'line_of_business', v.line_of_business, 'city', v.city, 'state', v.state, 'functions',
                                   v.functions, 'lso', v.lso)
          FROM connex.provider_account_mine v
         WHERE t.complete AND v.provider_account_id = u.last_provider_account_id) AS provider_account
  FROM (SELECT s.next, s.expires_at, s.next IN ('home', 'change_password') AS complete FROM connex.session_state() s) t,
       connex.user_account u
 WHERE u.user_account_id = connex.entered_user();

-- name: session_extend
SELECT connex.session_extend() AS expires_at;

-- name: session_end
SELECT connex.session_end();

-- name: session_code_send
-- params: $1 purpose text, $2 code text, $3 code_hashes bytea, $4 email text
SELECT sent_to, expires_at FROM connex.code_send($1, $2, $3::bytea, $4);

-- name: session_code_check
-- params: $1 purpose text, $2 code_hash bytea, $3 new_secret_hash bytea
SELECT outcome, next FROM connex.code_check($1, $2::bytea, $3::bytea);
