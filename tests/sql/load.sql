-- What an 835 says about a claim's status, which system a claim belongs to, and what a loader may touch.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(32);

-- --- the claim's status (X12 835 CLP02, standards.md 4.4) -------------------------------------------------------------------
SELECT is(connex.claim_status_of_clp(clp, charge, paid, share, remarks::text[]), expected, words)
  FROM (VALUES
    ('1', 100, 80, 20, '{}', 'paid', 'CLP02 1 with money is paid'),
    ('2', 100, 80, NULL, '{}', 'paid', 'so is CLP02 2, secondary'),
    ('19', 100, 80, 0, '{}', 'paid', 'so is CLP02 19, forwarded'),
    ('1', 100, 0, 100, '{}', 'paid', 'nothing paid but owed by the patient (a deductible) is not a denial'),
    ('1', 100, 0, 0, '{}', 'denied', 'nothing paid and nothing owed is a denial'),
    ('3', 100, 0, NULL, '{}', 'denied', 'also when CLP05 is missing'),
    ('4', 100, 0, 100, '{}', 'denied', 'CLP02 4 is a denial whatever the patient owes'),
    ('23', 100, 0, 0, '{}', 'denied', 'CLP02 23, not our claim, is a denial'),
    ('25', 100, 0, 0, '{}', 'pending', 'CLP02 25, a prediction of pricing, decides nothing'),
    ('22', -100, -80, 0, '{}', 'reversed', 'CLP02 22 takes a payment back'),
    ('22', -100, 0, 0, '{MA130}', 'reversed', 'also of an unprocessable claim'),
    ('1', 100, 0, 0, '{N290,MA130}', 'rejected', 'MA130 marks an unprocessable claim: no initial determination'),
    ('1', 0, 0, 0, '{}', 'paid', 'a claim without a charge is not denied'),
    (NULL, 100, 80, 0, '{}', 'paid', 'a missing CLP02 does not hide a payment')
  ) v (clp, charge, paid, share, remarks, expected, words);

-- --- the shared system --------------------------------------------------------------------------------------------------
SELECT is(connex.system_of_claim(filing, business), expected, words)
  FROM (VALUES
    ('MA', NULL, 'fiss', 'CLP06 MA is FISS'),
    ('MB', NULL, 'mcs', 'CLP06 MB is MCS'),
    ('12', NULL, 'other', 'another payer is not a system of ours'),
    (NULL, NULL, 'other', 'and neither is nothing'),
    ('MB', 'part_a', 'fiss', 'a contractor of Part A has its outpatient claims on FISS'),
    ('MB', 'hhh', 'fiss', 'and home health and hospice'),
    ('MA', 'part_b', 'mcs', 'a contractor of Part B has MCS')
  ) v (filing, business, expected, words);

SELECT is(connex.identifier('1eg4-te5 mk73'), '1EG4TE5MK73', 'identifiers are kept in uppercase without dashes and blanks');
SELECT is(connex.identifier(' - '), NULL, 'and an empty one is null');
SELECT is(connex.identifier(NULL), NULL, 'as is null');

-- --- the temporary tables -----------------------------------------------------------------------------------------------
SET LOCAL ROLE connex_loader;
SELECT lives_ok('SELECT connex.load_begin()', 'a loader creates its temporary tables');
SELECT lives_ok('SELECT connex.load_begin()', 'as often as it likes');
SELECT lives_ok('SELECT connex.load_end()', 'and empties them');
SELECT throws_ok('SELECT * FROM connex.load_remittance(1, NULL)', 'P0002', NULL, 'a merge of nothing is a fault of the caller, not an empty remittance');
SELECT throws_ok('DELETE FROM connex.remittance', '42501', NULL, 'a loader can delete nothing');
SELECT throws_ok('SELECT password_hash FROM connex.credential', '42501', NULL, 'a loader cannot read a secret');
SELECT throws_ok('SELECT 1 FROM audit.event', '42501', NULL, 'nor the audit trail');
RESET ROLE;
SET LOCAL ROLE connex_app;
SELECT throws_ok('SELECT * FROM connex.load_remittance(1, NULL)', '42501', NULL, 'the workers cannot load');
SELECT * FROM finish();
ROLLBACK;
