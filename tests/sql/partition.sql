-- Months of the audit trail are made ahead of time, whatever role makes them (design 4), each in a step of its own.
-- That no lookup waits for a step is shown by tests/fault/housekeeping.test.mjs.
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(28);

SELECT is((SELECT count(*)::int FROM generate_series(0, 3) ahead, unnest('{audit.event}'::text[]) t
            WHERE to_regclass(t || to_char((now() AT TIME ZONE 'UTC') + make_interval(months => ahead), '"_"YYYYMM')) IS NULL), 0,
  'this month and the three after it are there');
SELECT is(connex.partition_step(), NULL, 'making them again makes nothing');
SELECT ok((SELECT 'lock_timeout=50ms' = ANY (proconfig) FROM pg_proc WHERE oid = 'connex.partition_step(boolean)'::regprocedure),
  'a step waits at most 50 ms for a lock, because whoever needs the same one queues behind it');

CREATE FUNCTION pg_temp.month(p_ahead integer) RETURNS date LANGUAGE sql AS $$
  SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => p_ahead))::date $$;
CREATE FUNCTION pg_temp.month_table(p_of text, p_ahead integer) RETURNS text LANGUAGE sql AS $$
  SELECT p_of || to_char(pg_temp.month(p_ahead), '"_"YYYYMM') $$;
-- Every step until nothing is left; what was done.
CREATE FUNCTION pg_temp.steps() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  done text;
BEGIN
  LOOP
    done := connex.partition_step();
    EXIT WHEN done IS NULL OR done = 'later';
    RETURN NEXT done;
  END LOOP;
END $$;

-- Rows of a month that nobody has made yet: in the default partition, as after a daemon that stood still.
UPDATE connex.setting SET value = '6' WHERE name = 'partition_months_ahead';
INSERT INTO audit.event (at, action) VALUES (pg_temp.month(4) + interval '1 day', 'test');
SET LOCAL timezone = 'America/New_York';
CREATE TEMP TABLE first_round AS SELECT * FROM pg_temp.steps() AS done;
SELECT is((SELECT count(*)::int FROM first_round WHERE done LIKE 'made %'), 2, 'rows in the way do not stop it: one step for each month, but one');
SELECT is((SELECT string_agg(n, ' ' ORDER BY n) FROM (SELECT to_char(pg_temp.month(a), 'YYYYMM') n FROM generate_series(4, 6) a
            WHERE to_regclass('audit.event_' || to_char(pg_temp.month(a), 'YYYYMM')) IS NULL) missing), to_char(pg_temp.month(4), 'YYYYMM'),
  'the other months are made');
SET LOCAL timezone = 'UTC';
SELECT alike((SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = to_regclass('audit.event_' || to_char(pg_temp.month(5), 'YYYYMM'))),
  '%''' || pg_temp.month(5) || ' 00:00:00+00''%''' || pg_temp.month(6) || ' 00:00:00+00''%', 'as months of UTC, whatever zone the session keeps');
SELECT is_empty($$ SELECT i.inhrelid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'audit.event'::regclass AND c.relname >= pg_temp.month_table('event', 0) AND (SELECT count(*) FROM pg_index x WHERE x.indrelid = i.inhrelid)
        <> (SELECT count(*) FROM pg_index x WHERE x.indrelid = 'audit.event'::regclass) $$,
  'a month has the indexes of its table, and no second ones');
SELECT is((SELECT count(*)::int FROM pg_class WHERE relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace)
             AND relname ~ '_[0-9]{6}$' AND relkind = 'r' AND NOT relispartition), 0, 'nothing made is left beside its table');

-- A default partition that is too large to be read while others wait is proven empty of the month first.
UPDATE connex.setting SET value = '7' WHERE name = 'partition_months_ahead';
INSERT INTO audit.event (at, action, detail)
SELECT pg_temp.month(4) + interval '2 days', 'test', jsonb_build_object('filler', repeat('x', 500)) FROM generate_series(1, 3000);
CREATE TEMP TABLE second_round AS SELECT row_number() OVER () AS step, done FROM pg_temp.steps() AS done;
SELECT is((SELECT string_agg(regexp_replace(done, '[0-9]{6}', 'MONTH'), ', ' ORDER BY step) FROM second_round WHERE done ~ 'event'),
  'added not_event_MONTH, validated not_event_MONTH, made event_MONTH', 'a large default partition is proven, in steps of their own');
SELECT is((SELECT count(*)::int FROM pg_constraint WHERE conrelid = 'audit.event_default'::regclass AND contype = 'c' AND conname ~ '^not_event'), 0,
  'and the proof goes with the step that makes the month');
-- A row that came between: the proof must not refuse that month for ever.
UPDATE connex.setting SET value = '8' WHERE name = 'partition_months_ahead';
INSERT INTO audit.event (at, action) VALUES (pg_temp.month(8) + interval '1 day', 'test');
SELECT lives_ok(format('ALTER TABLE audit.event_default ADD CONSTRAINT not_%I CHECK (at < %L OR at >= %L) NOT VALID',
  pg_temp.month_table('event', 8), pg_temp.month(8), pg_temp.month(9)), 'a proof that a row came before');
SELECT is(connex.partition_step(), 'dropped not_' || pg_temp.month_table('event', 8), 'is dropped again');
-- The month that runs now is never proven: while the CHECK stands, every answer with an audit row would be refused.
SELECT is((SELECT begun FROM connex.partition_plan() WHERE name = pg_temp.month_table('event', 4)), false,
  'a month to come has not begun');
DO $$ BEGIN EXECUTE format('ALTER TABLE audit.event DETACH PARTITION audit.%1$I; ALTER TABLE audit.%1$I RENAME TO aside',
  pg_temp.month_table('event', -1)); END $$;
SELECT is_empty($$ SELECT done FROM pg_temp.steps() AS done WHERE done LIKE '%' || pg_temp.month_table('event', -1) $$,
  'a month that has begun is not proven, so that no row of it is refused');

-- Nobody truncates the trail, nor a month of it.
SELECT throws_ok('TRUNCATE audit.event', 'CX403', 'audit_is_append_only', 'nobody truncates the trail, the superuser included');
SELECT is_empty($$ SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'audit.event'::regclass
    AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = inhrelid AND t.tgname = 'event_no_truncate' AND t.tgenabled = 'O') $$,
  'each of its months has a trigger against it, made by this version or before');
SELECT throws_ok('TRUNCATE audit.' || pg_temp.month_table('event', 0), 'CX403', 'audit_is_append_only', 'so this month is not truncated');
SELECT throws_ok('TRUNCATE audit.' || pg_temp.month_table('event', 6), 'CX403', 'audit_is_append_only', 'nor a month that was made later');
SELECT throws_ok('TRUNCATE audit.event_default', 'CX403', 'audit_is_append_only', 'nor what has no month');
SET LOCAL ROLE connex_owner;
SELECT throws_ok('TRUNCATE audit.' || pg_temp.month_table('event', 1), 'CX403', 'audit_is_append_only', 'not even by the owner');
RESET ROLE;

-- Retention.
CREATE FUNCTION pg_temp.old(p_ago integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.event FOR VALUES FROM (%L) TO (%L)', pg_temp.month_table('event', -p_ago),
    pg_temp.month(-p_ago), pg_temp.month(1 - p_ago));
  EXECUTE format('ALTER TABLE audit.%I OWNER TO connex_owner', pg_temp.month_table('event', -p_ago));
END $$;
SELECT pg_temp.old(80), pg_temp.old(81) \g /dev/null
UPDATE connex.setting SET value = '80' WHERE name = 'audit_keep_months';
SELECT results_eq('SELECT done FROM pg_temp.steps() AS done', ARRAY['dropped ' || pg_temp.month_table('event', -81)], 'a month past audit_keep_months is dropped');
SELECT isnt(to_regclass('audit.' || pg_temp.month_table('event', -80)), NULL, 'the last month that must be kept is kept');
SELECT is((SELECT detail FROM audit.event WHERE action = 'audit_month_dropped'),
  jsonb_build_object('month', pg_temp.month_table('event', -81), 'audit_keep_months', 80), 'and the trail says so');
SELECT is(connex.partition_step(), NULL, 'then nothing is left to do');

-- --- indexes of the months that are over --------------------------------------------------------------------------------
CREATE FUNCTION pg_temp.indexes(p_ago integer) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(regexp_replace(indexdef, '.* USING ', ''), '; ' ORDER BY regexp_replace(indexdef, '.* USING ', '')) FROM pg_indexes
   WHERE schemaname = 'audit' AND tablename = pg_temp.month_table('event', -p_ago) $$;
SELECT is(connex.partition_step(p_index => true), 'indexed ' || pg_temp.month_table('event', -80), 'the jobs daemon indexes the oldest month first');
SELECT matches(pg_temp.indexes(80), 'provider_account_id, at DESC.*subject_kind, subject_id, at DESC', 'by provider account and by subject');
SELECT is(connex.partition_step(p_index => true), NULL, 'and no other');
SELECT is(pg_temp.indexes(0), 'btree (at, event_id); btree (user_account_id, at DESC)', 'the current month has what an answer can afford');
SELECT * FROM finish();
ROLLBACK;
