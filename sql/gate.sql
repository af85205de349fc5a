-- Statements of the gate (fcgi/gate.c): the first and last of every transaction.
-- SPDX-License-Identifier: Apache-2.0

-- name: gate_enter
-- params: $1 secret_hash bytea, $2 credential text, $3 right text, $4 provider_account_id bigint, $5 request_id text
-- params: $6 address inet
SELECT user_account_id, session_expires_at
  FROM connex.enter(p_secret_hash => $1::bytea, p_credential => $2, p_right => $3, p_provider_account_id => $4::bigint,
                    p_request_id => $5, p_address => $6::inet);

-- name: gate_once
-- params: $1 idempotency_key text, $2 body_hash bytea
SELECT connex.once($1, $2::bytea);

-- name: gate_audit
-- params: $1 action text, $2 subject_kind text, $3 subject_id bigint
SELECT audit.record($1, $2, $3::bigint);

-- name: gate_refused
-- params: $1 secret_hash bytea, $2 credential text, $3 detail jsonb, $4 provider_account_id bigint, $5 request_id text
-- params: $6 address inet, $7 subject_kind text, $8 subject_id bigint
SELECT audit.refused(p_secret_hash => $1::bytea, p_credential => $2, p_detail => $3::jsonb, p_provider_account_id => $4::bigint,
                     p_request_id => $5, p_address => $6::inet, p_subject_kind => $7, p_subject_id => $8::bigint)
       AS user_account_id;

-- name: gate_nothing
SELECT NULL::text AS nothing;
