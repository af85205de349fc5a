-- Statements of fcgi/area/recovery.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: recovery_user_id
-- params: $1 email text, $2 request_id text, $3 address inet
SELECT connex.recovery_user_id($1, $2, $3::inet);

-- name: recovery_code_send
-- params: $1 user_id text, $2 code text, $3 code_hashes bytea, $4 request_id text, $5 address inet
SELECT connex.recovery_code_send(p_user_id => $1, p_code => $2, p_code_hash => $3::bytea, p_request_id => $4,
                                 p_address => $5::inet);

-- name: recovery_begin
-- params: $1 user_id text, $2 code_hash bytea, $3 request_id text, $4 address inet
SELECT salt, user_id, first_name, last_name, email, min_length, memory_kib, passes, lanes
  FROM connex.recovery_begin($1, $2::bytea, $3, $4::inet);

-- name: recovery_finish
-- params: $1 user_id text, $2 code_hash bytea, $3 former_hashes text[], $4 new_password_hash text, $5 request_id text
-- params: $6 address inet
SELECT connex.recovery_finish(p_user_id => $1, p_code_hash => $2::bytea, p_former => $3::text[], p_new_hash => $4,
                              p_request_id => $5, p_address => $6::inet) AS outcome;
