-- Statements of the gate (fcgi/gate.c): first and last of every transaction.
-- SPDX-License-Identifier: Apache-2.0

-- name: gate_enter
-- params: $1 secret hash bytea (binary), $2 'session' or 'token', $3 right, $4 provider_account_id or null, $5 request id, $6 address
SELECT user_account_id, session_expires_at FROM connex.enter($1::bytea, $2, $3, $4::bigint, $5, $6::inet);

-- name: gate_once
-- params: $1 key, $2 body hash bytea (binary)
SELECT connex.once($1, $2::bytea);

-- name: gate_audit
-- params: $1 action, $2 subject kind or null, $3 subject id or null
SELECT audit.record($1, $2, $3::bigint);
