-- Remittances of a provider account (function Financials). Read as connex_office under row security.
-- SPDX-License-Identifier: Apache-2.0

-- name: remittance_list
-- params: $1 provider_account_id bigint, $2 from_on date, $3 to_on date, $4 after_on date
-- params: $5 after_remittance_id bigint, $6 row_limit integer
SELECT r.remittance_id, r.payment_number, r.method, r.paid_on, r.amount, r.claim_count, r.balanced,
       r.listed_on || '_' || r.remittance_id AS cursor
  FROM connex.remittance r
 WHERE r.provider_account_id = $1::bigint AND r.listed_on >= $2::date AND r.listed_on <= $3::date
   AND (r.listed_on, r.remittance_id) < ($4::date, $5::bigint)
 ORDER BY r.listed_on DESC, r.remittance_id DESC
 LIMIT $6::integer;

-- name: remittance_get
-- params: $1 provider_account_id bigint, $2 remittance_id bigint
SELECT r.remittance_id, r.payment_number, r.method, r.paid_on, r.produced_on, r.amount, r.payer_name, r.payee_name, r.payee_npi,
       r.balanced, r.difference, r.claim_count,
       (SELECT coalesce(json_agg(json_build_object('reason_code', p.reason_code, 'reference', p.reference, 'amount',
         p.amount::text)
                                 ORDER BY p.adjustment_no), '[]')
          FROM connex.provider_adjustment p WHERE p.remittance_id = r.remittance_id) AS provider_adjustments
  FROM connex.remittance r
 WHERE r.remittance_id = $2::bigint AND r.provider_account_id = $1::bigint;

-- The claims of a remittance, in the order of their numbers here. A claim may be in it twice, so the cursor names the
-- adjudication.
-- name: remittance_claim_list
-- params: $1 provider_account_id bigint, $2 remittance_id bigint, $3 after_adjudication text, $4 row_limit integer
SELECT s.claim_id, c.control_no, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, s.clp_status,
       connex.clp_status_words(s.clp_status) AS clp_status_words, s.charge, s.paid, s.patient_responsibility,
       s.claim_id || '_' || s.adjudication_no AS cursor
  FROM (SELECT a.* FROM connex.adjudication a
         WHERE a.remittance_id = $2::bigint
           AND EXISTS (SELECT FROM connex.remittance r
                        WHERE r.remittance_id = $2::bigint AND r.provider_account_id = $1::bigint)
           AND (a.claim_id, a.adjudication_no)
               > (split_part(coalesce($3, '0_0'), '_', 1)::bigint, split_part(coalesce($3, '0_0'), '_', 2)::integer)
         ORDER BY a.claim_id, a.adjudication_no LIMIT $4::integer) s
 CROSS JOIN LATERAL (SELECT k.control_no, k.patient_last_name, k.patient_first_name
                       FROM connex.claim k WHERE k.claim_id = s.claim_id LIMIT 1) c
 ORDER BY s.claim_id, s.adjudication_no;
