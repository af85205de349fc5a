-- Rules of access that another person or another provider account could get around: proofs, codes, CSNs, tokens.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(25);

INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99921', 'Rules', 'JT', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state, csn)
SELECT '99921', '199999997' || i, 'RULE' || i, '99221000' || i, 'Rules ' || i, 'part_b', 'ME', CASE i WHEN 3 THEN 'CSNOFTHREE' END FROM generate_series(1, 3) i;
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
SELECT user_id, kind, 'A', 'B', 'billing', user_id || '@rules.example', connex.now()
  FROM (VALUES ('RULE001', 'office'), ('RULE002', 'office'), ('RULE009', 'analyst')) v (user_id, kind);
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) SELECT user_account_id, contractor_no FROM connex.user_account, connex.contractor WHERE user_id = 'RULE009';
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
CREATE FUNCTION pg_temp.account(p int) RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'RULE' || p $$;
INSERT INTO connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on)
SELECT '99921', pg_temp.account(i), 'CK' || i, 'check', 100, connex.today() FROM generate_series(1, 3) i;
CREATE FUNCTION pg_temp.as_user(p_user text, p_right text) RETURNS void LANGUAGE sql AS $$
  SELECT connex.seal(pg_temp.person(p_user), NULL, NULL, p_right, NULL) $$;
CREATE FUNCTION pg_temp.row_of(p_user text, p_account int) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT access_id FROM connex.access WHERE user_account_id = pg_temp.person(p_user) AND provider_account_id = pg_temp.account(p_account) ORDER BY access_id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.ask(p_account int, p_amount numeric DEFAULT 100) RETURNS bigint LANGUAGE sql AS $$
  SELECT connex.access_request(jsonb_build_object('lso', true, 'npi', '199999997' || p_account, 'ptan', 'RULE' || p_account, 'tin_last5', '1000' || p_account,
    'line_of_business', 'part_b', 'state', 'ME', 'functions', '["claims"]'::jsonb, 'check_number', 'CK' || p_account, 'check_amount', p_amount)) $$;
CREATE FUNCTION pg_temp.approve(p_user text, p_account int) RETURNS void LANGUAGE sql AS $$
  SELECT pg_temp.as_user('RULE009', 'analyst');
  SELECT connex.access_desk_decide(pg_temp.row_of(p_user, p_account), 1, 'approve', NULL, 'pepper') $$;
CREATE FUNCTION pg_temp.code(p_account int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT secret FROM connex.letter WHERE access_id = pg_temp.row_of('RULE001', p_account) ORDER BY letter_id DESC LIMIT 1 $$;

-- --- the proof ----------------------------------------------------------------------------------------------------------
SELECT pg_temp.as_user('RULE001', 'person');
SELECT throws_ok($$ SELECT pg_temp.ask(1, 99.99) $$, 'CX422', 'no_match', 'LSO-03: an amount a cent too low proves nothing');
SELECT throws_ok($$ SELECT pg_temp.ask(1, 100.01) $$, 'CX422', 'no_match', 'LSO-03: nor does one a cent too high');
SELECT lives_ok($$ SELECT pg_temp.ask(1) $$, 'LSO-03: the exact amount does');

-- --- the code -----------------------------------------------------------------------------------------------------------
SELECT pg_temp.ask(2), pg_temp.ask(3);
SELECT pg_temp.approve('RULE001', i) FROM generate_series(1, 3) i;
SELECT pg_temp.as_user('RULE001', 'person');
SELECT throws_ok($$ SELECT pg_temp.ask(1) $$, 'CX409', 'already_requested', 'while a request waits for its letter, another one is refused');
SELECT is(connex.access_activate(pg_temp.row_of('RULE001', 1), 'pepper', pg_temp.code(2), 'x'), 'wrong', 'LSO-05: the code of another provider account does not work');
SELECT is(connex.access_activate(pg_temp.row_of('RULE001', 1), 'pepper', pg_temp.code(1), 'x'), 'right', 'LSO-05: its own does');
-- A letter of the version before: its code was kept under another hash.
UPDATE connex.access_code SET code_hash = sha256('former') WHERE access_id = pg_temp.row_of('RULE001', 3);
SELECT is(connex.access_activate(pg_temp.row_of('RULE001', 3), 'pepper', 'FORMER', sha256('former')), 'right', 'LSO-05: even if there was an LSO before');

-- --- the CSN ------------------------------------------------------------------------------------------------------------
SELECT matches((SELECT csn FROM connex.provider_account WHERE ptan = 'RULE1'), '^[2-9A-HJKMNP-Z]{10}$', 'LSO-07: the first LSO makes the CSN');
SELECT is((SELECT csn FROM connex.provider_account WHERE ptan = 'RULE3'), 'CSNOFTHREE', 'LSO-07: a CSN that the office has given out does not change');
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions) VALUES (pg_temp.person('RULE002'), pg_temp.account(1), 'approved', '{claims}');
CREATE FUNCTION pg_temp.csn() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seen text;
BEGIN
  SET LOCAL ROLE connex_office;
  SELECT v.csn INTO seen FROM connex.access_mine v WHERE v.ptan = 'RULE1';
  RESET ROLE;
  RETURN seen;
END
$$;
SELECT is(pg_temp.csn(), (SELECT csn FROM connex.provider_account WHERE ptan = 'RULE1'), 'LSO-07: an LSO reads it');
SELECT pg_temp.as_user('RULE002', 'person');
SELECT is(pg_temp.csn(), NULL, 'LSO-07: other people of the office do not');

-- --- tokens -------------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.token(p_functions text[], p_account int) RETURNS bigint LANGUAGE sql AS $$
  SELECT m.token_id FROM connex.token_make('T', p_functions, ARRAY[pg_temp.account(p_account)], connex.today()) m $$;
SELECT throws_ok($$ SELECT pg_temp.token('{claims,financials}', 1) $$, 'CX422', 'no_access', 'a token cannot have a function that its owner lacks along with one that he has');
SELECT throws_ok($$ SELECT pg_temp.token('{claims}', 3) $$, 'CX422', 'no_access', 'a token cannot be made for a provider account of others');
SELECT lives_ok($$ SELECT pg_temp.token('{claims}', 1) $$, 'a token can be made for what its owner has');
CREATE FUNCTION pg_temp.tokens() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  seen bigint;
BEGIN
  SET LOCAL ROLE connex_office;
  SELECT count(*) INTO seen FROM connex.token t WHERE t.name = 'T' AND t.created_at = connex.now();
  RESET ROLE;
  RETURN seen;
END
$$;
SELECT is(pg_temp.tokens(), 1::bigint, 'a person sees his own token');
SELECT pg_temp.as_user('RULE001', 'person');
SELECT is(pg_temp.tokens(), 0::bigint, 'and no token of anyone else');
SELECT pg_temp.as_user('RULE002', 'person');
SELECT connex.seal(connex.entered_user(), NULL, 777, 'person', NULL), set_config('connex.subject_kind', '', true), set_config('connex.subject_id', '', true);
SELECT audit.record('rules_test', 'claim', 7);
SELECT is((SELECT (token_id, user_account_id = pg_temp.person('RULE002'))::text FROM audit.event WHERE action = 'rules_test'), '(777,t)', 'an audit row distinguishes a token from its owner');
SELECT throws_ok($$ SELECT connex.token_revoke((SELECT max(token_id) FROM connex.token)) $$, 'CX403', 'not_by_token', 'and a token cannot revoke one');

-- --- Idempotency-Key: each person has separate keys ----------------------------------------------------------------------
CREATE FUNCTION pg_temp.once(p_key text, p_body text, p_reply text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  kept text;
BEGIN
  PERFORM connex.once(p_key, sha256(p_body::bytea));
  RETURN 'new: ' || connex.reply_once(201, to_json(p_reply));
EXCEPTION WHEN SQLSTATE 'CX200' THEN
  GET STACKED DIAGNOSTICS kept = PG_EXCEPTION_DETAIL;
  RETURN 'again: ' || kept;
END
$$;
SELECT pg_temp.as_user('RULE001', 'person'), pg_temp.once('key', 'body', 'of the first');
SELECT pg_temp.as_user('RULE002', 'person');
SELECT is(pg_temp.once('key', 'body', 'of the second'), 'new: "of the second"', 'the same key from another person is a different key');
SELECT is(pg_temp.once('key', 'body', 'of the second'), 'again: "of the second"', 'and is answered with that person''s own reply');

-- --- registration ---------------------------------------------------------------------------------------------------------
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state) VALUES ('99921', '1999999974', 'RULE4', '992210004', 'Rules 4', 'part_b', 'ME');
INSERT INTO connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on) VALUES ('99921', pg_temp.account(4), 'CK4', 'check', 100, connex.today());
SELECT connex.registration_create(jsonb_build_object('user_id', 'RULE005', 'first_name', 'Eve', 'last_name', 'New', 'job_role', 'billing', 'email', 'rule005@rules.example',
  'email_updates', false, 'attestation_version', (SELECT max(version) FROM connex.agreement WHERE kind = 'attestation' AND effective_at <= connex.now()),
  'lso', true, 'npi', '1999999974', 'ptan', 'RULE4', 'tin_last5', '10004', 'line_of_business', 'part_b', 'state', 'ME', 'functions', '["claims"]'::jsonb,
  'check_number', 'CK4', 'check_amount', 100), '$argon2id$x', 'rules-registration', '192.0.2.5');
SELECT is((SELECT (user_account_id = pg_temp.person('RULE005'), host(address))::text FROM audit.event WHERE action = 'registration' AND request_id = 'rules-registration'), '(t,192.0.2.5)', 'a registration is audited');
SELECT is((SELECT email_updates FROM connex.user_account WHERE user_id = 'RULE005'), false, 'REG-09: e-mail updates that were unchecked stay unchecked');
SELECT is((SELECT count(*)::int FROM connex.access WHERE user_account_id = pg_temp.person('RULE005')), 1, 'REG-11: it requests one provider account');
SELECT is((SELECT count(*)::int FROM connex.agreement_acceptance WHERE user_account_id = pg_temp.person('RULE005')), 1, 'REG-01: what was accepted is kept');
SELECT is((SELECT f.code FROM connex.registration_faults(jsonb_build_object('user_id', 'RULE006', 'email', 'Rule005@RULES.example')) f WHERE f.field = 'email'), 'taken', 'REG-05: an address that is taken is refused, in capitals too');

SELECT * FROM finish();
ROLLBACK;
