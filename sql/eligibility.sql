-- Eligibility of one beneficiary. Read as connex_office under row security.
-- SPDX-License-Identifier: Apache-2.0

-- name: eligibility_match
-- params: $1 mbi text, $2 last_name text, $3 first_name text, $4 birth_on date, $5 asked_on date
SELECT connex.eligibility_match(p_mbi => $1, p_last_name => $2, p_first_name => $3, p_birth_on => $4::date,
                                p_on => $5::date) AS document;

-- The person whom eligibility_match made visible; no row if it made nobody visible.
-- name: eligibility_answer
-- params: $1 mbi text, $2 asked_on date
SELECT true AS found, asked.on_date AS on, NULL::json AS reason,
       json_build_object('mbi', m.mbi, 'mbi_ended_on', m.ended_on, 'last_name', b.last_name, 'first_name', b.first_name,
                         'birth_on', b.birth_on, 'death_on', b.death_on, 'sex', b.sex, 'city', b.city, 'state',
                           b.state) AS beneficiary,
       (SELECT coalesce(json_agg(json_build_object('kind', a.kind, 'words', a.words) ORDER BY a.ordinal), '[]')
          FROM connex.eligibility_alerts(asked.on_date) a) AS alerts,
       (SELECT coalesce(json_agg(json_build_object(
                 'kind', c.kind, 'words', k.words, 'from', lower(c.period), 'to', upper(c.period) - 1,
                 'amount', c.amount::text, 'remaining', c.remaining::text, 'payer_name', c.payer_name, 'payer_id', c.payer_id,
                 'policy', c.policy, 'detail', c.detail, 'phone', c.phone, 'active', c.period @> asked.on_date,
                 'as_of', connex.iso(c.as_of)) ORDER BY k.ordinal, c.period DESC), '[]')
          FROM connex.coverage c JOIN connex.coverage_kind k ON k.kind = c.kind
         WHERE c.beneficiary_id = b.beneficiary_id) AS coverage,
       connex.iso(b.as_of) AS as_of
  FROM (SELECT coalesce($2::date, connex.today()) AS on_date OFFSET 0) asked -- OFFSET: computed once, not for every row
  JOIN connex.beneficiary b ON b.beneficiary_id = connex.entered_beneficiary()
  JOIN connex.beneficiary_mbi m ON m.mbi = $1 AND m.beneficiary_id = b.beneficiary_id;
