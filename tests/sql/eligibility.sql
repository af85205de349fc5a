-- Eligibility in the database (portal 2.3): who is matched, and who becomes visible.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(30);

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

-- A quick look at names as they stand comes first. It must not say anything else than the letters do.
CREATE TEMP TABLE name_seen (name text);
INSERT INTO name_seen VALUES ('Lee'), ('LEE'), ('lee '), (' Lee'), ('Leé'), ('LEÉ'), ('L'), (''), (NULL), ('12 - 3'), ('...'), ('-Lee'), ('ßtraße'),
  ('SSTRASSE'), ('Müller-Lüdenscheidt'), ('MULLER'), ('muller ludens'), ('ÀB'), ('àb'), ('AB'), ('ſee'), ('see'), ('ıx'), ('IX'), ('[x'), ('@x'), ('x');
SELECT is_empty($$ SELECT a.name, b.name FROM name_seen a, name_seen b
  WHERE (connex.same_last_name(a.name, b.name) IS TRUE) <> ((connex.name_key(a.name) = connex.name_key(b.name)) IS TRUE) $$, 'a last name is the same if its letters are');
SELECT is_empty($$ SELECT a.name, b.name FROM name_seen a, name_seen b
  WHERE (connex.same_initial(a.name, b.name) IS TRUE) <> ((left(connex.name_key(a.name), 1) = left(connex.name_key(b.name), 1)) IS TRUE) $$, 'an initial is the same if its letter is');

-- --- matching ---------------------------------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.match(p_mbi text, p_last text, p_first text, p_birth date, p_on date DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
  SELECT connex.seal(1, NULL, NULL, 'eligibility', 1), set_config('connex.subject_id', '', true);
  SELECT coalesce((SELECT f.reason_code FROM connex.eligibility_person(p_mbi, p_last, p_first, p_birth, p_on) f), 'found') $$;
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
SELECT throws_ok($$ SELECT connex.eligibility_person('1S99TT9TT90', 'Feathe', 'A', '1950-02-28', NULL) $$, 'CX403', 'no_access', 'a lookup needs the function Eligibility');

-- --- coverage ---------------------------------------------------------------------------------------------------------
INSERT INTO connex.coverage (beneficiary_id, kind, period) VALUES (pg_temp.person('elig 1'), 'qmb', '[2026-01-01,)');
SELECT throws_ok($$ INSERT INTO connex.coverage (beneficiary_id, kind, period) VALUES (pg_temp.person('elig 1'), 'qmb', '[2026-03-01,)') $$, '23P01', NULL, 'periods of one kind do not overlap');

SELECT * FROM finish();
ROLLBACK;
