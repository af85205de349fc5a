-- Eligibility in the database (portal 2.3): who is matched, who becomes visible, and the alerts for the office.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(34);

UPDATE connex.clock SET shift = '2026-06-01 16:00+00'::timestamptz - transaction_timestamp();
INSERT INTO connex.beneficiary (source_key, last_name, first_name, birth_on, sex) VALUES
  ('elig 1', 'Featherstonehaugh', 'Ann-Marie', '1950-02-28', 'F'), ('elig 2', 'Ng', 'Li', '1949-07-04', 'M');
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql AS $$ SELECT beneficiary_id FROM connex.beneficiary WHERE source_key = p $$;
INSERT INTO connex.beneficiary_mbi (mbi, beneficiary_id, effective_on, ended_on) VALUES
  ('1S99TT9TT90', pg_temp.person('elig 1'), '2026-03-01', NULL), ('1S99TT9TT91', pg_temp.person('elig 1'), '2018-01-01', '2026-02-28'),
  ('1S99TT9TT92', pg_temp.person('elig 2'), NULL, NULL);
INSERT INTO connex.coverage (beneficiary_id, kind, period, amount, remaining, payer_name, payer_id) VALUES
  (pg_temp.person('elig 1'), 'part_a', '[2015-03-01,)', NULL, NULL, NULL, NULL), (pg_temp.person('elig 1'), 'part_b', '[2015-03-01,)', NULL, NULL, NULL, NULL),
  (pg_temp.person('elig 1'), 'part_b_deductible', '[2026-01-01,2027-01-01)', 283, 100, NULL, NULL),
  (pg_temp.person('elig 1'), 'medicare_advantage', '[2024-01-01,2025-01-01)', NULL, NULL, 'Old Plan', 'H1'),
  (pg_temp.person('elig 2'), 'part_a', '[2015-03-01,)', NULL, NULL, NULL, NULL);

-- --- names ------------------------------------------------------------------------------------------------------------
SELECT is(connex.name_key('Featherstonehaugh'), 'FEATHE', 'six letters of a name are compared');
SELECT is(connex.name_key(' o''Dell-Ñuñez '), 'ODELLN', 'without blanks, apostrophes, hyphens, and accents');
SELECT is(connex.name_key(E'O\u2019Dell'), 'ODELL', 'the typographic apostrophe too');
SELECT is(connex.name_key('Ng'), 'NG', 'a short name is compared whole');
SELECT is(connex.name_key('12 - 3'), NULL, 'a name without a letter matches nobody');

-- --- matching ---------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.match(p_mbi text, p_last text, p_first text, p_birth date, p_on date DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT connex.seal(1, NULL, NULL, 'eligibility', 1), set_config('connex.subject_id', '', true);
  SELECT coalesce((SELECT f.reason_code FROM connex.eligibility_find(p_mbi, p_last, p_first, p_birth, p_on) f), 'found') $$;
SELECT is(pg_temp.match('1S99TT9TT90', 'FEATHERSTON', 'A', '1950-02-28'), 'found', 'number, names, and birth date match');
SELECT is(connex.entered_beneficiary(), pg_temp.person('elig 1'), 'and that person is visible');
SELECT is(current_setting('connex.subject_id'), pg_temp.person('elig 1')::text, 'and is the subject of the audit row');
SELECT is(pg_temp.match('1S99TT9TT90', 'Feathe', 'Ann', '1950-02-28'), 'found', 'six letters are enough');
SELECT is(pg_temp.match('1S99TT9TT90', 'Feath', 'Ann', '1950-02-28'), '75', 'five of a longer name are not');
SELECT is(pg_temp.match('1S99TT9TT92', 'ng', 'l', '1949-07-04'), 'found', 'a short name is whole');
SELECT is(pg_temp.match('1S99TT9TT92', 'Ngo', 'L', '1949-07-04'), '75', 'and no longer than it is');
SELECT is(pg_temp.match('1S99TT9TT90', 'Featherstonehaugh', 'Berta', '1950-02-28'), '75', 'another initial does not match');
SELECT is(pg_temp.match('1S99TT9TT90', 'Featherstonehaugh', 'Ann', '1950-03-01'), '75', 'another birth date does not match');
SELECT is(pg_temp.match('1S99TT9TT93', 'Featherstonehaugh', 'Ann', '1950-02-28'), '75', 'another number does not match');
SELECT is(pg_temp.match('1S99TT9TT92', 'Featherstonehaugh', 'Ann', '1950-02-28'), '75', 'somebody else''s number does not match');
SELECT is(pg_temp.match('1S99TT9TT90', '...', '...', '1950-02-28'), '75', 'names without a letter do not match');
SELECT is(connex.entered_beneficiary(), NULL, 'and after a mismatch nobody is visible');
SELECT is(pg_temp.match('1S99TT9TT91', 'Featherstonehaugh', 'Ann', '1950-02-28'), '72', 'a number that ended');
SELECT is(connex.entered_beneficiary(), NULL, 'shows nobody');
SELECT is(pg_temp.match('1S99TT9TT91', 'Featherstonehaugh', 'Ann', '1950-02-28', '2026-02-28'), 'found', 'on its last day it still works');
SELECT is(pg_temp.match('1S99TT9TT91', 'Featherstonehaugh', 'Ann', '1950-03-01'), '75', 'its end is told only to a caller who knew the rest');
SELECT lives_ok($$ SELECT pg_temp.match('1S99TT9TT90', 'Feathe', 'A', '1950-02-28', '2022-06-01') $$, 'four years back');
SELECT throws_ok($$ SELECT pg_temp.match('1S99TT9TT90', 'Feathe', 'A', '1950-02-28', '2022-05-31') $$, 'CX422', 'out_of_range', 'and no day more');
SELECT lives_ok($$ SELECT pg_temp.match('1S99TT9TT90', 'Feathe', 'A', '1950-02-28', '2026-10-01') $$, 'four months ahead');
SELECT throws_ok($$ SELECT pg_temp.match('1S99TT9TT90', 'Feathe', 'A', '1950-02-28', '2026-10-02') $$, 'CX422', 'out_of_range', 'and no day more');
SELECT connex.seal(1, NULL, NULL, 'claims', 1);
SELECT throws_ok($$ SELECT connex.eligibility_find('1S99TT9TT90', 'Feathe', 'A', '1950-02-28', NULL) $$, 'CX403', 'no_access', 'a lookup needs the function Eligibility');

-- --- alerts ------------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.alerts(p_on date) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(a.kind, ',' ORDER BY a.ordinal, a.kind) FROM connex.beneficiary b, connex.eligibility_alerts(b.beneficiary_id, b.death_on, p_on) a WHERE b.source_key = 'elig 1' $$;
SELECT pg_temp.match('1S99TT9TT90', 'Feathe', 'A', '1950-02-28');
SELECT is(pg_temp.alerts('2026-06-01'), 'part_b_deductible', 'the deductible that is left');
SELECT is(pg_temp.alerts('2024-06-01'), 'medicare_advantage', 'the plan of the day asked, not of today');
SELECT is(pg_temp.alerts('2014-06-01'), 'part_a,part_b', 'no entitlement');
INSERT INTO connex.coverage (beneficiary_id, kind, period, payer_name) VALUES (pg_temp.person('elig 1'), 'qmb', '[2026-01-01,)', NULL), (pg_temp.person('elig 1'), 'msp', '[2026-01-01,)', 'Granite Group');
SELECT is(pg_temp.alerts('2026-06-01'), 'msp,qmb', 'another insurer comes first, and a QMB owes no deductible');
UPDATE connex.beneficiary SET death_on = '2026-05-20' WHERE source_key = 'elig 1';
SELECT is(pg_temp.alerts('2026-06-01'), 'death,msp,qmb', 'a date of death comes first of all');
SELECT is_empty($$ SELECT r.rolname FROM pg_roles r WHERE r.rolname IN ('connex_app', 'connex_office', 'connex_officer', 'connex_staff')
    AND has_function_privilege(r.rolname, 'connex.eligibility_alerts(bigint, date, date)', 'EXECUTE') $$, 'nobody asks for the alerts of a person without a match');
SELECT throws_ok($$ INSERT INTO connex.coverage (beneficiary_id, kind, period) VALUES (pg_temp.person('elig 1'), 'qmb', '[2026-03-01,)') $$, '23P01', NULL, 'periods of one kind do not overlap');

SELECT * FROM finish();
ROLLBACK;
