-- What is left of the triage (standards 4.4): a claim that was paid in part was processable, and after a dismissal the next
-- level is its review.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(5);

UPDATE connex.clock SET shift = '2026-06-01 16:00+00'::timestamptz - transaction_timestamp();
INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99922', 'Triage test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
VALUES ('99922', '1999999976', 'TRIAGE1', '999999922', 'Triage Practice', 'part_b', 'ME');
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
VALUES ('TRIA001', 'office', 'Ada', 'Office', 'billing', 'tria001@rules.example', now()), ('TRIA002', 'analyst', 'Max', 'Desk', 'other', 'tria002@rules.example', now());
CREATE FUNCTION pg_temp.account() RETURNS bigint LANGUAGE sql AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'TRIAGE1' $$;
CREATE FUNCTION pg_temp.act_as(p_user text, p_right text) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('connex.user_account_id', (SELECT user_account_id FROM connex.user_account WHERE user_id = p_user)::text, true), set_config('connex.right', p_right, true),
         set_config('connex.token_id', '', true), set_config('connex.provider_account_id', pg_temp.account()::text, true), set_config('connex.idempotency_key', '', true) $$;
CREATE FUNCTION pg_temp.claim(p_no text, p_paid numeric, p_reason text, p_line_remark text DEFAULT NULL, p_remark text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  id bigint := connex.claim_id_new('2026-01-01');
BEGIN
  INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on, finalized_on, charge, paid, last_adjudication_no)
  VALUES (id, '99922', 'mcs', p_no, pg_temp.account(), CASE WHEN p_paid > 0 THEN 'paid' ELSE 'denied' END, '2026-01-01', '2026-05-01', 100, p_paid, 1);
  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on, remark_codes)
  VALUES (id, 1, pg_temp.account(), CASE WHEN p_paid > 0 THEN '1' ELSE '4' END, 100, p_paid, '2026-05-01', array_remove(ARRAY[p_remark], NULL));
  INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, charge, remark_codes)
  VALUES (id, 1, 1, pg_temp.account(), 100, array_remove(ARRAY[p_line_remark], NULL));
  INSERT INTO connex.claim_adjustment (claim_id, adjudication_no, line_no, adjustment_no, provider_account_id, group_code, reason_code, amount)
  VALUES (id, 1, 1, 1, pg_temp.account(), 'CO', p_reason, 100 - p_paid);
  RETURN id;
END
$$;
CREATE FUNCTION pg_temp.allows(p_no text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s %s %s', a.action, CASE WHEN a.allowed THEN 'yes' ELSE 'no' END, a.code, coalesce(a.deadline_on::text, '-')), '; ')
    FROM connex.claim k CROSS JOIN LATERAL connex.claim_actions(k.claim_id) a WHERE k.control_no = p_no AND k.contractor_no = '99922' $$;

SELECT pg_temp.claim('PARTMA130', 50, '16', 'MA130'), pg_temp.claim('PARTN211', 50, '16', 'N211'), pg_temp.claim('NONEMA130', 0, '16', 'MA130');
SELECT is(pg_temp.allows('PARTMA130'), 'redetermination yes open 2026-09-03', '2: what was paid in part was processable, MA130 at a line or not');
SELECT is(pg_temp.allows('PARTN211'), 'redetermination yes open 2026-09-03', '2: N211 with reason 16, likewise');
SELECT is(pg_temp.allows('NONEMA130'), 'new_claim no unprocessable -; redetermination no unprocessable -', '2: where nothing was paid it was not');

SELECT pg_temp.claim('DISMISSED', 0, '50'), pg_temp.claim('DECIDED', 0, '50');
SELECT pg_temp.act_as('TRIA001', 'claims');
SELECT connex.appeal_file(claim_id, NULL, 'Ada Office', '2075550100', 'Because.', NULL, NULL, NULL) FROM connex.claim WHERE contractor_no = '99922' AND control_no IN ('DISMISSED', 'DECIDED');
SELECT pg_temp.act_as('TRIA002', 'analyst');
SELECT connex.desk_decide(p.appeal_id, 1, CASE c.control_no WHEN 'DISMISSED' THEN 'dismissed' ELSE 'unfavorable' END, 'Because.')
  FROM connex.appeal p JOIN connex.claim c USING (claim_id) WHERE p.contractor_no = '99922';
SELECT alike(pg_temp.allows('DISMISSED'), '%reconsideration no next_level ' || (SELECT deadline_on FROM connex.deadline('dismissal_review', '2026-06-01')), '4: after a dismissal, its review');
SELECT alike(pg_temp.allows('DECIDED'), '%reconsideration no next_level ' || (SELECT deadline_on FROM connex.deadline('reconsideration', '2026-06-01')), '4: after a decision, a reconsideration');

SELECT * FROM finish();
ROLLBACK;
