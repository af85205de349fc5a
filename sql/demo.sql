-- Statements of `connex demo`, run as the owner; rows come by COPY.
-- SPDX-License-Identifier: Apache-2.0

-- name: demo_in_use
SELECT EXISTS (SELECT FROM connex.claim_key) OR EXISTS (SELECT FROM connex.user_account);

-- name: demo_admit_synthetic_mbi
UPDATE connex.setting SET value = 'true', changed_at = connex.now() WHERE name = 'synthetic_mbi_allowed';

-- name: demo_sequences
SELECT setval(pg_get_serial_sequence('connex.provider_account', 'provider_account_id'),
  (SELECT max(provider_account_id) FROM connex.provider_account)),
       setval(pg_get_serial_sequence('connex.user_account', 'user_account_id'),
         (SELECT max(user_account_id) FROM connex.user_account)),
       setval(pg_get_serial_sequence('connex.beneficiary', 'beneficiary_id'),
         (SELECT max(beneficiary_id) FROM connex.beneficiary)),
       setval(pg_get_serial_sequence('connex.remittance', 'remittance_id'), (SELECT max(remittance_id) FROM connex.remittance)),
       setval(pg_get_serial_sequence('connex.access', 'access_id'), (SELECT max(access_id) FROM connex.access)),
       setval(pg_get_serial_sequence('connex.appeal', 'appeal_id'), (SELECT coalesce(max(appeal_id), 1) FROM connex.appeal)),
       setval('connex.appeal_serial', (SELECT coalesce(max(appeal_id), 1) FROM connex.appeal)),
       setval('connex.claim_serial', (SELECT max(claim_id & 1099511627775) FROM connex.claim_key));

-- name: demo_new_lso
-- The first request in the contractor's queue, with the last payment as its proof (LSO-03).
WITH proof AS (
  SELECT p.provider_account_id, p.payment_id
    FROM connex.payment p
   WHERE p.provider_account_id = (SELECT max(provider_account_id) FROM connex.provider_account)
   ORDER BY p.issued_on DESC LIMIT 1
), made AS (
  INSERT INTO connex.access (user_account_id, provider_account_id, lso_requested, functions_requested, payment_id)
  SELECT u.user_account_id, proof.provider_account_id, true, '{provider_profile,claims,eligibility,financials}', proof.payment_id
    FROM proof, connex.user_account u WHERE u.user_id = 'NEWL007'
  RETURNING access_id, user_account_id
)
INSERT INTO connex.access_event (access_id, event_no, user_account_id, action, functions, lso)
SELECT access_id, 1, user_account_id, 'requested', '{provider_profile,claims,eligibility,financials}', true FROM made;

-- name: demo_staff
-- The analyst works for every contractor of the demonstration.
INSERT INTO connex.staff_contractor (user_account_id, contractor_no)
SELECT u.user_account_id, c.contractor_no FROM connex.user_account u, connex.contractor c WHERE u.kind = 'analyst';

-- name: demo_statistics
ANALYZE;
