-- Claims are plain tables: what hangs on them after the move (migrations 0042 to 0046), what a page costs, and how old years go.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(16);
CREATE VIEW pg_temp.moved AS SELECT t, ('connex.' || t)::regclass AS id FROM unnest('{claim,adjudication,claim_line}'::text[]) t;

-- --- the tables -------------------------------------------------------------------------------------------------------
SELECT is((SELECT string_agg(relkind, '') FROM pg_class WHERE oid IN (SELECT id FROM pg_temp.moved)), 'rrr', 'each is one plain table');
SELECT is_empty($$ SELECT oid::regclass FROM pg_class WHERE relnamespace = 'connex'::regnamespace AND (relispartition OR relname ~ '_(plain|monthly)(_|$)|^(claim|adjustment)_move|^claim_adjustment_rows') $$,
  'nothing of the move and of the months is left');
SELECT is_empty($$ SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'connex'::regnamespace AND proname ~ '_follow$|^claim_move|^adjustment_fold' $$, 'nor any function of it');
SELECT is((SELECT string_agg(c.relname, ' ' ORDER BY c.relname) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid IN (SELECT id FROM pg_temp.moved)),
  'adjudication_by_remittance adjudication_pkey claim_by_control claim_by_patient claim_by_patient_control claim_by_service claim_by_status claim_denied claim_denied_again claim_line_pkey claim_pkey',
  'the indexes have their names');
SELECT is((SELECT string_agg(m.t || ': ' || pg_get_constraintdef(k.oid), '; ' ORDER BY m.t) FROM pg_constraint k JOIN pg_temp.moved m ON m.id = k.conrelid WHERE k.contype = 'p'),
  'adjudication: PRIMARY KEY (claim_id, adjudication_no); claim: PRIMARY KEY (claim_id); claim_line: PRIMARY KEY (claim_id, adjudication_no, line_no)',
  'and the primary keys are those of before');
SELECT is((SELECT conname FROM pg_constraint WHERE conrelid = 'connex.claim'::regclass AND contype = 'c')::text, 'claim_status_check', 'a status is one of the known');
SELECT is((SELECT string_agg(m.t || ' ' || n, ', ' ORDER BY m.t COLLATE "C") FROM pg_temp.moved m, LATERAL (SELECT count(*) n FROM pg_attribute a WHERE a.attrelid = m.id AND a.attnum > 0 AND a.attnotnull) c),
  'adjudication 12, claim 13, claim_line 10', 'what is never null');
SELECT is((SELECT string_agg(tablename || ' ' || policyname, ', ' ORDER BY tablename COLLATE "C", policyname) FROM pg_policies WHERE schemaname = 'connex' AND tablename IN (SELECT t FROM pg_temp.moved)),
  'adjudication loader, adjudication office, adjudication staff, claim loader, claim office, claim staff, claim_line loader, claim_line office, claim_line staff',
  'the policies');
SELECT is((SELECT count(*)::int FROM pg_class WHERE oid IN (SELECT id FROM pg_temp.moved) AND reloptions @> '{autovacuum_vacuum_scale_factor=0.02}'), 3, 'a large table is vacuumed long before a fifth of it has changed');
SELECT is((SELECT count(*)::int FROM connex.setting WHERE name = 'partition_months_back'), 0, 'no setting speaks of their months');

-- --- what a page costs ------------------------------------------------------------------------------------------------
INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, status, from_on)
SELECT connex.claim_id_new(d), '99914', 'mcs', 'PURGE' || to_char(d, 'YYYYMM'), 'paid', d FROM unnest('{2001-01-15,2001-02-15,2001-03-15,2001-04-15}'::date[]) d;
INSERT INTO connex.claim_key SELECT contractor_no, system, control_no, claim_id FROM connex.claim WHERE contractor_no = '99914';
INSERT INTO connex.adjudication (claim_id, adjudication_no, clp_status, charge, paid) SELECT claim_id, 1, '1', 1, 1 FROM connex.claim WHERE contractor_no = '99914';
INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, charge) SELECT claim_id, 1, 1, 1 FROM connex.claim WHERE contractor_no = '99914';
SELECT connex.claim_document(claim_id) IS NOT NULL FROM connex.claim WHERE control_no = 'PURGE200101';
SELECT cmp_ok((SELECT count(DISTINCT relation)::int FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'
                  AND relation IN (SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT id FROM pg_temp.moved) UNION ALL SELECT id FROM pg_temp.moved)), '<=', 16,
  'a claim''s page locks each of its tables and their indexes once');

-- --- old years --------------------------------------------------------------------------------------------------------
SELECT is(connex.claim_id_new('2001-03-31') >> 40, 14::bigint, 'a claim''s number begins with its month');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
SELECT contractor_no, '1999999984', 'PURGE', '999999914', 'Purge test', 'part_b', 'ME' FROM connex.contractor LIMIT 1;
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email) VALUES ('PURG001', 'office', 'Purge', 'Test', 'billing', 'purg001@tests.example');
INSERT INTO connex.appeal (confirmation_no, claim_id, provider_account_id, contractor_no, requester_name, requester_phone, reason, filed_by, notice_on, deadline_on, decision_due_on)
SELECT 'R-PURGE', c.claim_id, (SELECT provider_account_id FROM connex.provider_account WHERE ptan = 'PURGE'), '99914', 'x', 'x', 'x',
       (SELECT user_account_id FROM connex.user_account WHERE user_id = 'PURG001'), '2001-02-20', '2001-06-25', '2001-08-20' FROM connex.claim c WHERE control_no = 'PURGE200102';
CREATE VIEW pg_temp.left_over AS
SELECT concat_ws(' ', (SELECT string_agg(right(control_no, 2), ',' ORDER BY control_no) FROM connex.claim WHERE contractor_no = '99914'),
  (SELECT string_agg(right(control_no, 2), ',' ORDER BY control_no) FROM connex.claim_key WHERE contractor_no = '99914'),
  (SELECT count(*) FROM connex.adjudication WHERE claim_id >> 40 BETWEEN 12 AND 15), (SELECT count(*) FROM connex.claim_line WHERE claim_id >> 40 BETWEEN 12 AND 15)) AS words;
SELECT is(connex.purge_claims('2001-04-01', 1), 1, 'as many claims go as one step may take');
SELECT is((SELECT words FROM pg_temp.left_over), '02,03,04 02,03,04 3 3', 'the oldest first, with its key and its children');
SELECT is(connex.purge_claims('2001-04-01', 100) || ' ' || connex.purge_claims('2001-04-01', 100), '1 0', 'and the others of the months before');
SELECT is((SELECT words FROM pg_temp.left_over), '02,04 02,04 2 2', 'but one with a redetermination stays, and so does the month itself');

SELECT * FROM finish();
ROLLBACK;
