-- Partitions for months of the audit trail are made ahead of time, whatever role makes them (design 4).
-- SPDX-License-Identifier: Apache-2.0
BEGIN;
SET LOCAL client_min_messages = error;
SELECT plan(5);

SELECT is((SELECT count(*)::int FROM generate_series(0, 3) ahead, unnest('{audit.event}'::text[]) t
            WHERE to_regclass(t || to_char((now() AT TIME ZONE 'UTC') + make_interval(months => ahead), '"_"YYYYMM')) IS NULL), 0,
  'this month and the next three exist');
SELECT is(connex.make_partitions(), 0, 'making them again makes nothing');

-- Rows of a month without a partition yet: they are in the default partition, as after a daemon that was down.
UPDATE connex.setting SET value = '6' WHERE name = 'partition_months_ahead';
CREATE FUNCTION pg_temp.month(p_ahead integer) RETURNS date LANGUAGE sql AS $$
  SELECT (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => p_ahead))::date $$;
INSERT INTO audit.event (at, action) VALUES (pg_temp.month(4) + interval '1 day', 'test');
SET LOCAL timezone = 'America/New_York';
SELECT lives_ok('SELECT connex.make_partitions()', 'rows in the way do not stop it from finishing');
SELECT is((SELECT string_agg(n, ' ' ORDER BY n) FROM (SELECT to_char(pg_temp.month(a), 'YYYYMM') n FROM generate_series(4, 6) a
            WHERE to_regclass('audit.event_' || to_char(pg_temp.month(a), 'YYYYMM')) IS NULL) missing), to_char(pg_temp.month(4), 'YYYYMM'),
  'the other months are made');
SET LOCAL timezone = 'UTC';
SELECT alike((SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = to_regclass('audit.event_' || to_char(pg_temp.month(5), 'YYYYMM'))),
  '%''' || pg_temp.month(5) || ' 00:00:00+00''%''' || pg_temp.month(6) || ' 00:00:00+00''%', 'as months in UTC, whatever the session''s time zone');
SELECT * FROM finish();
ROLLBACK;
