-- The contractor's desk: redeterminations of all provider accounts. Read as connex_staff with the right "analyst".
-- SPDX-License-Identifier: Apache-2.0

-- Open cases, earliest due date first. The literal statuses are those of the index appeal_open.
-- name: desk_list_open
-- params: $1 after_on date, $2 after_appeal_id bigint, $3 row_limit integer
SELECT p.appeal_id, p.confirmation_no, c.control_no, a.name AS provider_account_name, a.npi, a.line_of_business, p.status,
  p.outcome, p.contractor_no,
       connex.iso(p.filed_at) AS filed_at, p.decision_due_on, p.decision_due_on - (SELECT connex.today()) AS days_left,
       connex.acting_person(p.assigned_to, p.contractor_no) AS assigned_to, coalesce(c.charge, 0.00) AS amount, p.version,
       p.decision_due_on || '_' || p.appeal_id AS cursor
  FROM (SELECT * FROM connex.appeal o
         WHERE o.status IN ('received', 'in_review')
           AND (o.decision_due_on, o.appeal_id) > ($1::date, $2::bigint)
         ORDER BY o.decision_due_on, o.appeal_id LIMIT $3::integer) p
  JOIN connex.provider_account a ON a.provider_account_id = p.provider_account_id
  LEFT JOIN LATERAL (SELECT k.control_no, k.charge FROM connex.claim k WHERE k.claim_id = p.claim_id LIMIT 1) c ON true
 ORDER BY p.decision_due_on, p.appeal_id;

-- name: desk_list_status
-- params: $1 after_on date, $2 after_appeal_id bigint, $3 row_limit integer, $4 status text
SELECT p.appeal_id, p.confirmation_no, c.control_no, a.name AS provider_account_name, a.npi, a.line_of_business, p.status,
  p.outcome, p.contractor_no,
       connex.iso(p.filed_at) AS filed_at, p.decision_due_on, p.decision_due_on - (SELECT connex.today()) AS days_left,
       connex.acting_person(p.assigned_to, p.contractor_no) AS assigned_to, coalesce(c.charge, 0.00) AS amount, p.version,
       p.decision_due_on || '_' || p.appeal_id AS cursor
  FROM (SELECT * FROM connex.appeal o
         WHERE o.status = $4
           AND (o.decision_due_on, o.appeal_id) > ($1::date, $2::bigint)
         ORDER BY o.decision_due_on, o.appeal_id LIMIT $3::integer) p
  JOIN connex.provider_account a ON a.provider_account_id = p.provider_account_id
  LEFT JOIN LATERAL (SELECT k.control_no, k.charge FROM connex.claim k WHERE k.claim_id = p.claim_id LIMIT 1) c ON true
 ORDER BY p.decision_due_on, p.appeal_id;

-- name: desk_get
-- params: $1 appeal_id bigint
SELECT connex.desk_document(p.appeal_id) AS document, p.version FROM connex.appeal p WHERE p.appeal_id = $1::bigint;

-- name: desk_take
-- params: $1 appeal_id bigint, $2 version bigint
SELECT connex.desk_take($1::bigint, least($2::bigint, 2147483647)::integer) AS document, $2::bigint + 1 AS version;

-- name: desk_decide
-- params: $1 appeal_id bigint, $2 version bigint, $3 outcome text, $4 rationale text
SELECT connex.desk_decide($1::bigint, least($2::bigint, 2147483647)::integer, $3, $4) AS document, $2::bigint + 1 AS version;

-- name: desk_attachment
-- params: $1 appeal_id bigint, $2 attachment_id bigint
SELECT t.file_name, t.media_type, t.bytes, encode(t.sha256, 'hex') AS sha256
  FROM connex.attachment t WHERE t.attachment_id = $2::bigint AND t.appeal_id = $1::bigint;

-- name: desk_attachment_piece
-- params: $1 appeal_id bigint, $2 attachment_id bigint, $3 piece_no integer
SELECT s.content FROM connex.attachment t JOIN connex.attachment_piece s ON s.attachment_id = t.attachment_id
 WHERE t.attachment_id = $2::bigint AND t.appeal_id = $1::bigint AND s.piece_no = $3::integer;
