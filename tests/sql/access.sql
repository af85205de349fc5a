-- The rules of access on both sides of their limits: LSO-01 to LSO-16, FN-01, tokens.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(64);

INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99902', 'Test', 'JT', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
SELECT '99902', '199999998' || i, 'ACCS' || i, '99111000' || i, 'Access ' || i, 'part_b', 'ME' FROM generate_series(1, 3) i;
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
SELECT user_id, kind, 'A', 'B', 'billing', user_id || '@access.example', connex.now()
  FROM (VALUES ('ACCS001', 'office'), ('ACCS002', 'office'), ('ACCS003', 'office'), ('ACCS009', 'analyst')) v (user_id, kind);
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) SELECT user_account_id, contractor_no FROM connex.user_account, connex.contractor WHERE user_id = 'ACCS009';
-- The body of a request for access.
CREATE FUNCTION pg_temp.wanted(p_lso boolean, p_npi text, p_ptan text, p_tin text, p_functions text[], p_number text, p_amount numeric, p_csn text) RETURNS jsonb LANGUAGE sql AS $$
  SELECT jsonb_build_object('lso', p_lso, 'npi', p_npi, 'ptan', p_ptan, 'tin_last5', p_tin, 'line_of_business', 'part_b', 'state', 'ME',
    'functions', p_functions, 'check_number', p_number, 'check_amount', p_amount, 'csn', p_csn) $$;
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
CREATE FUNCTION pg_temp.account(p int DEFAULT 1) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'ACCS' || p $$;
INSERT INTO connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on)
SELECT '99902', pg_temp.account(), 'CK-' || days, 'check', 100 + days, connex.today() - days FROM unnest(ARRAY[0, 89, 90, 91, -1]) days;
-- Used in place of connex.enter(), whose own tests are in gate.sql.
CREATE FUNCTION pg_temp.as_user(p_user text, p_right text) RETURNS void LANGUAGE sql AS $$
  SELECT connex.seal(pg_temp.person(p_user), NULL, NULL, p_right, NULL) $$;
CREATE FUNCTION pg_temp.row_of(p_user text, p_account int DEFAULT 1) RETURNS connex.access LANGUAGE sql STABLE AS $$
  SELECT a FROM connex.access a WHERE user_account_id = pg_temp.person(p_user) AND provider_account_id = pg_temp.account(p_account) ORDER BY access_id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.fault(p_lso boolean, p_number text DEFAULT NULL, p_amount numeric DEFAULT NULL, p_csn text DEFAULT NULL, p_tin text DEFAULT '10001', p_account int DEFAULT 1)
  RETURNS text LANGUAGE sql AS $$
  SELECT coalesce((SELECT string_agg(field || ' ' || code, ', ') FROM connex.access_request_faults(NULL, pg_temp.wanted(p_lso, '199999998' || p_account, 'ACCS' || p_account, p_tin, NULL, p_number, p_amount, p_csn))), 'none') $$;

-- --- asking ------------------------------------------------------------------------------------------------------------
SELECT is(pg_temp.fault(true, 'CK90', 190), 'none', 'LSO-03: a check of 90 days is proof');
SELECT is(pg_temp.fault(true, 'CK91', 191), 'check_number no_match', 'LSO-03: one of 91 days is not');
SELECT is(pg_temp.fault(true, 'CK0', 100), 'none', 'LSO-03: one of today is');
SELECT is(pg_temp.fault(true, 'CK1', 99), 'check_number no_match', 'LSO-03: one that is not issued yet is not');
SELECT is(pg_temp.fault(true, 'CK90', 190.01), 'check_number no_match', 'LSO-03: the amount must match to the cent');
SELECT is(pg_temp.fault(true, 'CK90', 190, NULL, '10002', 2), 'check_number no_match', 'LSO-03: another provider account''s check is not');
SELECT is(pg_temp.fault(true, 'CK90', 190, NULL, '10002'), 'npi no_match', 'the TIN of another provider account gets one neutral fault');
SELECT is(pg_temp.fault(false), 'lso no_lso', 'LSO-01: there is no standard user before an LSO');

SELECT pg_temp.as_user('ACCS001', 'person');
SELECT lives_ok($$ SELECT connex.access_request(pg_temp.wanted(true, '1999999981', 'ACCS1', '10001', '{claims,eligibility}', 'CK90', 190, NULL)) $$, 'the first LSO asks');
SELECT is((pg_temp.row_of('ACCS001')).payment_id, (SELECT payment_id FROM connex.payment WHERE payment_number = 'CK-90' AND contractor_no = '99902'), 'the proof is kept');
SELECT throws_ok($$ SELECT connex.access_request(pg_temp.wanted(true, '1999999981', 'ACCS1', '10001', '{claims}', 'CK90', 190, NULL)) $$, 'CX409', 'already_requested', 'but only once');
SELECT is(connex.my_accounts('claims'), '{}', 'REG-13: asking gives no right');

-- --- the contractor, the letter, the code ------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.desk(p_decision text, p_version int, p_comment text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  SELECT connex.access_desk_decide((pg_temp.row_of('ACCS001')).access_id, p_version, p_decision, p_comment, 'pepper') $$;
-- Nobody but the person who opens the letter knows the code, so the tests read it there.
CREATE FUNCTION pg_temp.letter_code() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT secret FROM connex.letter WHERE access_id = (pg_temp.row_of('ACCS001')).access_id ORDER BY letter_id DESC LIMIT 1 $$;
SELECT throws_ok($$ SELECT pg_temp.desk('approve', 1) $$, 'CX404', 'not_found', 'a person without the right does not find the request');
SELECT pg_temp.as_user('ACCS009', 'analyst');
SELECT throws_ok($$ SELECT pg_temp.desk('approve', 7) $$, 'CX412', 'stale', 'another version is refused');
SELECT throws_ok($$ SELECT pg_temp.desk('decline', 1) $$, 'CX422', 'required', 'declining needs a reason');
SELECT lives_ok($$ SELECT pg_temp.desk('approve', 1) $$, 'LSO-04: the analyst approves');
SELECT is((pg_temp.row_of('ACCS001')).status, 'awaiting_code', 'LSO-10: the first LSO waits for the letter');
CREATE TEMP TABLE letters AS SELECT pg_temp.letter_code() AS first;
SELECT results_eq($$ SELECT kind, status, secret ~ '^[2-9A-HJKMNP-Z]{12}$', expires_on FROM connex.letter WHERE access_id = (pg_temp.row_of('ACCS001')).access_id $$,
  $$ VALUES ('access_code', 'queued', true, connex.today() + 60) $$, 'LSO-04, LSO-06: the letter holds the code, good for 60 days');
SELECT is((SELECT count(*)::int FROM connex.job j JOIN connex.letter l ON l.letter_id = j.subject_id WHERE j.kind = 'letter' AND l.access_id = (pg_temp.row_of('ACCS001')).access_id), 1, 'and its job is created in the same transaction');
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE replace(body, '-', '') LIKE '%' || pg_temp.letter_code() || '%'), 0, 'LSO-04: no mail holds it');
SELECT throws_ok($$ SELECT pg_temp.desk('approve', 2) $$, 'CX409', 'not_requested', 'a request is decided once');

CREATE FUNCTION pg_temp.enter_code(p_code text) RETURNS text LANGUAGE sql AS $$ SELECT connex.access_activate((pg_temp.row_of('ACCS001')).access_id, 'pepper', p_code, sha256(p_code::bytea)) $$;
SELECT pg_temp.as_user('ACCS002', 'person');
SELECT throws_ok($$ SELECT pg_temp.enter_code((SELECT first FROM letters)) $$, 'CX404', 'not_found', 'LSO-05: the code works only for its own person');
SELECT pg_temp.as_user('ACCS001', 'person');
SELECT is(pg_temp.enter_code('1') || pg_temp.enter_code('2') || pg_temp.enter_code('3') || pg_temp.enter_code('4'), 'wrongwrongwrongwrong', 'LSO-06: four wrong tries');
UPDATE connex.access_code SET expires_at = connex.now() WHERE access_id = (pg_temp.row_of('ACCS001')).access_id;
SELECT is(pg_temp.enter_code((SELECT first FROM letters)), 'void', 'LSO-06: at its end it is void');
UPDATE connex.access_code SET expires_at = connex.now() + interval '1 second' WHERE access_id = (pg_temp.row_of('ACCS001')).access_id;
SELECT pg_temp.as_user('ACCS009', 'analyst');
SELECT throws_ok($$ SELECT pg_temp.desk('decline', 2, 'No.') $$, 'CX409', 'not_requested', 'while the code is good, nobody can take it back');
SELECT pg_temp.as_user('ACCS001', 'person');
SELECT is(pg_temp.enter_code('5'), 'void', 'LSO-06: the fifth wrong try ends it');
SELECT is(pg_temp.enter_code((SELECT first FROM letters)), 'void', 'LSO-06: and then the right one does not work');
SELECT pg_temp.as_user('ACCS009', 'analyst');
SELECT lives_ok($$ SELECT pg_temp.desk('approve', 2) $$, 'LSO-06: a dead code is replaced by a new letter');
SELECT results_eq($$ SELECT status, secret IS NULL, secret = (SELECT first FROM letters) FROM connex.letter WHERE access_id = (pg_temp.row_of('ACCS001')).access_id ORDER BY letter_id $$,
  $$ VALUES ('failed', true, NULL), ('queued', false, false) $$, 'and the old one is no longer printed');
SELECT pg_temp.as_user('ACCS001', 'person');
SELECT is(pg_temp.enter_code((SELECT first FROM letters)), 'wrong', 'LSO-06: the old code is gone');
SELECT is(pg_temp.enter_code(pg_temp.letter_code()), 'right', 'LSO-05: the new one is right');
SELECT is((SELECT (status, lso, functions)::text FROM connex.access WHERE access_id = (pg_temp.row_of('ACCS001')).access_id), '(approved,t,"{claims,eligibility}")', 'LSO-05: it makes the person the LSO, with the functions requested');
CREATE FUNCTION pg_temp.csn() RETURNS text LANGUAGE sql STABLE AS $$ SELECT csn FROM connex.provider_account WHERE provider_account_id = pg_temp.account() $$;
SELECT matches(pg_temp.csn(), '^[2-9A-HJKMNP-Z]{10}$', 'LSO-05: and the CSN');
SELECT throws_ok($$ SELECT pg_temp.enter_code('new code') $$, 'CX409', 'no_code_awaited', 'LSO-06: it works once');

-- --- nobody can change access by token, whatever a route says -----------------------------------------------------------
SELECT connex.seal(connex.entered_user(), NULL, 7, connex.entered_right(), NULL);
SELECT throws_ok($$ SELECT connex.access_request(pg_temp.wanted(true, '1999999981', 'ACCS1', '10001', '{claims}', 'CK90', 190, NULL)) $$, 'CX403', 'not_by_token', 'a token cannot request access');
SELECT throws_ok($$ SELECT connex.token_make('T', '{claims}', ARRAY[pg_temp.account()], connex.today()) $$, 'CX403', 'not_by_token', 'a token cannot make tokens');
SELECT connex.seal(connex.entered_user(), NULL, NULL, connex.entered_right(), NULL);
SELECT lives_ok($$ SELECT connex.token_make('T', '{claims}', ARRAY[pg_temp.account()], connex.today() + 365) $$, 'portal 2.13: a token of 365 days');
SELECT throws_ok($$ SELECT connex.token_make('T', '{claims}', ARRAY[pg_temp.account()], connex.today() + 366) $$, 'CX422', 'range', 'portal 2.13: but not of 366');
SELECT throws_ok($$ SELECT connex.token_make('T', '{financials}', ARRAY[pg_temp.account()], connex.today()) $$, 'CX422', 'no_access', 'a token never has more than its owner');

-- --- the LSO's desk ----------------------------------------------------------------------------------------------------
SELECT is(pg_temp.fault(false, NULL, NULL, 'CSN2345679'), 'csn no_match', 'LSO-08: a wrong CSN');
SELECT is(pg_temp.fault(false, NULL, NULL, NULL), 'csn no_match', 'LSO-08: no CSN');
SELECT is(pg_temp.fault(false, NULL, NULL, pg_temp.csn()), 'none', 'LSO-08: the right one');
SELECT pg_temp.as_user('ACCS002', 'person');
SELECT connex.access_request(pg_temp.wanted(false, '1999999981', 'ACCS1', '10001', '{claims,financials}', 'CK90', 190, pg_temp.csn()));
SELECT is((SELECT (lso_requested, payment_id)::text FROM connex.access WHERE access_id = (pg_temp.row_of('ACCS002')).access_id), '(f,)', 'LSO-09: check data without LSO prove nothing');
SELECT is((SELECT count(*)::int FROM connex.outbox WHERE kind = 'access_requested' AND user_account_id = pg_temp.person('ACCS001')), 1, 'LSO-17: the LSO is told');
CREATE FUNCTION pg_temp.decide(p_user text, p_decision text, p_functions text[] DEFAULT NULL, p_lso boolean DEFAULT NULL, p_comment text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
  SELECT connex.access_decide((pg_temp.row_of(p_user)).access_id, (pg_temp.row_of(p_user)).version, p_decision, p_functions, p_lso, p_comment) $$;
SELECT pg_temp.as_user('ACCS002', 'lso');
SELECT throws_ok($$ SELECT pg_temp.decide('ACCS002', 'approve') $$, 'CX404', 'not_found', 'LSO-14: a person who is not an LSO finds nothing, even if the session has the right');
SELECT pg_temp.as_user('ACCS001', 'lso');
SELECT throws_ok($$ SELECT pg_temp.decide('ACCS002', 'modify', '{claims}') $$, 'CX409', 'not_approved', 'LSO-13: only approved access can be modified');
SELECT throws_ok($$ SELECT pg_temp.decide('ACCS002', 'approve', '{}') $$, 'CX422', 'required', 'approving nothing is no approval');
SELECT lives_ok($$ SELECT pg_temp.decide('ACCS002', 'approve', '{claims}') $$, 'LSO-11: an LSO approves with a box cleared');
SELECT is((pg_temp.row_of('ACCS002')).functions, '{claims}', 'LSO-11: only the checked boxes are approved');
SELECT throws_ok($$ SELECT pg_temp.decide('ACCS001', 'remove') $$, 'CX409', 'last_lso', 'LSO-15: the last LSO stays');
SELECT throws_ok($$ SELECT pg_temp.decide('ACCS001', 'modify', '{claims,eligibility,financials}') $$, 'CX403', 'own_request', 'LSO-15: nobody can give rights to himself');
SELECT lives_ok($$ SELECT pg_temp.decide('ACCS002', 'modify', '{claims}', true) $$, 'LSO-10: an LSO can make another one');
-- An LSO who can no longer log in decides nothing: he counts neither as a remaining LSO nor as the one who decides.
UPDATE connex.user_account SET status = 'suspended' WHERE user_id = 'ACCS002';
SELECT throws_ok($$ SELECT pg_temp.decide('ACCS001', 'remove') $$, 'CX409', 'last_lso', 'LSO-15: a suspended LSO does not count as a remaining LSO');
SELECT throws_ok($$ SELECT pg_temp.decide('ACCS001', 'modify', '{claims}', false) $$, 'CX409', 'last_lso', 'LSO-15: nor when another one gives up the right');
UPDATE connex.user_account SET status = 'terminated' WHERE user_id = 'ACCS001';
SELECT ok(NOT connex.access_has_lso(pg_temp.account()), 'LSO-10: if no LSO can log in, there is none');
SELECT is(pg_temp.fault(false, NULL, NULL, pg_temp.csn()), 'lso no_lso', 'LSO-01: and no standard user can be added');
UPDATE connex.user_account SET status = 'active' WHERE user_id = 'ACCS002';
SELECT ok(connex.access_has_lso(pg_temp.account()), 'LSO-10: an LSO who can log in again counts again');
UPDATE connex.user_account SET status = 'active' WHERE user_id = 'ACCS001';
CREATE TEMPORARY TABLE told AS SELECT d.* FROM (SELECT pg_temp.row_of('ACCS001') AS r) x,
  connex.access_decide((x.r).access_id, (x.r).version, 'remove', NULL, NULL, 'Gone.') d;
SELECT is((SELECT (document->>'status', document->>'lso', document->>'comment', document->>'is_me', document->>'user_id')::text FROM told),
  '(removed,false,Gone.,true,ACCS001)', 'LSO-13, LSO-15: an LSO who leaves is told what was done, although he can no longer see it');
SELECT is((SELECT document->>'version' FROM told), (SELECT version::text FROM told), 'with its version');
SELECT is((SELECT jsonb_typeof(document::jsonb->'access_id') FROM told), 'string', 'and its ids as texts');
SELECT is((SELECT (status, lso, functions)::text FROM connex.access WHERE access_id = (pg_temp.row_of('ACCS001')).access_id), '(removed,f,{})', 'LSO-13: removed access has no rights left');
SELECT is((SELECT array_agg(action ORDER BY event_no) FROM connex.access_event WHERE access_id = (pg_temp.row_of('ACCS001')).access_id), '{requested,code_mailed,code_mailed,activated,removed}', 'and keeps all of its history');
SELECT throws_ok($$ UPDATE connex.access SET lso = true WHERE access_id = (pg_temp.row_of('ACCS001')).access_id $$, '23514', NULL, 'the table ensures that rights exist only while access is approved');
SELECT throws_ok($$ INSERT INTO connex.access (user_account_id, provider_account_id) VALUES (pg_temp.person('ACCS002'), pg_temp.account()) $$, '23505', NULL, 'the table ensures that a person has one open request or right for a provider account');

SELECT * FROM finish();
ROLLBACK;
