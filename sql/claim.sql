-- Claims: search and one claim. Read as connex_office under row security.
-- SPDX-License-Identifier: Apache-2.0
--
-- These statements are planned once per connection and run for any values (the role's plan_cache_mode), because planning takes
-- longer than running. So every condition must be one that an index can use without knowing the value. Bounds are always given:
-- if none was requested, they are the earliest and latest dates possible (row security would treat a coalesce() here as leaky
-- and keep it from the index). There is one statement for each index, chosen by fcgi/area/claim.c.

-- name: claim_search_service
-- params: $1 provider_account_id bigint, $2 from_on date, $3 to_on date, $4 after_on date, $5 after_claim_id bigint
-- params: $6 row_limit integer
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint
   AND c.from_on >= $2::date AND c.from_on <= $3::date
   AND (c.from_on, c.claim_id) < ($4::date, $5::bigint)
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer;

-- name: claim_search_status
-- params: $1 provider_account_id bigint, $2 from_on date, $3 to_on date, $4 after_on date, $5 after_claim_id bigint
-- params: $6 row_limit integer, $7 status text
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint AND c.status = $7
   AND c.from_on >= $2::date AND c.from_on <= $3::date
   AND (c.from_on, c.claim_id) < ($4::date, $5::bigint)
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer;

-- name: claim_search_patient
-- params: $1 provider_account_id bigint, $2 from_on date, $3 to_on date, $4 after_on date, $5 after_claim_id bigint
-- params: $6 row_limit integer, $7 status text, $8 mbi text, $9 patient_control_no text
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint AND c.mbi = $8
   AND ($7::text IS NULL OR c.status = $7) AND ($9::text IS NULL OR c.patient_control_no = $9)
   AND c.from_on >= $2::date AND c.from_on <= $3::date
   AND (c.from_on, c.claim_id) < ($4::date, $5::bigint)
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer;

-- A control number finds one claim or a few, so the other conditions come as the request's record (see request_record()).
-- name: claim_search_control
-- params: $1 provider_account_id bigint, $2 from_on date, $3 to_on date, $4 after_on date, $5 after_claim_id bigint
-- params: $6 row_limit integer, $7 control_no text, $8 wanted jsonb
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint AND c.control_no = $7
   AND ($8::jsonb->>'status' IS NULL OR c.status = $8->>'status') AND ($8->>'mbi' IS NULL OR c.mbi = $8->>'mbi')
   AND ($8->>'patient_control_no' IS NULL OR c.patient_control_no = $8->>'patient_control_no')
   AND c.from_on >= $2::date AND c.from_on <= $3::date
   AND (c.from_on, c.claim_id) < ($4::date, $5::bigint)
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer;

-- name: claim_search_patient_control
-- params: $1 provider_account_id bigint, $2 from_on date, $3 to_on date, $4 after_on date, $5 after_claim_id bigint
-- params: $6 row_limit integer, $7 status text, $8 mbi text, $9 patient_control_no text
SELECT c.claim_id, c.control_no, c.mbi, concat_ws(', ', c.patient_last_name, c.patient_first_name) AS patient_name, c.from_on,
       c.through_on, c.status, c.status_on, c.charge, c.paid, c.from_on || '_' || c.claim_id AS cursor
  FROM connex.claim c
 WHERE c.provider_account_id = $1::bigint AND c.patient_control_no = $9
   AND ($7::text IS NULL OR c.status = $7) AND ($8::text IS NULL OR c.mbi = $8)
   AND c.from_on >= $2::date AND c.from_on <= $3::date
   AND (c.from_on, c.claim_id) < ($4::date, $5::bigint)
 ORDER BY c.from_on DESC, c.claim_id DESC
 LIMIT $6::integer;

-- One claim: its row, its lines, and its adjudications. fcgi/area/claim.c joins them.
-- name: claim_get
-- params: $1 claim_id bigint
SELECT v.* FROM connex.claim_shown v WHERE v._claim_id = $1::bigint;

-- name: claim_get_lines
-- params: $1 claim_id bigint
SELECT v.* FROM connex.claim_line_shown v WHERE v._claim_id = $1::bigint ORDER BY v.line_no;

-- name: claim_get_adjudications
-- params: $1 claim_id bigint
SELECT v.* FROM connex.adjudication_shown v WHERE v._claim_id = $1::bigint ORDER BY v.adjudication_no;

-- name: claim_get_words
SELECT v.version, w.list, w.code, w.words FROM connex.reason_code_version v LEFT JOIN connex.reason_code w ON true;
