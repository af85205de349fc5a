-- What a load must not silently get wrong: whose payment and whose number it is, and what has changed. Also when a letter
-- counts as printed.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(10);

INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99924', 'Load test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
VALUES ('99924', '1999999976', 'LOAD1', '999999924', 'Load Practice', 'part_b', 'ME');
INSERT INTO connex.load_run (kind, file_name) VALUES ('payments', 'rules_load');
CREATE TABLE pg_temp.run AS SELECT max(load_run_id) AS id FROM connex.load_run;
GRANT SELECT ON pg_temp.run TO connex_loader;
SELECT connex.load_begin();

-- --- payments -----------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.payment(p_amount numeric, p_on date, p_tin text DEFAULT '999999924') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  INSERT INTO stage_feed (row_no, contractor_no, payment_number, method, amount, issued_on, npi, ptan, tin)
  VALUES (2, '99924', 'CK7', 'check', p_amount, p_on, '1999999976', 'LOAD1', p_tin);
  SELECT string_agg(concat_ws(' ', l.severity, l.code, l.place), ', ' ORDER BY l.code) INTO said
    FROM connex.load_payments((SELECT id FROM pg_temp.run)) l;
  RETURN said;
END
$$;
SELECT is(pg_temp.payment(100, '2026-01-02'), 'accepted 1, unchanged 0', 'a payment is loaded');
SELECT is(pg_temp.payment(100, '2026-01-02'), 'accepted 0, unchanged 1', 'and loading it again changes nothing');
SELECT is(pg_temp.payment(120.5, '2026-01-03'), 'accepted 1, unchanged 0', 'a change is loaded');
SELECT is((SELECT (amount, issued_on)::text FROM connex.payment WHERE contractor_no = '99924'), '(120.50,2026-01-03)', 'all of it');
SELECT is(pg_temp.payment(120.5, '2026-01-03', '999999925'), 'accepted 0, refused account_unknown 2, unchanged 0', 'but not with another tax number');

-- --- persons ------------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.person(p_key text, p_mbi text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  said text;
BEGIN
  INSERT INTO stage_feed (row_no, person_key, mbi, last_name, first_name, birth_on) VALUES (2, p_key, p_mbi, 'Loadtest', 'A', '1950-01-01');
  SELECT string_agg(concat_ws(' ', l.severity, l.code, l.place), ', ' ORDER BY l.code) INTO said
    FROM connex.load_beneficiaries((SELECT id FROM pg_temp.run)) l;
  RETURN said;
END
$$;
SELECT is(pg_temp.person('load 1', '1S99RR9RR97'), 'accepted 1, unchanged 0', 'a person is loaded');
SELECT is(pg_temp.person('load 2', '1S99RR9RR97'), 'accepted 0, refused mbi_of_another 2, unchanged 0', 'another person does not get that person''s number');
SELECT is((SELECT b.source_key FROM connex.beneficiary_mbi m JOIN connex.beneficiary b USING (beneficiary_id) WHERE m.mbi = '1S99RR9RR97'), 'load 1', 'which stays with the first person');

-- --- the payee of a remittance --------------------------------------------------------------------------------------------
INSERT INTO stage_remittance (claim_count, sender, interchange_control, group_control, transaction_control, sha256, amount, credit, method, paid_on, payment_number,
  payer_number, payee_npi, payee_tin, payee_number, balanced, difference)
VALUES (0, 'RULES', '1', '1', '1', sha256('rules_load'), 0, true, 'NON', '2026-01-02', 'EFT9', '99924', '1999999976', '999999925', 'LOAD1', true, 0);
SELECT ok(EXISTS (SELECT FROM connex.load_remittance((SELECT id FROM pg_temp.run), '99924') l WHERE l.code = 'payee_unknown'),
  'a remittance for another tax number does not go to this provider account');

-- --- letters ------------------------------------------------------------------------------------------------------------
INSERT INTO connex.letter (kind, provider_account_id, secret, expires_on)
SELECT 'access_code', provider_account_id, 'ABCD-EFGH-JKMN', connex.today() + 60 FROM connex.provider_account WHERE ptan = 'LOAD1';
SELECT ok(NOT connex.letter_printed((SELECT max(letter_id) FROM connex.letter)), 'a letter that is not made yet was not printed');

SELECT * FROM finish();
ROLLBACK;
