-- Statements of fcgi/area/session.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: session_attestation
SELECT version, title, to_json(paragraphs) AS paragraphs
  FROM connex.agreement
 WHERE kind = 'attestation' AND effective_at <= connex.now()
 ORDER BY version DESC LIMIT 1;

-- name: session_begin
-- params: $1 user_id text
SELECT salt, locked, memory_kib, passes, lanes FROM connex.session_begin($1);

-- name: session_finish
-- params: $1 user_id text, $2 typed_hash text, $3 address inet, $4 user_agent text, $5 request_id text
SELECT outcome, next, in_a_row, wait_seconds, secret
  FROM connex.session_finish(p_user_id => $1, p_typed_hash => $2, p_address => $3::inet, p_user_agent => $4,
                             p_request_id => $5);

-- name: session_rehash
-- params: $1 user_id text, $2 typed_hash text, $3 new_password_hash text
SELECT connex.session_rehash($1, $2, $3);

-- name: session_get
SELECT next, user_id, kind, first_name, last_name, email, email_verified, mobile_phone, time_zone, is_lso, functions, expires_at,
       warning_minutes, previous_login_at, previous_failures,
       provider_account_id AS "provider_account.provider_account_id", name AS "provider_account.name",
       npi AS "provider_account.npi", ptan AS "provider_account.ptan", tin_last5 AS "provider_account.tin_last5",
       line_of_business AS "provider_account.line_of_business", city AS "provider_account.city",
       state AS "provider_account.state", account_functions AS "provider_account.functions", lso AS "provider_account.lso"
  FROM connex.session_mine;

-- name: session_extend
SELECT connex.session_extend() AS expires_at;

-- name: session_end
SELECT connex.session_end();

-- name: session_code_send
-- params: $1 purpose text, $2 pepper bytea, $3 email text
SELECT sent_to, expires_at FROM connex.code_send($1, $2::bytea, $3);

-- name: session_code_check
-- params: $1 purpose text, $2 pepper bytea, $3 code text
SELECT outcome, next, secret FROM connex.code_check($1, $2::bytea, $3);
