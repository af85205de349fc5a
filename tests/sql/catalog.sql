-- The rules of scripts/lint-sql.mjs that only the catalog can check: actual privileges, row security, and comments.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = warning;
SELECT plan(18);

CREATE VIEW pg_temp.ours AS
SELECT p.* FROM pg_proc p
 WHERE p.pronamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace)
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');
SELECT cmp_ok((SELECT count(*)::int FROM pg_temp.ours), '>', 100, 'there are functions to look at');
SELECT is_empty($$ SELECT oid::regprocedure FROM pg_temp.ours WHERE has_function_privilege('public', oid, 'EXECUTE') $$,
  'PUBLIC executes no function of connex, audit, and report');
SELECT is_empty($$ SELECT oid::regprocedure FROM pg_temp.ours
  WHERE prosecdef AND oid <> 'connex.entered()'::regprocedure AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c = 'search_path=connex, pg_temp') $$,
  'every SECURITY DEFINER function pins its search_path, pg_temp last, and all the same one (connex.entered() says why)');
SELECT is_empty($$ SELECT oid::regprocedure FROM pg_temp.ours WHERE pronargs > 10 $$, 'no function takes more than ten parameters');

SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c
  WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND NOT c.relrowsecurity
    AND c.oid::regclass::text NOT IN ('connex.agreement', 'connex.clock', 'connex.contractor', 'connex.coverage_kind', 'connex.deadline_rule',
      'connex.mail_template', 'connex.reason_code', 'connex.reason_code_version', 'connex.setting', 'audit.event') $$,
  'row security is on, except for the tables that sql/policies/ gives a reason for');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c
  WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND obj_description(c.oid) IS NULL $$, 'every table has a comment that says what it is');
SELECT is_empty($$ SELECT c.oid::regclass, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND col_description(c.oid, a.attnum) IS NULL $$, 'and so does every column');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c
  WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace) AND c.relkind IN ('v', 'm')
    AND obj_description(c.oid) IS NULL $$, 'and every view');
SELECT isnt(obj_description('public.schema_migrations'::regclass), NULL, 'the table of the migrations has a comment too');
SELECT is_empty($$ SELECT r FROM unnest(ARRAY['public', 'connex_app', 'connex_office', 'connex_officer', 'connex_staff', 'connex_jobs', 'connex_loader', 'connex_report']) r
  WHERE has_table_privilege(r, 'public.schema_migrations', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') $$,
  'and no role of ours can use it, so it needs no row security');
SELECT col_not_null('connex', 'claim', 'from_on', 'a claim has a day to be listed by');
SELECT is((SELECT s.catalog FROM connex.policy_state s), connex.policy_fingerprint(), 'policies and grants are those that migrate applied');

-- A foreign key without an index makes a person's, a purge's, or an unload's every row read a whole table. Exceptions: lists of ours
-- from which nothing is deleted.
SELECT is_empty($$ SELECT f.conrelid::regclass, pg_get_constraintdef(f.oid) FROM pg_constraint f
  WHERE f.contype = 'f' AND f.connamespace IN ('connex'::regnamespace, 'audit'::regnamespace)
    AND f.confrelid::regclass::text NOT IN ('connex.agreement', 'connex.coverage_kind')
    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = f.conrelid AND i.indisvalid
      AND (i.indkey::smallint[])[0:cardinality(f.conkey) - 1] @> f.conkey
      AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)',
        (SELECT attname FROM pg_attribute WHERE attrelid = f.conrelid AND attnum = f.conkey[1])))) $$,
  'every foreign key that rows are deleted or sought by has its index');
SELECT is_empty($$ SELECT t FROM unnest('{idempotency,job,login_guard,mailed_code,mailed_code_count,outbox,session}'::text[]) t
  WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = ('connex.' || t)::regclass
    AND 'autovacuum_vacuum_scale_factor=0.02' = ANY (reloptions)) $$, 'hot tables are vacuumed early');

-- Settings have bounds, whatever way they are changed, and each change is in the audit trail.
SELECT is_empty($$ SELECT name FROM connex.setting WHERE kind = 'integer'
    AND (default_value::integer NOT BETWEEN lowest AND highest OR lowest < 0) $$, 'every default is within its bounds, and none is negative');
SELECT throws_ok($$ UPDATE connex.setting SET value = '-5' WHERE name = 'session_idle_minutes' $$, '23514', NULL, 'a value below its bounds is refused');
SELECT throws_ok($$ UPDATE connex.setting SET value = '721' WHERE name = 'session_idle_minutes' $$, '23514', NULL, 'and one above');
UPDATE connex.setting SET value = '25' WHERE name = 'session_idle_minutes';
UPDATE connex.setting SET documentation = documentation WHERE name = 'session_idle_minutes';
SELECT is((SELECT array_agg(detail) FROM audit.event WHERE action = 'setting_changed' AND at > now() AND detail ->> 'new' = '25'),
  ARRAY[jsonb_build_object('name', 'session_idle_minutes', 'old', '15', 'new', '25', 'by', session_user)],
  'a change is in the audit trail once, with the old value and who made it');

SELECT * FROM finish();
ROLLBACK;
