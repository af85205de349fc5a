-- Claims: search and one claim. Read as connex_reader under row security.
-- SPDX-License-Identifier: Apache-2.0
--
-- These statements are planned once a connection and run for any values (plan_cache_mode of the role): over the months'
-- partitions a plan costs more than the answer. So every condition is one that an index can follow without knowing the
-- value: bounds that default to the ends of time, and one statement for each index, chosen by fcgi/area/claim.c.

-- name: claim_search_service
-- params: $1 provider_account_id, $2 from or null, $3 to or null, $4 after date or null, $5 after claim_id or null, $6 limit
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint
   AND c.from_on >= coalesce($2::date, '-infinity') AND c.from_on <= coalesce($3::date, 'infinity')
   AND (c.from_on, c.claim_id) < (coalesce($4::date, 'infinity'), coalesce($5::bigint, 9223372036854775807))
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer + 1;

-- name: claim_search_status
-- params: $1 provider_account_id, $2 from or null, $3 to or null, $4 after date or null, $5 after claim_id or null, $6 limit, $7 status
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint AND c.status = $7
   AND c.from_on >= coalesce($2::date, '-infinity') AND c.from_on <= coalesce($3::date, 'infinity')
   AND (c.from_on, c.claim_id) < (coalesce($4::date, 'infinity'), coalesce($5::bigint, 9223372036854775807))
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer + 1;

-- name: claim_search_patient
-- params: $1 provider_account_id, $2 from or null, $3 to or null, $4 after date or null, $5 after claim_id or null, $6 limit, $7 status or null, $8 mbi, $9 patient control number or null
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint AND c.mbi = $8
   AND ($7::text IS NULL OR c.status = $7) AND ($9::text IS NULL OR c.patient_control_no = $9)
   AND c.from_on >= coalesce($2::date, '-infinity') AND c.from_on <= coalesce($3::date, 'infinity')
   AND (c.from_on, c.claim_id) < (coalesce($4::date, 'infinity'), coalesce($5::bigint, 9223372036854775807))
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer + 1;

-- name: claim_search_control
-- params: $1 provider_account_id, $2 from or null, $3 to or null, $4 after date or null, $5 after claim_id or null, $6 limit, $7 status or null, $8 mbi or null, $9 patient control number or null, $10 control number or null
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, coalesce(c.from_on, '-infinity') || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint AND c.control_no = $10
   AND ($7::text IS NULL OR c.status = $7) AND ($8::text IS NULL OR c.mbi = $8) AND ($9::text IS NULL OR c.patient_control_no = $9)
   AND ($2::date IS NULL OR c.from_on >= $2) AND ($3::date IS NULL OR c.from_on <= $3)
   AND ($5::bigint IS NULL OR (coalesce(c.from_on, '-infinity'), c.claim_id) < ($4::date, $5))
 ORDER BY coalesce(c.from_on, '-infinity') DESC, c.claim_id DESC
 LIMIT $6::integer + 1;

-- name: claim_get
-- params: $1 provider_account_id, $2 claim_id
WITH adjustment AS MATERIALIZED (
  SELECT j.line_no, json_agg(json_build_object(
           'group_code', j.group_code, 'group_words', g.words, 'reason_code', j.reason_code, 'reason_words', w.words,
           'amount', j.amount::text, 'quantity', trim_scale(j.quantity)::text) ORDER BY j.adjustment_no) AS of_line
    FROM connex.claim_adjustment j
    LEFT JOIN connex.reason_code g ON g.list = 'group' AND g.code = j.group_code
    LEFT JOIN connex.reason_code w ON w.list = 'CARC' AND w.code = j.reason_code
   WHERE j.claim_id = $2::bigint
     AND j.adjudication_no = (SELECT k.last_adjudication_no FROM connex.claim k WHERE k.claim_id = $2::bigint)
   GROUP BY j.line_no
)
SELECT c.claim_id, c.contractor_no, c.system, c.control_no, c.patient_control_no, c.mbi, c.patient_last_name,
       c.patient_first_name, c.line_of_business, c.status, c.status_on, c.received_on, c.from_on, c.through_on, c.finalized_on,
       c.charge, c.paid, c.patient_responsibility, c.bill_type, c.facility, c.drg, to_json(c.diagnoses) AS diagnoses,
       (SELECT coalesce(json_agg(json_build_object(
                 'line_no', l.line_no, 'procedure_code', l.procedure_code, 'modifiers', l.modifiers,
                 'revenue_code', l.revenue_code, 'units', trim_scale(l.units)::text, 'from_on', l.from_on,
                 'through_on', l.through_on, 'charge', l.charge::text, 'allowed', l.allowed::text, 'paid', l.paid::text,
                 'place_of_service', l.place_of_service,
                 'adjustments', coalesce(j.of_line, '[]'),
                 'remarks', (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words', w.words)), '[]')
                               FROM unnest(l.remark_codes) g(code)
                               LEFT JOIN connex.reason_code w ON w.list = 'RARC' AND w.code = g.code)) ORDER BY l.line_no), '[]')
          FROM connex.claim_line l
          LEFT JOIN adjustment j ON j.line_no = l.line_no
         WHERE l.claim_id = $2::bigint AND l.adjudication_no = c.last_adjudication_no) AS lines,
       coalesce((SELECT j.of_line FROM adjustment j WHERE j.line_no = 0), '[]') AS adjustments,
       (SELECT coalesce(json_agg(json_build_object('code', g.code, 'words', w.words)), '[]')
          FROM connex.adjudication a CROSS JOIN unnest(a.remark_codes) g(code)
          LEFT JOIN connex.reason_code w ON w.list = 'RARC' AND w.code = g.code
         WHERE a.claim_id = $2::bigint AND a.adjudication_no = c.last_adjudication_no) AS remarks,
       (SELECT json_build_object('remittance_id', r.remittance_id::text, 'payment_number', r.payment_number, 'method', r.method,
                                 'paid_on', r.paid_on, 'amount', r.amount::text, 'balanced', r.balanced)
          FROM connex.remittance r WHERE r.remittance_id = c.remittance_id) AS remittance,
       (SELECT coalesce(json_agg(json_build_object(
                 'adjudication_no', a.adjudication_no, 'clp_status', a.clp_status,
                 'clp_status_words', connex.clp_status_words(a.clp_status), 'reverses_no', a.reverses_no,
                 'adjudicated_on', a.adjudicated_on, 'charge', a.charge::text, 'paid', a.paid::text,
                 'patient_responsibility', a.patient_responsibility::text,
                 'payment_number', r.payment_number, 'remittance_id', a.remittance_id::text) ORDER BY a.adjudication_no), '[]')
          FROM connex.adjudication a LEFT JOIN connex.remittance r ON r.remittance_id = a.remittance_id
         WHERE a.claim_id = $2::bigint) AS adjudications,
       (SELECT json_build_object('appeal_id', p.appeal_id::text, 'confirmation_no', p.confirmation_no, 'status', p.status,
                                 'outcome', p.outcome, 'filed_at', connex.iso(p.filed_at))
          FROM connex.appeal p WHERE p.claim_id = $2::bigint AND p.level = 1 AND p.status <> 'withdrawn') AS appeal,
       (SELECT json_agg(json_build_object('action', t.action, 'allowed', t.allowed, 'words', t.words, 'rule', t.rule,
                                          'deadline_on', t.deadline_on, 'days_left', t.days_left))
          FROM connex.claim_actions($2::bigint) t) AS possible_actions
  FROM connex.claim c
 WHERE c.claim_id = $2::bigint AND c.provider_account_id = $1::bigint;
