-- Who sees which rows: what the workers can read as their readers, whatever a handler forgets (design 2).
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT * FROM no_plan();

-- --- what no role may do ----------------------------------------------------------------------------------------------
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'connex' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT c.relrowsecurity
    AND c.relname NOT IN ('clock', 'setting', 'contractor', 'reason_code', 'reason_code_version', 'coverage_kind', 'deadline_rule', 'mail_template', 'agreement', 'schema_migrations') $$,
  'row security is on for every table except those without personal data');
SELECT is_empty($$ SELECT r, c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['connex_app', 'connex_office', 'connex_officer', 'connex_staff']) r
  WHERE n.nspname IN ('connex', 'audit', 'report') AND c.relkind IN ('r', 'p', 'v', 'm')
    AND (has_table_privilege(r, c.oid, 'INSERT') OR has_table_privilege(r, c.oid, 'UPDATE') OR has_table_privilege(r, c.oid, 'DELETE') OR has_table_privilege(r, c.oid, 'TRUNCATE')) $$,
  'the workers write only through functions');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_jobs', 'connex_loader', 'connex_report']) r
  WHERE n.nspname IN ('connex', 'audit') AND c.relispartition AND has_table_privilege(r, c.oid, 'SELECT') $$,
  'no partition can be read around the policies of its table');
SELECT is_empty($$ SELECT t FROM unnest(ARRAY['credential', 'former_password', 'login_guard', 'session', 'mailed_code', 'access_code', 'letter', 'idempotency', 'outbox', 'job', 'claim_key', 'load_finding']) t,
    unnest(ARRAY['connex_app', 'connex_office', 'connex_officer', 'connex_staff']) r WHERE has_table_privilege(r, 'connex.' || t, 'SELECT') $$,
  'the workers cannot read secrets, mail, or letters');
SELECT is_empty($$ SELECT r FROM unnest(ARRAY['connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_jobs', 'connex_loader', 'connex_report']) r JOIN pg_roles ON rolname = r WHERE rolsuper OR rolbypassrls OR rolcreaterole $$,
  'no working role bypasses row security');
SELECT is_empty($$ SELECT t FROM unnest(ARRAY['connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_report']) r, unnest(ARRAY['audit.event']) t WHERE has_table_privilege(r, t, 'SELECT') $$,
  'the workers can write the audit trail but not read it');

SELECT is_empty($$ SELECT r, p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, unnest(ARRAY['connex_jobs', 'connex_loader', 'connex_report', 'connex_office', 'connex_officer', 'connex_staff']) r
  WHERE n.nspname = 'connex' AND p.proname IN ('appeal_file', 'appeal_note', 'desk_open_case', 'desk_take', 'desk_decide', 'attachment_begin', 'attachment_piece_add', 'attachment_finish')
    AND has_function_privilege(r, p.oid, 'EXECUTE') $$, 'only the workers can file and decide, but not in their reading role');

SELECT is_empty($$ SELECT t, p FROM unnest(ARRAY['session', 'mailed_code', 'login_guard', 'idempotency', 'attachment', 'attachment_piece']) t, unnest(ARRAY['INSERT', 'UPDATE']) p
  WHERE has_table_privilege('connex_jobs', 'connex.' || t, p) $$, 'the jobs daemon cannot create a session, a code, or evidence');
SELECT is((SELECT string_agg(c.relname || '.' || a.attname, ' ' ORDER BY c.relname COLLATE "C", a.attname COLLATE "C") FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    AND has_column_privilege('connex_jobs', c.oid, a.attnum, 'UPDATE')),
  'job.finished_at job.last_error job.run_at job.state job.tries letter.pdf letter.rendered_at letter.secret letter.status '
    'outbox.body outbox.last_error outbox.next_try_at outbox.sent_at outbox.state outbox.tries',
  'the jobs daemon changes what it has done, and not to whom a mail or a letter goes');

-- --- two offices, one row of each table for both ------------------------------------------------------------------------
INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99912', 'Row test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state)
SELECT '99912', '1999999984', p, '999999912', p || ' Practice', 'part_b', 'ME' FROM unnest('{ROWS1,ROWS2}'::text[]) p;
INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email, email_verified_at)
SELECT u, CASE u WHEN 'ROWS009' THEN 'analyst' ELSE 'office' END, 'Row', 'Test', 'billing', lower(u) || '@tests.example', now() FROM unnest('{ROWS001,ROWS002,ROWS009}'::text[]) u;
CREATE FUNCTION pg_temp.account(p text) RETURNS bigint LANGUAGE sql AS $$ SELECT provider_account_id FROM connex.provider_account WHERE ptan = p AND contractor_no = '99912' $$;
CREATE FUNCTION pg_temp.person(p text) RETURNS bigint LANGUAGE sql AS $$ SELECT user_account_id FROM connex.user_account WHERE user_id = p $$;
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions, lso) VALUES
  (pg_temp.person('ROWS001'), pg_temp.account('ROWS1'), 'approved', '{claims,eligibility,financials}', true), (pg_temp.person('ROWS002'), pg_temp.account('ROWS2'), 'approved', '{claims}', false);
INSERT INTO connex.beneficiary (source_key, last_name, first_name, birth_on) VALUES ('rows 1', 'Rowtest', 'A', '1950-01-01'), ('rows 2', 'Rowtest', 'B', '1950-01-01');
INSERT INTO connex.beneficiary_mbi (mbi, beneficiary_id) SELECT '1S99RR9RR9' || right(source_key, 1), beneficiary_id FROM connex.beneficiary WHERE source_key LIKE 'rows _';
INSERT INTO connex.coverage (beneficiary_id, kind, period) SELECT beneficiary_id, 'part_b', '[2015-01-01,)' FROM connex.beneficiary WHERE source_key LIKE 'rows _';
DO $$
DECLARE
  a record;
  claim bigint;
  remittance bigint;
  appeal bigint;
  attachment bigint;
BEGIN
  FOR a IN SELECT * FROM connex.provider_account WHERE contractor_no = '99912' LOOP
    INSERT INTO connex.remittance (provider_account_id, contractor_no, payment_number, amount, paid_on, balanced, sender, interchange_control, group_control, transaction_control, sha256)
    VALUES (a.provider_account_id, '99912', 'EFT' || a.ptan, 1, '2026-01-01', true, 'T', a.ptan, '1', '1', sha256(a.ptan::bytea)) RETURNING remittance_id INTO remittance;
    INSERT INTO connex.provider_adjustment VALUES (remittance, 1, '1', NULL, 'WO', NULL, 1);
    INSERT INTO connex.payment (contractor_no, provider_account_id, payment_number, method, amount, issued_on) VALUES ('99912', a.provider_account_id, 'P' || a.ptan, 'check', 1, '2026-01-01');
    claim := connex.claim_id_new('2026-01-01');
    INSERT INTO connex.claim (claim_id, contractor_no, system, control_no, provider_account_id, status, from_on, remittance_id, last_adjudication_no)
    VALUES (claim, '99912', 'mcs', a.ptan, a.provider_account_id, 'denied', '2026-01-01', remittance, 1);
    INSERT INTO connex.adjudication (claim_id, adjudication_no, provider_account_id, remittance_id, clp_status, charge, paid) VALUES (claim, 1, a.provider_account_id, remittance, '4', 1, 0);
    INSERT INTO connex.claim_line (claim_id, adjudication_no, line_no, provider_account_id, charge, adjustment_groups, adjustment_reasons, adjustment_amounts)
    VALUES (claim, 1, 1, a.provider_account_id, 1, '{CO}', '{50}', '{1}');
    INSERT INTO connex.appeal (confirmation_no, claim_id, provider_account_id, contractor_no, requester_name, requester_phone, reason, filed_by, notice_on, deadline_on, decision_due_on)
    VALUES ('R-' || a.ptan, claim, a.provider_account_id, '99912', 'x', 'x', 'x', pg_temp.person('ROWS00' || right(a.ptan, 1)), '2026-01-01', '2026-05-06', '2026-07-01') RETURNING appeal_id INTO appeal;
    INSERT INTO connex.appeal_event (appeal_id, event_no, action) VALUES (appeal, 1, 'filed');
    INSERT INTO connex.attachment (provider_account_id, uploaded_by, appeal_id, file_name, media_type, bytes, sha256)
    VALUES (a.provider_account_id, pg_temp.person('ROWS00' || right(a.ptan, 1)), appeal, 'x.pdf', 'application/pdf', 1, sha256('x')) RETURNING attachment_id INTO attachment;
    INSERT INTO connex.attachment_piece VALUES (attachment, 1, 'x');
  END LOOP;
END
$$;
CREATE FUNCTION pg_temp.enter(p_user text, p_right text, p_account text DEFAULT NULL, p_token text DEFAULT '', p_beneficiary text DEFAULT NULL) RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
  SELECT connex.seal(pg_temp.person(p_user), NULL, nullif(p_token, '')::bigint, p_right, pg_temp.account(p_account),
                     (SELECT beneficiary_id FROM connex.beneficiary WHERE source_key = p_beneficiary)) $$;
-- What the reader sees of this test's rows, as "table=rows" for every table that shows any.
CREATE TABLE pg_temp.counted (name text, query text);
INSERT INTO pg_temp.counted VALUES
  ('claim', $$SELECT FROM connex.claim WHERE contractor_no = '99912'$$),
  ('adjudication', $$SELECT FROM connex.adjudication WHERE provider_account_id = ANY ($1)$$), ('claim_line', $$SELECT FROM connex.claim_line WHERE provider_account_id = ANY ($1)$$),
  ('claim_adjustment', $$SELECT FROM connex.claim_adjustment WHERE provider_account_id = ANY ($1)$$), ('claim_shown', $$SELECT FROM connex.claim_shown WHERE contractor_no = '99912'$$), ('claim_line_shown', $$SELECT FROM connex.claim_line_shown WHERE _claim_id IN (SELECT claim_id FROM pg_temp.claims)$$),
  ('adjudication_shown', $$SELECT FROM connex.adjudication_shown WHERE _claim_id IN (SELECT claim_id FROM pg_temp.claims)$$), ('remittance', $$SELECT FROM connex.remittance WHERE contractor_no = '99912'$$),
  ('provider_adjustment', $$SELECT FROM connex.provider_adjustment WHERE provider_id = '1' AND remittance_id = ANY ($2)$$), ('payment', $$SELECT FROM connex.payment WHERE contractor_no = '99912'$$),
  ('appeal', $$SELECT FROM connex.appeal WHERE contractor_no = '99912'$$), ('appeal_event', $$SELECT FROM connex.appeal_event WHERE appeal_id = ANY ($3)$$),
  ('attachment', $$SELECT FROM connex.attachment WHERE provider_account_id = ANY ($1)$$), ('attachment_piece', $$SELECT FROM connex.attachment_piece WHERE attachment_id = ANY ($4)$$),
  ('provider_account', $$SELECT FROM connex.provider_account WHERE contractor_no = '99912'$$),
  ('beneficiary', $$SELECT FROM connex.beneficiary WHERE last_name = 'Rowtest'$$), ('beneficiary_mbi', $$SELECT FROM connex.beneficiary_mbi WHERE mbi LIKE '1S99RR9RR9_'$$),
  ('coverage', $$SELECT FROM connex.coverage WHERE beneficiary_id = ANY ($5)$$), ('access', $$SELECT FROM connex.access WHERE provider_account_id = ANY ($1)$$),
  ('user_account', $$SELECT FROM connex.user_account WHERE user_id LIKE 'ROWS00_'$$),
  ('access_event', $$SELECT FROM connex.access_event WHERE comment = 'row test'$$), ('token', $$SELECT FROM connex.token WHERE beginning = 'cnx_row2'$$),
  ('token_provider_account', $$SELECT FROM connex.token_provider_account WHERE provider_account_id = ANY ($1)$$),
  ('agreement_acceptance', $$SELECT FROM connex.agreement_acceptance WHERE user_account_id IN (SELECT user_account_id FROM pg_temp.people)$$);
CREATE TABLE pg_temp.known AS SELECT
  ARRAY[pg_temp.account('ROWS1'), pg_temp.account('ROWS2')] AS accounts,
  (SELECT array_agg(remittance_id) FROM connex.remittance WHERE contractor_no = '99912') AS remittances, (SELECT array_agg(appeal_id) FROM connex.appeal WHERE contractor_no = '99912') AS appeals,
  (SELECT array_agg(attachment_id) FROM connex.attachment WHERE provider_account_id IN (pg_temp.account('ROWS1'), pg_temp.account('ROWS2'))) AS attachments,
  (SELECT array_agg(beneficiary_id) FROM connex.beneficiary WHERE source_key LIKE 'rows _') AS beneficiaries;
CREATE TABLE pg_temp.claims AS SELECT claim_id FROM connex.claim WHERE contractor_no = '99912';
CREATE TABLE pg_temp.people AS SELECT user_account_id FROM connex.user_account WHERE user_id LIKE 'ROWS00_';
GRANT SELECT ON pg_temp.counted, pg_temp.known, pg_temp.claims, pg_temp.people TO connex_office, connex_officer, connex_staff;
CREATE FUNCTION pg_temp.seen(p_role text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  c record;
  n bigint;
  words text := '';
BEGIN
  EXECUTE 'SET LOCAL ROLE ' || coalesce(p_role, CASE connex.entered_right() WHEN 'lso' THEN 'connex_officer' WHEN 'analyst' THEN 'connex_staff' ELSE 'connex_office' END);
  FOR c IN SELECT * FROM pg_temp.counted ORDER BY name LOOP
    CONTINUE WHEN NOT has_table_privilege('connex.' || c.name, 'SELECT');
    EXECUTE format('SELECT count(*) FROM (%s) x, (SELECT $1 IS NULL, $2 IS NULL, $3 IS NULL, $4 IS NULL, $5 IS NULL) y', c.query)
       INTO n USING (SELECT accounts FROM pg_temp.known), (SELECT remittances FROM pg_temp.known), (SELECT appeals FROM pg_temp.known), (SELECT attachments FROM pg_temp.known), (SELECT beneficiaries FROM pg_temp.known);
    IF n > 0 THEN
      words := words || ' ' || c.name || '=' || n;
    END IF;
  END LOOP;
  RESET ROLE;
  RETURN ltrim(words);
END
$$;

SELECT pg_temp.enter(NULL, '');
SELECT is(pg_temp.seen(), '', 'before anybody has entered, nothing is visible');
SELECT pg_temp.enter('ROWS001', 'claims', 'ROWS1');
SELECT is(pg_temp.seen(), 'access=1 adjudication=1 adjudication_shown=1 appeal=1 appeal_event=1 attachment=1 attachment_piece=1 claim=1 claim_adjustment=1 claim_line=1 claim_line_shown=1 claim_shown=1 provider_account=1 provider_adjustment=1 remittance=1 user_account=1',
  'a person who entered for one provider account sees its rows and no other''s, no beneficiary, and no colleague');
SELECT is((SELECT control_no FROM connex.claim WHERE contractor_no = '99912' AND provider_account_id = connex.entered_account()), 'ROWS1', 'and the rows are the right ones');
SELECT pg_temp.enter('ROWS001', 'eligibility', 'ROWS1', '', 'rows 1');
SELECT alike(pg_temp.seen(), '% beneficiary=1 beneficiary_mbi=1 % coverage=1 %', 'a lookup shows the person it matched, and nobody else');
SELECT pg_temp.enter('ROWS001', 'financials', 'ROWS1');
SELECT alike(pg_temp.seen(), '% payment=1 %', 'the function Financials shows payments');
SELECT pg_temp.enter('ROWS002', 'member');
SELECT is(pg_temp.seen(), 'access=1 adjudication=1 adjudication_shown=1 appeal=1 appeal_event=1 attachment=1 attachment_piece=1 claim=1 claim_adjustment=1 claim_line=1 claim_line_shown=1 claim_shown=1 provider_account=1 user_account=1',
  'without one account, a person sees all those with the function Claims, and no remittance without Financials');
SELECT pg_temp.enter('ROWS002', 'person');
SELECT is(pg_temp.seen(), 'access=1 provider_account=1 user_account=1', 'what needs no function shows only the person');
SELECT pg_temp.enter('ROWS001', 'lso');
SELECT is(pg_temp.seen(), 'access=1 provider_account=1 user_account=1', 'an LSO sees the people of his accounts and of no other (LSO-15)');
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions_requested) VALUES (pg_temp.person('ROWS002'), pg_temp.account('ROWS1'), 'requested', '{claims}');
SELECT is(pg_temp.seen(), 'access=2 provider_account=1 user_account=2', 'and a person who requests access to one of them');
SELECT pg_temp.enter('ROWS009', 'analyst');
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) VALUES (pg_temp.person('ROWS002'), '99912'); -- another one's
SELECT is(pg_temp.seen(), 'user_account=1', 'an analyst without a contractor number sees nobody but himself');
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) VALUES (pg_temp.person('ROWS009'), '99913');
SELECT is(pg_temp.seen(), 'user_account=1', 'nor does one of another contractor');
INSERT INTO connex.staff_contractor (user_account_id, contractor_no) VALUES (pg_temp.person('ROWS009'), '99912');
SELECT is(pg_temp.seen(), 'access=3 adjudication=2 adjudication_shown=2 appeal=2 appeal_event=2 attachment=2 attachment_piece=2 claim=2 claim_adjustment=2 claim_line=2 claim_line_shown=2 claim_shown=2 payment=2 provider_account=2 provider_adjustment=2 '
  'remittance=2 user_account=3', 'the analyst sees every account of his contractor numbers');
SELECT pg_temp.enter('ROWS009', 'step');
SELECT is(pg_temp.seen('connex_staff'), '', 'an analyst whose log-in is not complete sees nothing');
SELECT pg_temp.enter('ROWS009', 'analyst');
SELECT unalike(pg_temp.seen(), '%beneficiary%', 'but no beneficiary that he did not look up');
UPDATE connex.access SET status = 'removed', functions = '{}', lso = false WHERE user_account_id = pg_temp.person('ROWS002');
SELECT pg_temp.enter('ROWS002', 'member');
SELECT is(pg_temp.seen(), 'access=2 provider_account=2 user_account=1', 'removed access shows its own history and the account''s name, and no claim (LSO-13)');

-- --- a reader of another kind shows nothing ----------------------------------------------------------------------------
SELECT pg_temp.enter('ROWS001', 'claims', 'ROWS1');
SELECT is(pg_temp.seen('connex_officer') || pg_temp.seen('connex_staff'), '', 'an office that reads as an officer or as staff');
SELECT pg_temp.enter('ROWS001', 'financials', 'ROWS1');
SELECT is(pg_temp.seen('connex_staff'), '', 'nor payments');
SELECT pg_temp.enter('ROWS001', 'lso');
SELECT is(pg_temp.seen('connex_staff'), '', 'an officer who reads as staff');
SELECT pg_temp.enter('ROWS009', 'analyst');
SELECT is(pg_temp.seen('connex_office') || pg_temp.seen('connex_officer'), 'user_account=1', 'staff that reads as an office or an officer: oneself');

-- --- what belongs to a person ------------------------------------------------------------------------------------------
INSERT INTO connex.access_event (access_id, event_no, action, comment)
SELECT access_id, 1, 'requested', 'row test' FROM connex.access WHERE provider_account_id = ANY ((SELECT accounts FROM pg_temp.known)::bigint[]) AND status <> 'requested';
INSERT INTO connex.token (user_account_id, name, secret_hash, beginning, functions, expires_at)
SELECT user_account_id, 'T', sha256(user_account_id::text::bytea), 'cnx_row2', '{claims}', now() + interval '1 day' FROM pg_temp.people;
INSERT INTO connex.token_provider_account SELECT token_id, pg_temp.account('ROWS1') FROM connex.token WHERE beginning = 'cnx_row2';
INSERT INTO connex.agreement_acceptance (user_account_id, agreement_id) SELECT user_account_id, (SELECT min(agreement_id) FROM connex.agreement) FROM pg_temp.people;
SELECT pg_temp.enter('ROWS001', 'person');
SELECT is(pg_temp.seen(), 'access=1 access_event=1 agreement_acceptance=1 provider_account=1 token=1 token_provider_account=1 user_account=1', 'a person: the own history, tokens and agreements');
SELECT pg_temp.enter('ROWS001', 'lso');
SELECT is(pg_temp.seen(), 'access=2 access_event=2 provider_account=1 user_account=2', 'an LSO: the history of his accounts, and nobody''s tokens');
DELETE FROM connex.token_provider_account WHERE provider_account_id = pg_temp.account('ROWS1');

-- --- by token ---------------------------------------------------------------------------------------------------------
INSERT INTO connex.token (user_account_id, name, secret_hash, beginning, functions, expires_at) VALUES (pg_temp.person('ROWS001'), 'T', sha256('rows token'), 'cnx_rows', '{financials}', now() + interval '1 day');
INSERT INTO connex.token_provider_account SELECT token_id, pg_temp.account('ROWS1') FROM connex.token WHERE beginning = 'cnx_rows';
SELECT pg_temp.enter('ROWS001', 'member', NULL, (SELECT token_id::text FROM connex.token WHERE beginning = 'cnx_rows'));
SELECT unalike(pg_temp.seen(), '%claim%', 'a token made for Financials shows no claim, although its person may see them');
SELECT alike(pg_temp.seen(), '% remittance=1 %', 'and shows the remittances it was made for');

-- --- evidence ---------------------------------------------------------------------------------------------------------
SET LOCAL ROLE connex_jobs;
DELETE FROM connex.attachment;
RESET ROLE;
SELECT is((SELECT count(*)::int FROM connex.attachment WHERE attachment_id = ANY ((SELECT attachments FROM pg_temp.known)::bigint[])), 2, 'housekeeping cannot delete what was filed with a request');

-- --- the audit trail --------------------------------------------------------------------------------------------------
SELECT pg_temp.enter('ROWS001', 'claims', 'ROWS1');
SELECT audit.record('row_test', 'claim', 7);
SELECT is((SELECT (user_account_id = pg_temp.person('ROWS001'), provider_account_id = pg_temp.account('ROWS1'), subject_kind, subject_id)::text FROM audit.event WHERE action = 'row_test'), '(t,t,claim,7)', 'a row says who, for which account, and about what');
SELECT throws_ok($$ UPDATE audit.event SET action = 'x' WHERE action = 'row_test' $$, 'CX403', 'audit_is_append_only', 'nobody can change it, not even a superuser by mistake');
SELECT throws_ok($$ DELETE FROM audit.event WHERE action = 'row_test' $$, 'CX403', 'audit_is_append_only', 'nor delete it');

SELECT * FROM finish();
ROLLBACK;
