-- The floor of one claim: the least SQL that finds the session, reads the same rows by their keys, keeps one durable audit row,
-- and commits. By hand, as a superuser, without rights, row security, or rules: nothing of ours makes it slower or faster.
-- pgbench runs it (scripts/bench.mjs). hash: the session's; subject: the claim; account: the provider account.
-- SPDX-License-Identifier: Apache-2.0
\startpipeline
BEGIN;
SELECT session_id, user_account_id, ends_at, last_seen_at, second_factor_at FROM connex.session WHERE secret_hash = :hash::bytea;
SELECT * FROM connex.claim WHERE claim_id = :subject::bigint AND provider_account_id = :account::bigint;
SELECT * FROM connex.adjudication WHERE claim_id = :subject::bigint;
SELECT * FROM connex.claim_line WHERE claim_id = :subject::bigint;
SELECT r.payment_number, r.paid_on, r.amount FROM connex.claim c JOIN connex.remittance r ON r.remittance_id = c.remittance_id
 WHERE c.claim_id = :subject::bigint;
SELECT appeal_id, confirmation_no, status FROM connex.appeal WHERE claim_id = :subject::bigint;
INSERT INTO audit.event (request_id, user_account_id, session_id, address, action, provider_account_id, subject_kind, subject_id)
VALUES ('0123456789abcdef0123456789abcdef', 1, 1, '127.0.0.1', 'claim_view', :account::bigint, 'claim', 1);
COMMIT;
\endpipeline
