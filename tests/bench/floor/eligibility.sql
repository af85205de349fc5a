-- The floor of an eligibility lookup: see claim.sql. subject: the Medicare number.
-- SPDX-License-Identifier: Apache-2.0
\startpipeline
BEGIN;
SELECT session_id, user_account_id, ends_at, last_seen_at, second_factor_at FROM connex.session WHERE secret_hash = :hash::bytea;
SELECT b.* FROM connex.beneficiary_mbi m JOIN connex.beneficiary b ON b.beneficiary_id = m.beneficiary_id
 WHERE m.mbi = :subject;
SELECT c.*, k.words FROM connex.beneficiary_mbi m JOIN connex.coverage c ON c.beneficiary_id = m.beneficiary_id
  JOIN connex.coverage_kind k ON k.kind = c.kind
 WHERE m.mbi = :subject;
INSERT INTO audit.event (request_id, user_account_id, session_id, address, action, provider_account_id, subject_kind, subject_id)
VALUES ('0123456789abcdef0123456789abcdef', 1, 1, '127.0.0.1', 'eligibility_lookup', :account::bigint, 'beneficiary', 1);
COMMIT;
\endpipeline
