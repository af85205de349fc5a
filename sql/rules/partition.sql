-- Monthly partitions of the tables that keep growing: made ahead of time and, for the audit trail, dropped by a setting.
-- The jobs daemon and scripts/migrate make each change as a step in its own transaction. A step that must lock a table that
-- others read waits at most 50 ms for the lock, because lookups queue behind it, and is tried again later. So while someone
-- reads for a long time (pg_dump), partitions are made late, but no lookup fails or waits long.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

CREATE OR REPLACE FUNCTION connex.claim_month(p_on date) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN greatest(0, (extract(year FROM p_on)::bigint - 2000) * 12 + extract(month FROM p_on)::bigint - 1);

CREATE OR REPLACE FUNCTION connex.claim_id_new(p_on date) RETURNS bigint LANGUAGE sql VOLATILE
  RETURN (connex.claim_month(p_on) << 40) + nextval('connex.claim_serial');

-- Every partitioned table of Connex, with its key (which starts with a month, or is a time) and its default partition, if any.
CREATE OR REPLACE FUNCTION connex.partitioned_tables() RETURNS TABLE (parent regclass, short name, key name, by_time boolean,
  fallback regclass)
  LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.oid::regclass, c.relname, a.attname, a.atttypid = 'timestamptz'::regtype, nullif(t.partdefid, 0)::regclass
    FROM pg_partitioned_table t
    JOIN pg_class c ON c.oid = t.partrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = t.partattrs[0]
   WHERE c.relnamespace IN ('connex'::regnamespace, 'audit'::regnamespace)
$$;

-- The partitions that are missing, the audit trail's first. low and high are the bounds as text. Months are always in UTC:
-- otherwise two sessions with different time zones would make months that overlap or leave gaps.
CREATE OR REPLACE FUNCTION connex.partition_plan() RETURNS TABLE (parent regclass, name text, key text, fallback regclass,
  low text, high text, begun boolean)
  LANGUAGE sql STABLE SET search_path = connex, pg_temp SET timezone = 'UTC' AS $$
  SELECT t.parent, t.short || to_char(m.month, '"_"YYYYMM'), t.key, t.fallback,
         CASE WHEN t.by_time THEN m.month::text ELSE (claim_month(m.month) << 40)::text END,
         CASE WHEN t.by_time THEN m.next::text ELSE (claim_month(m.next) << 40)::text END,
         t.by_time AND m.month <= now()
    FROM partitioned_tables() t
   CROSS JOIN LATERAL (
      SELECT d::date AS month, (d + interval '1 month')::date AS next
        FROM generate_series(date_trunc('month', now()) - make_interval(months => CASE WHEN t.by_time THEN 1
                                 ELSE setting_integer('partition_months_back') END),
                             date_trunc('month', now()) + make_interval(months => setting_integer('partition_months_ahead')),
                             interval '1 month') d) m
   WHERE to_regclass(t.parent || to_char(m.month, '"_"YYYYMM')) IS NULL
   ORDER BY t.by_time DESC, m.month, t.short
$$;

-- Creates the table that becomes a partition. It is separate at first, so that its parent is not locked. A month of the audit
-- trail gets its own trigger against TRUNCATE, because the parent's trigger does not fire for it.
CREATE OR REPLACE FUNCTION connex.partition_table(p_parent regclass, p_name text) RETURNS text
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
DECLARE
  made CONSTANT text := format('%I.%I', (SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = p_parent), p_name);
BEGIN
  EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING STORAGE'
    ' INCLUDING COMPRESSION INCLUDING GENERATED)', made, p_parent);
  IF p_parent = 'audit.event'::regclass THEN
    EXECUTE format('CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON %s'
      ' FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', made);
  END IF;
  RETURN made;
END
$$;

-- Proves that the default partition has no row of a month: adds a CHECK without reading the table, then validates it while
-- others read and write. Without the proof, ATTACH would read the whole default partition while everyone waits. Until the month
-- is attached, the CHECK refuses new rows of that month. A load can be repeated, but an answer needs its audit row: so a month
-- of the audit trail that has already begun is never proven this way.
CREATE OR REPLACE FUNCTION connex.partition_prove(p_fallback regclass, p_key text, p_name text, p_low text,
  p_high text) RETURNS text
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
DECLARE
  proof CONSTANT text := 'not_' || p_name;
BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = p_fallback AND conname = proof) THEN
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', p_fallback, proof);
    RETURN 'validated ' || proof;
  END IF;
  EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (%3$I < %4$L OR %3$I >= %5$L) NOT VALID', p_fallback, proof, p_key,
    p_low, p_high);
  RETURN 'added ' || proof;
END
$$;

-- Takes the next step for one month; '' if there is none. If the default partition already has rows of that month (because the
-- partition was not made in time, or a file had a date far in the future), it is not made, and the rows can still be found.
CREATE OR REPLACE FUNCTION connex.partition_month(p_parent regclass, p_name text, p_key text, p_fallback regclass,
  p_low text, p_high text, p_begun boolean) RETURNS text
  LANGUAGE plpgsql SET search_path = connex, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  proof CONSTANT text := 'not_' || p_name;
  in_the_way boolean;
  proven boolean := (SELECT convalidated FROM pg_constraint WHERE conrelid = p_fallback AND conname = proof);
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %2$I >= %3$L AND %2$I < %4$L)', p_fallback, p_key, p_low, p_high)
    INTO in_the_way;
  IF in_the_way AND proven IS NULL THEN
    RETURN '';
  ELSIF in_the_way THEN
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', p_fallback, proof);
    RETURN 'dropped ' || proof;
  ELSIF NOT coalesce(proven, pg_relation_size(p_fallback) <= 1048576) THEN   -- so little is read in a few milliseconds
    RETURN CASE WHEN p_begun THEN '' ELSE partition_prove(p_fallback, p_key, p_name, p_low, p_high) END;
  END IF;
  EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', p_parent,
    partition_table(p_parent, p_name), p_low, p_high);
  IF proven THEN
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', p_fallback, proof);
  END IF;
  RETURN 'made ' || p_name;
END
$$;

-- The oldest month of the audit trail that is older than audit_keep_months, or null. Rows in the default partition stay,
-- because rows cannot be deleted one by one.
CREATE OR REPLACE FUNCTION connex.audit_month_over() RETURNS text
  LANGUAGE sql STABLE SET search_path = connex, pg_temp SET timezone = 'UTC'
  RETURN (SELECT min(c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'audit.event'::regclass AND c.relname ~ '^event_[0-9]{6}$'
             AND c.relname < to_char(date_trunc('month', now()) - make_interval(months => setting_integer('audit_keep_months')),
                                     '"event_"YYYYMM'));

-- Drops such a month and records that in the audit trail itself. This locks the whole table, again after at most 50 ms.
CREATE OR REPLACE FUNCTION connex.audit_month_drop(p_month text) RETURNS text
  LANGUAGE plpgsql STRICT SET search_path = connex, pg_temp AS $$
BEGIN
  EXECUTE format('ALTER TABLE audit.event DETACH PARTITION audit.%I', p_month);
  EXECUTE format('DROP TABLE audit.%I', p_month);
  INSERT INTO audit.event (action, detail)
  VALUES ('audit_month_dropped', jsonb_build_object('month', p_month, 'audit_keep_months', setting_integer('audit_keep_months')));
  RETURN 'dropped ' || p_month;
END
$$;

-- Takes the next step of all and says what it was. Null: nothing is left to do, or another session is doing it. 'later': a lock
-- could not be had; try again in a minute.
CREATE OR REPLACE FUNCTION connex.partition_step() RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
  one record;
  done text;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('connex.partition_step')) THEN
    RETURN NULL;
  END IF;
  FOR one IN SELECT t.parent, t.short || '_default' AS name FROM partitioned_tables() t WHERE t.fallback IS NULL LOOP
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s DEFAULT', one.parent, partition_table(one.parent, one.name));
    RETURN 'made ' || one.name;
  END LOOP;
  FOR one IN SELECT * FROM partition_plan() LOOP
    done := partition_month(one.parent, one.name, one.key, one.fallback, one.low, one.high, one.begun);
    IF done <> '' THEN
      RETURN done;
    END IF;
  END LOOP;
  RETURN audit_month_drop(audit_month_over());
EXCEPTION WHEN lock_not_available THEN
  RETURN 'later';
END
$$;
