-- The DBA's reports: every view answers, the report role reads nothing else, persons are masked, everything is described.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT * FROM no_plan();

SELECT is((SELECT array_agg(c.relname::text ORDER BY 1) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'report' AND c.relkind = 'v' AND c.relname IN ('appeals_by_status_and_age', 'access_by_provider_account', 'remittances_by_day')),
  '{access_by_provider_account,appeals_by_status_and_age,remittances_by_day}', 'the three reports are there');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname IN ('connex', 'audit') AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND has_table_privilege('connex_report', c.oid, 'SELECT') $$, 'the report role reads no table');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'report' AND c.relkind = 'v' AND NOT has_table_privilege('connex_report', c.oid, 'SELECT') $$, 'it can read every report');
SELECT is_empty($$ SELECT r, c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest(ARRAY['connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_jobs', 'connex_loader']) r
  WHERE n.nspname = 'report' AND c.relkind = 'v' AND has_table_privilege(r, c.oid, 'SELECT') $$, 'and no other role can');
SELECT is_empty($$ SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE n.nspname = 'report' AND c.relkind = 'v' AND (obj_description(c.oid) IS NULL OR col_description(c.oid, a.attnum) IS NULL) $$, 'every report and every column is described');
SELECT is_empty($$ SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE n.nspname = 'report' AND c.relkind = 'v' AND a.attname ~ '(first_name|last_name|email|mbi|birth|user_id|phone|tin|csn)' $$, 'no column names a person, an MBI, a TIN or a CSN');
-- PostgreSQL lets every role create large objects, even in a read-only transaction, and so fill the disk.
SELECT is_empty($$ SELECT r, p.oid::regprocedure FROM pg_proc p, unnest(ARRAY['connex_report', 'connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_jobs', 'connex_loader']) r
  WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^(lo_(creat|create|from_bytea|put|unlink|truncate|truncate64|open|import|export)|lowrite)$'
    AND has_function_privilege(r, p.oid, 'EXECUTE') $$, 'no role of ours can create, write, or remove large objects');
SELECT is(report.masked('ABCD123'), 'AB***23', 'a person is masked');

-- As the report role itself.
INSERT INTO connex.contractor (contractor_no, name, jurisdiction, line_of_business) VALUES ('99913', 'Report test', 'J-T', 'part_b');
INSERT INTO connex.provider_account (contractor_no, npi, ptan, tin, name, line_of_business, state) VALUES ('99913', '1999999984', 'REPORT1', '999999913', 'Report Practice', 'part_b', 'ME');
INSERT INTO connex.user_account (user_id, first_name, last_name, job_role, email) VALUES ('RPRT001', 'Re', 'Port', 'billing', 'rprt001@tests.example');
INSERT INTO connex.access (user_account_id, provider_account_id, status, functions)
SELECT u.user_account_id, a.provider_account_id, 'approved', '{claims}' FROM connex.user_account u, connex.provider_account a WHERE u.user_id = 'RPRT001' AND a.contractor_no = '99913';
INSERT INTO connex.remittance (provider_account_id, contractor_no, payment_number, method, amount, paid_on, balanced, difference, claim_count, sender, interchange_control, group_control, transaction_control, sha256)
SELECT provider_account_id, '99913', 'E' || n, 'ACH', 100, '2026-01-05', n <> 2, CASE n WHEN 2 THEN -7.5 ELSE 0 END, 3, 'R', n::text, '1', '1', sha256(n::text::bytea)
  FROM connex.provider_account, generate_series(1, 2) n WHERE contractor_no = '99913';
INSERT INTO connex.appeal (confirmation_no, claim_id, provider_account_id, contractor_no, requester_name, requester_phone, reason, filed_by, filed_at, notice_on, deadline_on, decision_due_on)
SELECT 'R-REPORT' || n, n, a.provider_account_id, '99913', 'x', 'x', 'x', u.user_account_id, connex.now() - make_interval(days => n), '2026-01-01', '2026-05-06', connex.today() + 60 - n
  FROM connex.user_account u, connex.provider_account a, unnest('{10,40,70,71}'::int[]) n WHERE u.user_id = 'RPRT001' AND a.contractor_no = '99913';

CREATE FUNCTION pg_temp.as_report(p_query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  SET LOCAL ROLE connex_report;
  EXECUTE p_query INTO answer;
  RESET ROLE;
  RETURN answer;
END
$$;
SELECT is(pg_temp.as_report($$ SELECT string_agg(format('%s:%s:%s', age, appeals, overdue), ' ' ORDER BY age_order) FROM report.appeals_by_status_and_age WHERE contractor_no = '99913' AND status = 'received' $$),
  '0 to 30 days:1:0 31 to 45 days:1:0 over 60 days:2:2', 'appeals by status and age, and how many are past their day');
SELECT is(pg_temp.as_report($$ SELECT string_agg(format('%s:%s:%s', masked_user, claims, eligibility), ' ') FROM report.access_by_provider_account WHERE contractor_no = '99913' $$),
  'RP***01:t:f', 'access by provider account, the person masked');
SELECT is(pg_temp.as_report($$ SELECT string_agg(format('%s:%s:%s:%s:%s:%s', paid_on, remittances, claims, amount, unbalanced, unbalanced_amount), ' ') FROM report.remittances_by_day WHERE contractor_no = '99913' $$),
  '2026-01-05:2:6:200.00:1:7.50', 'remittances by day, and what does not balance');
SET LOCAL track_functions = 'all';
SELECT pg_temp.as_report('SELECT count(*) FROM report.appeals_by_status_and_age') IS NOT NULL AS asked \g /dev/null
SELECT is((SELECT calls::int FROM pg_stat_xact_user_functions WHERE schemaname = 'report' AND funcname = 'now'), 1,
  'a report asks for the time once, not once a row: 5.8 s at 200,000 appeals');
SET LOCAL track_functions = 'none';
-- What the role may use. Of these only temp_file_limit and the number of sessions hold against its own will; for the rest see
-- connex.jobs_end_reports().
SELECT is((SELECT rolconnlimit FROM pg_roles WHERE rolname = 'connex_report'), 10, 'the report role has at most ten sessions');
SELECT is((SELECT array_agg(c ORDER BY c) FROM pg_db_role_setting s, unnest(s.setconfig) c
            WHERE s.setrole = 'connex_report'::regrole AND s.setdatabase = 0 AND c ~ '^(temp_file_limit|statement_timeout|idle_in)'),
  '{idle_in_transaction_session_timeout=60s,statement_timeout=60s,temp_file_limit=2GB}', 'its reports have limits');
SELECT throws_ok($$ SELECT pg_temp.as_report('SELECT set_config(''temp_file_limit'', ''-1'', false)') $$, '42501', NULL,
  'the role cannot lift the limit of what it writes to disk');
SELECT is_empty($$ SELECT r FROM unnest('{connex_owner,connex_app,connex_jobs,connex_loader,connex_report}'::text[]) r
  WHERE (SELECT count(*) FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setrole = r::regrole AND s.setdatabase = 0
           AND c IN ('log_parameter_max_length=0', 'log_parameter_max_length_on_error=0')) <> 2 $$,
  'no log of any cluster has the parameters of our statements: they are birth dates');
SELECT lives_ok(format('SELECT pg_temp.as_report(%L)', 'SELECT count(*) FROM report.' || quote_ident(c.relname)), 'the report role reads ' || c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'report' AND c.relkind = 'v';
SELECT throws_ok(format('SELECT pg_temp.as_report(%L)', 'SELECT 1 FROM ' || t), '42501', NULL, 'a table is refused to the report role: ' || t)
  FROM unnest('{connex.claim,connex.user_account,connex.beneficiary,connex.credential,connex.appeal,audit.event}'::text[]) t;

SELECT * FROM finish();
ROLLBACK;
