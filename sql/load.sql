-- Statements of `connex load`. The decisions are made in sql/rules/load*.sql, and the temporary tables are created there.
-- SPDX-License-Identifier: Apache-2.0

-- name: load_begin
SELECT connex.load_begin();

-- name: load_run_start
-- params: $1 kind text, $2 file_name text
INSERT INTO connex.load_run (kind, file_name) VALUES ($1, $2) RETURNING load_run_id;

-- name: load_run_finish
-- params: $1 load_run_id bigint, $2 state text, $3 accepted bigint, $4 unchanged bigint, $5 flagged bigint
-- params: $6 refused bigint, $7 bytes bigint, $8 sha256_hex text
UPDATE connex.load_run
   SET state = $2, accepted = $3, unchanged = $4, flagged = $5, refused = $6, bytes = $7, sha256 = decode($8, 'hex'),
       finished_at = clock_timestamp()
 WHERE load_run_id = $1;

-- name: load_remittance
-- params: $1 load_run_id bigint, $2 contractor_no text
SELECT severity, code, segment, words FROM connex.load_remittance($1::bigint, $2::text);

-- name: load_findings
-- params: $1 load_run_id bigint
SELECT connex.load_findings($1::bigint);

-- name: load_synthetic_mbi_allowed
SELECT connex.setting_boolean('synthetic_mbi_allowed');

-- name: load_provider_accounts
-- params: $1 load_run_id bigint
SELECT severity, code, place, words FROM connex.load_provider_accounts($1::bigint);

-- name: load_payments
-- params: $1 load_run_id bigint
SELECT severity, code, place, words FROM connex.load_payments($1::bigint);

-- name: load_beneficiaries
-- params: $1 load_run_id bigint
SELECT severity, code, place, words FROM connex.load_beneficiaries($1::bigint);
