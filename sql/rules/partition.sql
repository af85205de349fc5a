-- Monthly partitions of the tables that keep growing.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

CREATE OR REPLACE FUNCTION connex.claim_month(p_on date) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN greatest(0, (extract(year FROM p_on)::bigint - 2000) * 12 + extract(month FROM p_on)::bigint - 1);

CREATE OR REPLACE FUNCTION connex.claim_id_new(p_on date) RETURNS bigint LANGUAGE sql VOLATILE
  RETURN (connex.claim_month(p_on) << 40) + nextval('connex.claim_serial');

-- Makes one partition. If the default partition already has rows of that month (because the partition was not made in time,
-- or a file had a date far in the future), it cannot be made. Those rows can still be found, and the other months must not
-- fail because of this one.
CREATE OR REPLACE FUNCTION connex.make_partition(p_schema text, p_parent text, p_name text, p_from text,
  p_to text) RETURNS integer
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
BEGIN
  IF to_regclass(format('%I.%I', p_schema, p_name)) IS NOT NULL THEN
    RETURN 0;
  END IF;
  EXECUTE format('CREATE TABLE %1$I.%2$I PARTITION OF %1$I.%3$I FOR VALUES FROM (%4$L) TO (%5$L)', p_schema, p_name,
    p_parent, p_from, p_to);
  RETURN 1;
EXCEPTION WHEN check_violation THEN
  RAISE WARNING '%.% was not made: %_default already has rows of that month', p_schema, p_name, p_parent;
  RETURN 0;
END
$$;

-- Makes the monthly partitions, from as many months back to as many months ahead as the settings say, and the default
-- partitions. Called by every migrate and by the jobs daemon's housekeeping; calling it again changes nothing. Months are
-- always in UTC: otherwise two sessions with different time zones would make months that overlap or leave gaps.
CREATE OR REPLACE FUNCTION connex.make_partitions() RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  this_month date := date_trunc('month', now())::date;
  last_month date := this_month + make_interval(months => setting_integer('partition_months_ahead'));
  month date;
  next_month date;
  parent text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('connex.make_partitions'));
  FOREACH parent IN ARRAY ARRAY['claim','adjudication','claim_line','claim_adjustment'] LOOP
    IF to_regclass(format('connex.%I', parent || '_default')) IS NULL THEN
      EXECUTE format('CREATE TABLE connex.%I PARTITION OF connex.%I DEFAULT', parent || '_default', parent);
      made := made + 1;
    END IF;
    month := this_month - make_interval(months => setting_integer('partition_months_back'));
    WHILE month <= last_month LOOP
      next_month := month + interval '1 month';
      made := made + make_partition(p_schema => 'connex', p_parent => parent, p_name => parent || to_char(month, '"_"YYYYMM'),
                                    p_from => (claim_month(month) << 40)::text, p_to => (claim_month(next_month) << 40)::text);
      month := next_month;
    END LOOP;
  END LOOP;
  IF to_regclass('audit.event_default') IS NULL THEN
    CREATE TABLE audit.event_default PARTITION OF audit.event DEFAULT;
    made := made + 1;
  END IF;
  month := this_month - interval '1 month';
  WHILE month <= last_month LOOP
    next_month := month + interval '1 month';
    made := made + make_partition(p_schema => 'audit', p_parent => 'event', p_name => to_char(month, '"event_"YYYYMM'),
                                  p_from => month::text, p_to => next_month::text);
    month := next_month;
  END LOOP;
  RETURN made;
END
$$;
