-- Eligibility of one beneficiary. Read as connex_office under row security.
-- SPDX-License-Identifier: Apache-2.0

-- name: eligibility_find
-- params: $1 mbi text, $2 last_name text, $3 first_name text, $4 birth_on date, $5 asked_on date
SELECT f.reason_code IS NULL AS found, f.asked_on AS on, f.reason_code AS "reason.code", f.reason_words AS "reason.words",
       f.mbi AS "beneficiary.mbi", f.mbi_ended_on AS "beneficiary.mbi_ended_on", f.last_name AS "beneficiary.last_name",
       f.first_name AS "beneficiary.first_name", f.birth_on AS "beneficiary.birth_on", f.death_on AS "beneficiary.death_on",
       f.sex AS "beneficiary.sex", f.city AS "beneficiary.city", f.state AS "beneficiary.state", connex.iso(f.as_of) AS as_of
  FROM connex.eligibility_person(p_mbi => $1, p_last_name => $2, p_first_name => $3, p_birth_on => $4::date,
                                p_on => $5::date) f;

-- Of the person whom connex.eligibility_person() made visible; no rows if that is nobody. lib/medicare/coverage.h knows the words
-- of each kind, the order, and what is active.
-- name: eligibility_coverage
SELECT c.kind, lower(c.period) AS from, upper(c.period) - 1 AS to, c.amount, c.remaining, c.payer_name, c.payer_id, c.policy,
       c.detail, c.phone, connex.iso(c.as_of) AS as_of
  FROM connex.coverage c;
