-- Edge cases of the triage (standards 4.4) and of filing: what was paid in part was processable, decisions count in the order
-- of their days, reasons are those of the decision in effect, and attachments are the filer's own.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(22);

UPDATE connex.clock SET shift = '2026-06-01 16:00+00'::timestamptz - transaction_timestamp();
INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99922', 'Triage test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
VALUES ('99922', '1999999976', 'TRIAGE1', '999999922', 'Triage Practice', 'part_b', 'ME');
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
VALUES ('TRIA001', 'office', 'Ada', 'Office', 'billing', 'tria001@rules.example', now()), ('TRIA002', 'analyst', 'Max', 'Desk', 'other', 'tria002@rules.example', now());
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) SELECT user_account_id, contractor_no FROM connex.user_account, connex.contractor WHERE user_id = 'TRIA002';
CREATE FUNCTION pg_temp.account() RETURNS bigint LANGUAGE sql AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'TRIAGE1' $$;
CREATE FUNCTION pg_temp.act_as(p_user text, p_right text) RETURNS void LANGUAGE sql AS $$
  SELECT connex.seal((SELECT user_account_id FROM connex.user_account WHERE user_id = p_user), NULL, NULL, p_right, pg_temp.account());
  SELECT set_config('connex.idempotency_key', '', true) $$;
CREATE FUNCTION pg_temp.claim(p_no text, p_paid numeric, p_reason text, p_line_remark text DEFAULT NULL, p_remark text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  id bigint := connex.claim_id_new('2026-01-01');
BEGIN
  INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on, finalized_on, charge, paid, last_adjudication_no)
  VALUES (id, '99922', 'mcs', p_no, pg_temp.account(), CASE WHEN p_paid > 0 THEN 'paid' ELSE 'denied' END, '2026-01-01', '2026-05-01', 100, p_paid, 1);
  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on, remark_codes)
  VALUES (id, 1, pg_temp.account(), CASE WHEN p_paid > 0 THEN '1' ELSE '4' END, 100, p_paid, '2026-05-01', array_remove(ARRAY[p_remark], NULL));
  INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, charge, remark_codes, adjustment_groups, adjustment_reasons, adjustment_amounts)
  VALUES (id, 1, 1, pg_temp.account(), 100, array_remove(ARRAY[p_line_remark], NULL), '{CO}', ARRAY[p_reason], ARRAY[100 - p_paid]);
  RETURN id;
END
$$;
CREATE FUNCTION pg_temp.allows(p_no text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s %s %s', a.action, CASE WHEN a.allowed THEN 'yes' ELSE 'no' END, a.code, coalesce(a.deadline_on::text, '-')), '; ')
    FROM connex.claim k CROSS JOIN LATERAL connex.claim_actions(k.claim_id) a WHERE k.control_no = p_no AND k.contractor_no = '99922' $$;

SELECT pg_temp.claim('PARTMA130', 50, '16', 'MA130'), pg_temp.claim('PARTN211', 50, '16', 'N211'), pg_temp.claim('NONEMA130', 0, '16', 'MA130');
SELECT is(pg_temp.allows('PARTMA130'), 'redetermination yes open 2026-09-03', '2: what was paid in part was processable, with or without MA130 at a line');
SELECT is(pg_temp.allows('PARTN211'), 'redetermination yes open 2026-09-03', '2: so it was with N211 and reason 16');
SELECT is(pg_temp.allows('NONEMA130'), 'new_claim no unprocessable -; redetermination no unprocessable -', '2: if nothing was paid, it was not');

-- A further adjudication of a claim, with its reason.
CREATE FUNCTION pg_temp.again(p_no text, p_on date, p_status text, p_reason text, p_remark text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  UPDATE connex.claim SET last_adjudication_no = last_adjudication_no + 1, finalized_on = p_on WHERE control_no = p_no AND contractor_no = '99922';
  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on, remark_codes)
  SELECT claim_id, last_adjudication_no, pg_temp.account(), p_status, 100, 0, p_on, array_remove(ARRAY[p_remark], NULL) FROM connex.claim WHERE control_no = p_no AND contractor_no = '99922';
  INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, charge, adjustment_groups, adjustment_reasons, adjustment_amounts)
  SELECT claim_id, last_adjudication_no, 1, pg_temp.account(), 100, '{CO}', ARRAY[p_reason], '{100}' FROM connex.claim WHERE control_no = p_no AND contractor_no = '99922' $$;
SELECT pg_temp.claim('LATEREVERSAL', 0, '50'), pg_temp.again('LATEREVERSAL', '2026-01-05', '1', '45'), pg_temp.again('LATEREVERSAL', '2026-03-01', '22', '45');
SELECT is(pg_temp.allows('LATEREVERSAL'), 'redetermination yes open 2026-09-03', 'decisions count in the order of their days, whatever order they were loaded in');
SELECT pg_temp.claim('LATEMA130', 0, '50'), pg_temp.again('LATEMA130', '2026-04-01', '4', '16', 'MA130');
SELECT is(pg_temp.allows('LATEMA130'), 'redetermination yes open 2026-09-03', 'and so do their remarks: an MA130 before the decision in effect does not take the right away');
SELECT pg_temp.claim('OLDREASON', 0, '29'), pg_temp.again('OLDREASON', '2026-05-10', '4', '50');
SELECT is(pg_temp.allows('OLDREASON'), 'redetermination yes open 2026-09-03', '3: a reason of a decision that was replaced does not count');
SELECT pg_temp.claim('WHOLE29', 0, '45'), pg_temp.claim('WHOLE16', 0, '45', 'N211');
UPDATE connex.adjudication SET adjustment_groups = '{CO,OA}', adjustment_reasons = '{23,29}', adjustment_amounts = '{10,90}' WHERE claim_id = (SELECT claim_id FROM connex.claim WHERE control_no = 'WHOLE29' AND contractor_no = '99922');
UPDATE connex.adjudication SET adjustment_groups = '{CO}', adjustment_reasons = '{16}', adjustment_amounts = '{100}' WHERE claim_id = (SELECT claim_id FROM connex.claim WHERE control_no = 'WHOLE16' AND contractor_no = '99922');
SELECT is(pg_temp.allows('WHOLE29'), 'redetermination no untimely -', '3: a reason of the whole claim counts like one of a line');
SELECT is(pg_temp.allows('WHOLE16'), 'new_claim no unprocessable -; redetermination no unprocessable -', '2: so does reason 16');
SELECT is((SELECT string_agg(code || ' ' || claims, ', ' ORDER BY code) FROM report.claims_by_appeal_right WHERE contractor_no = '99922' AND code IN ('untimely', 'unprocessable')), 'unprocessable 2, untimely 1', 'and the report says so');
SELECT throws_ok($$ UPDATE connex.claim_line SET adjustment_reasons = '{}' WHERE adjustment_groups <> '{}' $$, '23514', NULL, 'the lists of adjustments are equally long');

SELECT pg_temp.claim('DISMISSED', 0, '50'), pg_temp.claim('DECIDED', 0, '50');
SELECT pg_temp.act_as('TRIA001', 'claims');
SELECT connex.appeal_file(claim_id, NULL, 'Ada Office', '2075550100', 'Because.', NULL, NULL, NULL) FROM connex.claim WHERE contractor_no = '99922' AND control_no IN ('DISMISSED', 'DECIDED');
SELECT pg_temp.act_as('TRIA002', 'analyst');
SELECT connex.desk_decide(p.appeal_id, 1, CASE c.control_no WHEN 'DISMISSED' THEN 'dismissed' ELSE 'unfavorable' END, 'Because.')
  FROM connex.appeal p JOIN connex.claim c USING (claim_id) WHERE p.contractor_no = '99922';
SELECT alike(pg_temp.allows('DISMISSED'), '%reconsideration no next_level ' || (SELECT deadline_on FROM connex.deadline('dismissal_review', '2026-06-01')), '4: after a dismissal comes its review');
SELECT alike(pg_temp.allows('DECIDED'), '%reconsideration no next_level ' || (SELECT deadline_on FROM connex.deadline('reconsideration', '2026-06-01')), '4: after a decision comes a reconsideration');

-- --- attachments: the filer's own, and as many as the setting says -------------------------------------------------------
SELECT pg_temp.claim('FILES', 0, '50');
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at) VALUES ('TRIA003', 'office', 'Col', 'League', 'billing', 'tria003@rules.example', now());
CREATE FUNCTION pg_temp.attach(p_user text) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO connex.attachment (provider_account_id, uploaded_by, file_name, media_type, bytes, sha256, created_at)
  SELECT pg_temp.account(), user_account_id, 'note.pdf', 'application/pdf', 1, sha256('x'), connex.now() - interval '1 year' FROM connex.user_account WHERE user_id = p_user
  RETURNING attachment_id $$;
CREATE TEMPORARY TABLE attached AS SELECT pg_temp.attach('TRIA001') AS mine, pg_temp.attach('TRIA001') AS other, pg_temp.attach('TRIA001') AS fresh, pg_temp.attach('TRIA003') AS colleague;
CREATE FUNCTION pg_temp.file(p_files bigint[]) RETURNS json LANGUAGE sql AS $$
  SELECT connex.appeal_file(claim_id, NULL, 'Ada Office', '2075550100', 'Because.', NULL, NULL, p_files) FROM connex.claim WHERE contractor_no = '99922' AND control_no = 'FILES' $$;
SELECT pg_temp.act_as('TRIA001', 'claims');
SELECT throws_ok($$ SELECT pg_temp.file(ARRAY[colleague]) FROM attached $$, 'CX422', 'unknown', 'a colleague''s file cannot be filed');
UPDATE connex.setting SET value = '1' WHERE name = 'attachments_per_appeal';
SELECT throws_ok($$ SELECT pg_temp.file(ARRAY[mine, other]) FROM attached $$, 'CX422', 'too_many', 'not one file more than the setting says');
SELECT lives_ok($$ SELECT pg_temp.file(ARRAY[mine]) FROM attached $$, 'as many as the setting says can be filed');
UPDATE connex.attachment SET created_at = connex.now() - interval '1 hour' WHERE attachment_id = (SELECT fresh FROM attached);
-- As the owner of the tables, whom no policy stops.
SELECT connex.jobs_housekeeping(1000);
SELECT is((SELECT count(*)::int FROM connex.attachment WHERE attachment_id = (SELECT mine FROM attached)), 1, 'housekeeping keeps what was filed, however old');
SELECT is((SELECT count(*)::int FROM connex.attachment WHERE attachment_id = (SELECT other FROM attached)), 0, 'and deletes what was never filed');
SELECT is((SELECT count(*)::int FROM connex.attachment WHERE attachment_id = (SELECT fresh FROM attached)), 1, 'but not while its request may still be written');

-- --- the claim as the API shows it ---------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.document(p_no text) RETURNS json LANGUAGE sql AS $$
  SELECT connex.claim_document(claim_id) FROM connex.claim WHERE control_no = p_no AND contractor_no = '99922' $$;
SELECT is(json_array_length(pg_temp.document('OLDREASON')->'lines'), 1, 'the lines are those of the decision in effect');
INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, charge, adjustment_groups, adjustment_reasons, adjustment_amounts)
SELECT claim_id, 1, 2, provider_account_id, 40, '{PR}', '{1}', '{40}' FROM connex.claim WHERE control_no = 'DECIDED' AND contractor_no = '99922';
SELECT is((SELECT string_agg((l->>'line_no') || ' ' || (j->>'reason_code'), ', ' ORDER BY l->>'line_no')
             FROM json_array_elements(pg_temp.document('DECIDED')->'lines') l, json_array_elements(l->'adjustments') j), '1 50, 2 1', 'each line has its own adjustments');
SELECT is(connex.clp_status_words('22'), 'Reversal of an earlier payment', 'CLP02 22 is called a reversal');
SELECT is(connex.clp_status_words('99'), 'Status 99', 'an unknown code is shown as it came');

SELECT * FROM finish();
ROLLBACK;
