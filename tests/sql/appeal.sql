-- What a claim allows and until when (standards 4.4, 42 CFR 405.940 ff.), and filing, taking, and deciding in the database.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(59);

-- The rules always use the day 2026-06-01, whatever day the test runs.
UPDATE connex.clock SET shift = '2026-06-01 16:00+00'::timestamptz - transaction_timestamp();
INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99911', 'Appeal test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
VALUES ('99911', '1999999984', 'APPEAL1', '999999911', 'Appeal Practice', 'part_b', 'ME'), ('99911', '1999999984', 'APPEAL2', '999999911', 'Other Practice', 'part_b', 'ME');
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
VALUES ('APPL001', 'office', 'Ada', 'Office', 'billing', 'appl001@tests.example', now()), ('APPL002', 'analyst', 'Max', 'Desk', 'other', 'appl002@tests.example', now());
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) SELECT user_account_id, contractor_no FROM connex.user_account, connex.contractor WHERE user_id = 'APPL002';
CREATE FUNCTION pg_temp.account(p text) RETURNS bigint LANGUAGE sql AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = p AND contractor_no = '99911' $$;
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions) VALUES (pg_temp.person('APPL001'), pg_temp.account('APPEAL1'), 'approved', '{claims}');

-- A claim whose adjudications are p_chain: [{"on": day, "status": CLP02, "remarks": [], "reasons": ["50"], "line_remarks": []}, ...].
CREATE FUNCTION pg_temp.claim(p_no text, p_status text, p_chain json DEFAULT '[]', p_paid numeric DEFAULT 0, p_account text DEFAULT 'APPEAL1') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  id bigint := connex.claim_id_new('2026-01-01');
BEGIN
  INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on, finalized_on, charge, paid, last_adjudication_no)
  VALUES (id, '99911', 'mcs', p_no, pg_temp.account(p_account), p_status, '2026-01-01', (p_chain->-1->>'on')::date, 100, p_paid, json_array_length(p_chain));
  INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, clp_status, charge, paid, adjudicated_on, remark_codes)
  SELECT id, n, pg_temp.account(p_account), a->>'status', 100, p_paid, (a->>'on')::date, ARRAY(SELECT json_array_elements_text(coalesce(a->'remarks', '[]')))
    FROM json_array_elements(p_chain) WITH ORDINALITY c(a, n);
  INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, charge, remark_codes, adjustment_groups, adjustment_reasons, adjustment_amounts)
  SELECT id, n, 1, pg_temp.account(p_account), 100, ARRAY(SELECT json_array_elements_text(coalesce(a->'line_remarks', '[]'))), array_fill('CO'::text, ARRAY[cardinality(r)]), r, array_fill(10, ARRAY[cardinality(r)])
    FROM json_array_elements(p_chain) WITH ORDINALITY c(a, n), LATERAL (SELECT ARRAY(SELECT json_array_elements_text(coalesce(a->'reasons', '[]'))) AS r) x;
  RETURN id;
END
$$;
CREATE FUNCTION pg_temp.id(p_no text) RETURNS bigint LANGUAGE sql AS $$ SELECT claim_id FROM connex.claim WHERE control_no = p_no AND contractor_no = '99911' $$;
-- What a claim allows, as one line of text for each action.
CREATE FUNCTION pg_temp.allows(p_no text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(format('%s %s %s %s %s', a.action, CASE WHEN a.allowed THEN 'yes' ELSE 'no' END, a.code, coalesce(a.deadline_on::text, '-'), coalesce(a.days_left::text, '-')), '; ')
    FROM connex.claim_actions(pg_temp.id(p_no)) a $$;
CREATE FUNCTION pg_temp.rule(p_no text, p_action text DEFAULT 'redetermination') RETURNS text LANGUAGE sql AS $$
  SELECT a.rule FROM connex.claim_actions(pg_temp.id(p_no)) a WHERE a.action = p_action $$;

-- --- the day: 120 days from a receipt presumed 5 days after the notice (42 CFR 405.942(a)) ----------------------------
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination', '2022-05-15')), '2022-09-17', 'worked example: remittance of 2022-05-15');
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination', '2022-08-15')), '2022-12-18', 'worked example: remittance of 2022-08-15');
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination', '2026-01-02')), '2026-05-07', 'worked example: notice of 2026-01-02');
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination', '2023-10-27')), '2024-02-29', 'a last day on February 29 stays');
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination', '2023-10-28')), '2024-03-01', 'and the next is March 1');
SELECT is((SELECT extract(isodow FROM deadline_on)::int FROM connex.deadline('redetermination', '2022-08-15')), 7, 'a Sunday stays: no rule moves it');
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination_decision', '2026-06-01')), '2026-07-31', 'a decision has 60 days');
INSERT INTO connex.deadline_rule VALUES ('redetermination', '2026-05-01', 90, 5, 'a later rule');
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination', '2026-05-01')), '2026-08-04', 'a rule applies from its first day');
SELECT is((SELECT deadline_on FROM connex.deadline('redetermination', '2026-04-30')), '2026-09-02', 'and not before');
DELETE FROM connex.deadline_rule WHERE effective_on = '2026-05-01';

-- --- the triage, in its order ----------------------------------------------------------------------------------------
SELECT is(connex.today(), '2026-06-01'::date, 'the rules use the day 2026-06-01');
SELECT pg_temp.claim('RECEIVED', 'received'), pg_temp.claim('PENDING', 'pending'), pg_temp.claim('SUSPENDED', 'suspended');
SELECT is(pg_temp.allows(no), 'wait no not_finalized - -; redetermination no not_finalized - -', '1: ' || lower(no) || ' is not decided') FROM unnest('{RECEIVED,PENDING,SUSPENDED}'::text[]) no;
SELECT is(pg_temp.rule('PENDING'), '42 CFR 405.920', '1: and says by which rule');

SELECT pg_temp.claim('MA130', 'denied', '[{"on": "2026-05-01", "status": "4", "remarks": ["MA130"], "reasons": ["16"]}]'),
       pg_temp.claim('MA130LINE', 'denied', '[{"on": "2026-05-01", "status": "4", "reasons": ["16"], "line_remarks": ["M51", "MA130"]}]'),
       pg_temp.claim('N211', 'denied', '[{"on": "2026-05-01", "status": "4", "reasons": ["16"], "line_remarks": ["N211"]}]'),
       pg_temp.claim('RETURNED', 'returned', '[{"on": "2026-05-01", "status": "4", "reasons": ["16"]}]');
SELECT is(pg_temp.allows(no), 'new_claim no unprocessable - -; redetermination no unprocessable - -', '2: ' || no || ' carries no appeal rights') FROM unnest('{MA130,MA130LINE,N211,RETURNED}'::text[]) no;
SELECT pg_temp.claim('RETURNEDRAW', 'returned');
SELECT is(pg_temp.allows('RETURNEDRAW'), 'new_claim no unprocessable - -; redetermination no unprocessable - -', '2: nor does one that was returned before any remittance');
SELECT is(pg_temp.rule('MA130', 'new_claim'), '42 CFR 424.44', '2: a new claim within the year');
SELECT pg_temp.claim('N211ALONE', 'denied', '[{"on": "2026-05-01", "status": "4", "reasons": ["50"], "line_remarks": ["N211"]}]');
SELECT alike(pg_temp.allows('N211ALONE'), 'redetermination yes open%', '2: N211 without reason 16 does not take the right away');
SELECT pg_temp.claim('REASON16', 'denied', '[{"on": "2026-05-01", "status": "4", "reasons": ["16"], "line_remarks": ["M51"]}]');
SELECT alike(pg_temp.allows('REASON16'), 'redetermination yes open%', '2: nor does reason 16 without MA130');

SELECT pg_temp.claim('UNTIMELY', 'denied', '[{"on": "2026-05-01", "status": "4", "reasons": ["45", "29"]}]');
SELECT is(pg_temp.allows('UNTIMELY'), 'redetermination no untimely - -', '3: filed too late (29) carries no appeal rights');
SELECT is(pg_temp.rule('UNTIMELY'), '42 CFR 405.926; 42 CFR 424.44(b)', '3: and says by which rule');
SELECT pg_temp.claim('PART29', 'paid', '[{"on": "2026-05-01", "status": "1", "reasons": ["29"]}]', 50);
SELECT alike(pg_temp.allows('PART29'), 'redetermination yes open%', '3: if something was paid, the rest can be appealed');

SELECT pg_temp.claim('DENIED', 'denied', '[{"on": "2026-05-01", "status": "4", "reasons": ["50"]}]');
SELECT is(pg_temp.allows('DENIED'), 'redetermination yes open 2026-09-03 94', '5: a denial can be appealed');
SELECT is(pg_temp.rule('DENIED'), '42 CFR 405.942(a)', '5: by 405.942(a)');
SELECT pg_temp.claim('LASTDAY', 'denied', '[{"on": "2026-01-27", "status": "4", "reasons": ["50"]}]'), pg_temp.claim('DAYAFTER', 'denied', '[{"on": "2026-01-26", "status": "4", "reasons": ["50"]}]');
SELECT is(pg_temp.allows('LASTDAY'), 'redetermination yes open 2026-06-01 0', '5: the last day is still in time');
SELECT is(pg_temp.allows('DAYAFTER'), 'redetermination yes late 2026-05-31 -1', '5: the day after needs good cause');
SELECT is(pg_temp.rule('DAYAFTER'), '42 CFR 405.942(b)', '5: by 405.942(b)');
SELECT pg_temp.claim('PAID', 'paid', '[{"on": "2026-05-01", "status": "1", "reasons": ["45"]}]', 80);
SELECT alike(pg_temp.allows('PAID'), 'redetermination yes open%', '5: a payment is a decision too');

-- --- which notice: the first decision that is still in effect --------------------------------------------------------
SELECT pg_temp.claim('REPEATED', 'denied', '[{"on": "2026-03-01", "status": "4", "reasons": ["50"]}, {"on": "2026-05-01", "status": "4", "reasons": ["50"]}]');
SELECT is(pg_temp.allows('REPEATED'), 'redetermination yes open 2026-07-04 33', 'a repeated denial does not restart the days');
SELECT pg_temp.claim('CORRECTED', 'denied', '[{"on": "2026-01-05", "status": "1", "reasons": ["45"]}, {"on": "2026-05-01", "status": "22", "reasons": ["45"]}, {"on": "2026-05-01", "status": "4", "reasons": ["50"]}]');
SELECT is(pg_temp.allows('CORRECTED'), 'redetermination yes open 2026-09-03 94', 'a corrected decision does (42 CFR 405.984)');
SELECT pg_temp.claim('REVERSED', 'reversed', '[{"on": "2026-01-05", "status": "1", "reasons": ["45"]}, {"on": "2026-05-01", "status": "22", "reasons": ["45"]}]');
SELECT is(pg_temp.allows('REVERSED'), 'wait no reversed - -; redetermination no reversed - -', 'a decision taken back waits for its correction');
SELECT pg_temp.claim('MA130FIRST', 'denied', '[{"on": "2026-01-05", "status": "4", "remarks": ["MA130"], "reasons": ["16"]}, {"on": "2026-05-01", "status": "22", "reasons": ["16"]}, {"on": "2026-05-02", "status": "4", "reasons": ["50"]}]');
SELECT is(pg_temp.allows('MA130FIRST'), 'redetermination yes open 2026-09-04 95', 'the days do not run from an MA130');
SELECT pg_temp.claim('MA130REPEATED', 'denied', '[{"on": "2026-01-05", "status": "4", "remarks": ["MA130"], "reasons": ["16"]}, {"on": "2026-05-02", "status": "4", "reasons": ["50"]}]');
SELECT is(pg_temp.allows('MA130REPEATED'), 'redetermination yes open 2026-09-04 95', 'a decision after an MA130 that was never taken back carries appeal rights');
SELECT pg_temp.claim('LOADEDLATE', 'denied', '[{"on": "2026-05-01", "status": "22", "reasons": ["45"]}, {"on": "2026-05-01", "status": "4", "reasons": ["50"]}, {"on": "2026-01-05", "status": "1", "reasons": ["45"]}]');
SELECT is(pg_temp.allows('LOADEDLATE'), 'redetermination yes open 2026-09-03 94', 'an older remittance that is loaded late does not move the deadline');
SELECT is((SELECT count(*)::int FROM connex.claim_actions(1)), 0, 'a claim that is not there allows nothing');

-- --- filing -----------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.act_as(p_user text, p_right text, p_account text DEFAULT '') RETURNS void LANGUAGE sql AS $$
  SELECT connex.seal(pg_temp.person(p_user), NULL, NULL, p_right, pg_temp.account(p_account));
  SELECT set_config('connex.idempotency_key', '', true) $$;
CREATE FUNCTION pg_temp.file(p_no text, p_late text DEFAULT NULL, p_lines integer[] DEFAULT NULL, p_files bigint[] DEFAULT NULL) RETURNS json LANGUAGE sql AS $$
  SELECT connex.appeal_file(pg_temp.id(p_no), p_lines, 'Ada Office', '2075550100', 'Because.', NULL, p_late, p_files) $$;
SELECT pg_temp.act_as('APPL001', 'eligibility', 'APPEAL1');
SELECT throws_ok($$ SELECT pg_temp.file('DENIED') $$, 'CX403', 'no_access', 'the function Claims can file, and another cannot');
SELECT pg_temp.act_as('APPL001', 'claims', 'APPEAL2');
SELECT throws_ok($$ SELECT pg_temp.file('DENIED') $$, 'CX404', 'not_found', 'another provider account''s claim is not found');
SELECT pg_temp.act_as('APPL001', 'claims', 'APPEAL1');
SELECT throws_ok($$ SELECT pg_temp.file('PENDING') $$, 'CX409', 'not_finalized', 'filing uses the same rule');
SELECT throws_ok($$ SELECT pg_temp.file('DAYAFTER') $$, 'CX422', 'required', 'a late filing needs a reason');
SELECT throws_ok($$ SELECT pg_temp.file('DENIED', NULL, '{1,2}') $$, 'CX422', 'unknown', 'lines must be in the claim');
SELECT throws_ok($$ SELECT pg_temp.file('DENIED', NULL, NULL, '{0}') $$, 'CX422', 'unknown', 'attachments must exist');
SELECT is((SELECT count(*)::int FROM connex.appeal WHERE contractor_no = '99911'), 0, 'what was refused left nothing');
CREATE TEMP TABLE filed AS SELECT pg_temp.file('DENIED', NULL, '{1}') AS document;
SELECT alike((SELECT document->>'confirmation_no' FROM filed), 'R-20260601-______', 'the confirmation number names the day of receipt');
SELECT is((SELECT array_agg(document->>k) FROM filed, unnest('{notice_on,deadline_on,decision_due_on,status}'::text[]) k), '{2026-05-01,2026-09-03,2026-07-31,received}', 'the dates are computed once and kept');
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE to_address = 'appl001@tests.example' AND kind = 'appeal_received'), 1, 'mail goes out in the same transaction');
SELECT throws_ok($$ SELECT pg_temp.file('DENIED') $$, 'CX409', 'already_filed', '4: a second filing is refused');
SELECT alike(pg_temp.allows('DENIED'), 'view_redetermination yes already_filed%; redetermination no already_filed%', '4: and the claim shows the first');
SELECT lives_ok($$ SELECT pg_temp.file('DAYAFTER', 'Flood.') $$, 'a late filing with good cause is accepted');

-- --- deciding ---------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.case_id() RETURNS bigint LANGUAGE sql AS $$ SELECT appeal_id FROM connex.appeal WHERE claim_id = pg_temp.id('DENIED') $$;
SELECT throws_ok($$ SELECT connex.desk_take(pg_temp.case_id(), 1) $$, 'CX403', 'not_analyst', 'an office cannot take cases');
SELECT pg_temp.act_as('APPL002', 'analyst');
SELECT throws_ok($$ SELECT connex.desk_take(pg_temp.case_id(), 2) $$, 'CX412', 'stale', 'another version than the one read is refused');
SELECT lives_ok($$ SELECT connex.desk_take(pg_temp.case_id(), 1) $$, 'the analyst takes it');
SELECT throws_ok($$ SELECT connex.desk_decide(pg_temp.case_id(), 1, 'unfavorable', 'No.') $$, 'CX412', 'stale', 'an old version cannot decide');
SELECT lives_ok($$ SELECT connex.desk_decide(pg_temp.case_id(), 2, 'dismissed', 'Not a proper party.') $$, 'the latest version can');
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE to_address = 'appl001@tests.example' AND kind = 'appeal_decided'), 1, 'the office gets mail');
SELECT throws_ok($$ SELECT connex.desk_decide(pg_temp.case_id(), 3, 'unfavorable', 'No.') $$, 'CX409', 'closed', 'a closed case stays closed');
SELECT alike(pg_temp.allows('DENIED'), '%reconsideration no next_level 2026-08-05 65', '4: a dismissal is reviewed within 60 days of its receipt (42 CFR 405.974(b))');

SELECT * FROM finish();
ROLLBACK;
