-- Statements of fcgi/area/recovery.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: recovery_user_id
-- params: $1 email, $2 request id, $3 address
SELECT connex.recovery_user_id($1, $2, $3::inet);

-- name: recovery_code_send
-- params: $1 user_id, $2 ten digits, $3 hashes of the first four to ten bytea (binary), $4 request id, $5 address
SELECT connex.recovery_code_send($1, $2, $3::bytea, $4, $5::inet);

-- name: recovery_begin
-- params: $1 user_id, $2 code hash bytea (binary), $3 request id, $4 address
SELECT present, password_hash, user_id, first_name, last_name, email, min_length, memory_kib, passes, lanes
  FROM connex.recovery_begin($1, $2::bytea, $3, $4::inet);

-- name: recovery_finish
-- params: $1 user_id, $2 code hash bytea (binary), $3 new password hash, $4 request id, $5 address
SELECT connex.recovery_finish($1, $2::bytea, $3, $4, $5::inet) AS done;
