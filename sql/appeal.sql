-- Redeterminations of an office. Read as connex_office under row security; filed by connex.appeal_file() (sql/rules/appeal.sql).
-- SPDX-License-Identifier: Apache-2.0

-- name: appeal_file
-- params: $1 claim_id bigint, $2 line_nos integer[], $3 requester_name text, $4 requester_phone text, $5 reason text
-- params: $6 additional_information text, $7 late_reason text, $8 attachment_ids bigint[]
SELECT f.document, f.document ->> 'version' AS version
  FROM connex.appeal_file(p_claim_id => $1::bigint, p_line_nos => $2::integer[], p_requester_name => $3,
                          p_requester_phone => $4, p_reason => $5, p_additional_information => $6, p_late_reason => $7,
                          p_attachment_ids => $8::bigint[]) AS f (document);

-- name: appeal_get
-- params: $1 provider_account_id bigint, $2 appeal_id bigint
SELECT connex.appeal_document(p.appeal_id) AS document, p.version
  FROM connex.appeal p WHERE p.appeal_id = $2::bigint AND p.provider_account_id = $1::bigint;

-- name: appeal_list
-- params: $1 provider_account_id bigint, $2 status text, $3 after_appeal_id bigint, $4 row_limit integer
SELECT p.appeal_id, p.confirmation_no, p.claim_id,
       (SELECT c.control_no FROM connex.claim c WHERE c.claim_id = p.claim_id) AS control_no,
       p.status, p.outcome, connex.iso(p.filed_at) AS filed_at, p.decision_due_on, connex.iso(p.decided_at) AS decided_at,
       p.appeal_id::text AS cursor
  FROM connex.appeal p
 WHERE p.provider_account_id = $1::bigint AND ($2::text IS NULL OR p.status = $2)
   AND p.appeal_id < $3::bigint
 ORDER BY p.appeal_id DESC
 LIMIT $4::integer;

-- name: appeal_receipt
-- params: $1 provider_account_id bigint, $2 appeal_id bigint
SELECT k.name AS contractor_name, p.confirmation_no,
       to_char(p.filed_at AT TIME ZONE connex.setting_text('time_zone'), 'FMMonth FMDD, YYYY, FMHH12:MI:SS AM')
         || ' (' || connex.setting_text('time_zone') || ')' AS received,
       extract(epoch FROM p.filed_at)::bigint AS received_at, p.requester_name, a.name AS provider_name, a.npi, a.ptan,
       right(a.tin, 5) AS tin_last_five, (SELECT c.control_no FROM connex.claim c WHERE c.claim_id = p.claim_id) AS control_no,
       to_char(p.notice_on, 'FMMonth FMDD, YYYY') AS decided_on, to_char(p.deadline_on, 'FMMonth FMDD, YYYY') AS deadline_on,
       to_char(p.decision_due_on, 'FMMonth FMDD, YYYY') AS decision_due_on, p.late_reason, p.reason
  FROM connex.appeal p
  JOIN connex.provider_account a ON a.provider_account_id = p.provider_account_id
  LEFT JOIN connex.contractor k ON k.contractor_no = p.contractor_no
 WHERE p.appeal_id = $2::bigint AND p.provider_account_id = $1::bigint;

-- The lines in dispute; no rows if the whole claim is in dispute.
-- name: appeal_receipt_lines
-- params: $1 provider_account_id bigint, $2 appeal_id bigint
SELECT l.line_no, to_char(l.from_on, 'MM/DD/YYYY') AS service_on,
       concat_ws(' ', coalesce(l.procedure_code, l.revenue_code), array_to_string(l.modifiers, ' ')) AS procedure_code,
         l.charge, l.paid
  FROM connex.appeal p
  CROSS JOIN LATERAL (
    SELECT DISTINCT ON (n.line_no) n.* FROM connex.claim_line n
     WHERE n.claim_id = p.claim_id AND n.line_no = ANY (p.line_nos) ORDER BY n.line_no, n.adjudication_no DESC) l
 WHERE p.appeal_id = $2::bigint AND p.provider_account_id = $1::bigint
 ORDER BY l.line_no;

-- name: appeal_receipt_attachments
-- params: $1 provider_account_id bigint, $2 appeal_id bigint
SELECT t.file_name, t.bytes, coalesce(t.pages, 0) AS pages, encode(t.sha256, 'hex') AS sha256
  FROM connex.attachment t
 WHERE t.appeal_id = $2::bigint AND t.provider_account_id = $1::bigint
 ORDER BY t.attachment_id;
