-- Statements of fcgi/area/recovery.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: recovery_user_id
-- params: $1 email text, $2 request_id text, $3 address inet
SELECT connex.recovery_user_id($1, $2, $3::inet);

-- name: recovery_code_send
-- params: $1 user_id text, $2 pepper bytea, $3 request_id text, $4 address inet
SELECT connex.recovery_code_send($1, $2::bytea, $3, $4::inet);

-- name: recovery_begin
-- params: $1 user_id text, $2 pepper bytea, $3 code text, $4 request_id text, $5 address inet
SELECT salt, user_id, first_name, last_name, email, min_length, memory_kib, passes, lanes
  FROM connex.recovery_begin(p_user_id => $1, p_pepper => $2::bytea, p_code => $3, p_request_id => $4, p_address => $5::inet);

-- name: recovery_finish
-- params: $1 user_id text, $2 pepper bytea, $3 code text, $4 former_hashes text[], $5 new_password_hash text
-- params: $6 request_id text, $7 address inet
SELECT connex.recovery_finish(p_user_id => $1, p_pepper => $2::bytea, p_code => $3, p_former => $4::text[],
                              p_new_hash => $5, p_request_id => $6, p_address => $7::inet) AS outcome;
