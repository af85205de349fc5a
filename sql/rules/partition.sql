-- Monthly partitions of the audit trail: made ahead of time and dropped by a setting. (Claims are plain tables: see
-- sql/migrations/0042_claims_plain_begin.sql.) The jobs daemon and scripts/migrate make each change as a step in its own
-- transaction. A step that must lock the table waits at most 50 ms for the lock, because every answer's audit row queues behind
-- it, and is tried again later. So while someone reads for a long time (pg_dump), partitions are made late, but no answer
-- fails or waits long.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- The partitions that are missing. Months are always in UTC: otherwise two sessions with different time zones would make months
-- that overlap or leave gaps.
CREATE OR REPLACE FUNCTION connex.partition_plan() RETURNS TABLE (name text, low text, high text, begun boolean)
  LANGUAGE sql STABLE SET search_path = connex, pg_temp SET timezone = 'UTC' AS $$
  SELECT to_char(m.month, '"event_"YYYYMM'), m.month::text, m.next::text, m.month <= now()
    FROM (SELECT d::date AS month, (d + interval '1 month')::date AS next
            FROM generate_series(date_trunc('month', now()) - interval '1 month',
                                 date_trunc('month', now()) + make_interval(months => setting_integer('partition_months_ahead')),
                                 interval '1 month') d) m
   WHERE to_regclass('audit.' || to_char(m.month, '"event_"YYYYMM')) IS NULL
   ORDER BY m.month
$$;

-- Creates the table that becomes a partition. It is separate at first, so that its parent is not locked. It gets its own
-- trigger against TRUNCATE, because the parent's trigger does not fire for it.
CREATE OR REPLACE FUNCTION connex.partition_table(p_name text) RETURNS void
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE TABLE audit.%I (LIKE audit.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES'
    ' INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING GENERATED)', p_name);
  EXECUTE format('CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON audit.%I'
    ' FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', p_name);
END
$$;

-- Proves that the default partition has no row of a month: adds a CHECK without reading the table, then validates it while
-- others read and write. Without the proof, ATTACH would read the whole default partition while everyone waits. Until the month
-- is attached, the CHECK refuses new rows of that month. An answer needs its audit row: so a month that has already begun is
-- never proven this way.
CREATE OR REPLACE FUNCTION connex.partition_prove(p_name text, p_low text, p_high text) RETURNS text
  LANGUAGE plpgsql SET search_path = connex, pg_temp AS $$
DECLARE
  proof CONSTANT text := 'not_' || p_name;
BEGIN
  IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'audit.event_default'::regclass AND conname = proof) THEN
    EXECUTE format('ALTER TABLE audit.event_default VALIDATE CONSTRAINT %I', proof);
    RETURN 'validated ' || proof;
  END IF;
  EXECUTE format('ALTER TABLE audit.event_default ADD CONSTRAINT %I CHECK (at < %L OR at >= %L) NOT VALID', proof, p_low,
    p_high);
  RETURN 'added ' || proof;
END
$$;

-- Takes the next step for one month; '' if there is none. If the default partition already has rows of that month (because the
-- partition was not made in time), it is not made, and the rows can still be found.
CREATE OR REPLACE FUNCTION connex.partition_month(p_name text, p_low text, p_high text, p_begun boolean) RETURNS text
  LANGUAGE plpgsql SET search_path = connex, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  proof CONSTANT text := 'not_' || p_name;
  in_the_way boolean := EXISTS (SELECT FROM audit.event_default e
                                 WHERE e.at >= p_low::timestamptz AND e.at < p_high::timestamptz);
  proven boolean := (SELECT convalidated FROM pg_constraint
                      WHERE conrelid = 'audit.event_default'::regclass AND conname = proof);
BEGIN
  IF in_the_way AND proven IS NULL THEN
    RETURN '';
  ELSIF in_the_way THEN
    EXECUTE format('ALTER TABLE audit.event_default DROP CONSTRAINT %I', proof);
    RETURN 'dropped ' || proof;
  ELSIF NOT coalesce(proven, pg_relation_size('audit.event_default') <= 1048576) THEN   -- so little is read in a few ms
    RETURN CASE WHEN p_begun THEN '' ELSE partition_prove(p_name, p_low, p_high) END;
  END IF;
  PERFORM partition_table(p_name);
  EXECUTE format('ALTER TABLE audit.event ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)', p_name, p_low, p_high);
  IF proven THEN
    EXECUTE format('ALTER TABLE audit.event_default DROP CONSTRAINT %I', proof);
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

-- The oldest month that is over and lacks the indexes by subject and by provider account, or null. The current month does not
-- have them, because every answer would have to keep them up.
CREATE OR REPLACE FUNCTION connex.audit_month_unindexed() RETURNS text
  LANGUAGE sql STABLE SET search_path = connex, pg_temp SET timezone = 'UTC'
  RETURN (SELECT min(c.relname) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'audit.event'::regclass AND c.relname ~ '^event_[0-9]{6}$'
             AND c.relname < to_char(now(), '"event_"YYYYMM') AND to_regclass('audit.' || c.relname || '_by_account') IS NULL);

-- Makes them. Nobody writes to a month that is over, and readers do not wait.
CREATE OR REPLACE FUNCTION connex.audit_month_index(p_month text) RETURNS text
  LANGUAGE plpgsql STRICT SET search_path = connex, pg_temp AS $$
BEGIN
  EXECUTE format('CREATE INDEX %I ON audit.%I (subject_kind, subject_id, at DESC)', p_month || '_by_subject', p_month);
  EXECUTE format('CREATE INDEX %I ON audit.%I (provider_account_id, at DESC)', p_month || '_by_account', p_month);
  RETURN 'indexed ' || p_month;
END
$$;

-- Takes the next step of all and says what it was. Null: nothing is left to do, or another session is doing it. 'later': a lock
-- could not be had; try again in a minute. p_index: the jobs daemon makes indexes too, which may take long.
CREATE OR REPLACE FUNCTION connex.partition_step(p_index boolean DEFAULT false) RETURNS text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp SET lock_timeout = '50ms' AS $$
DECLARE
  one record;
  done text;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('connex.partition_step')) THEN
    RETURN NULL;
  END IF;
  IF to_regclass('audit.event_default') IS NULL THEN
    PERFORM partition_table('event_default');
    ALTER TABLE audit.event ATTACH PARTITION audit.event_default DEFAULT;
    RETURN 'made event_default';
  END IF;
  FOR one IN SELECT * FROM partition_plan() LOOP
    done := partition_month(one.name, one.low, one.high, one.begun);
    IF done <> '' THEN
      RETURN done;
    END IF;
  END LOOP;
  done := audit_month_drop(audit_month_over());
  RETURN CASE WHEN done IS NOT NULL OR NOT p_index THEN done ELSE audit_month_index(audit_month_unindexed()) END;
EXCEPTION WHEN lock_not_available THEN
  RETURN 'later';
END
$$;
