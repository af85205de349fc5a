-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Claims and their children become plain tables instead of one partition for each month. A claim's page read four tables of 32
-- partitions each: it took about 550 locks, and planned for 128 tables, to find a few rows by key. In a plain table that is one
-- descent of an index, whatever the table's size. Old years can still be dropped: the high bits of a claim's number, which its
-- children carry too, are its month, so an old year is one range of each primary key, and connex.purge_claims() deletes it in
-- small steps. Partitions made that faster (DROP instead of DELETE), but it is done once a year, and every page paid for it.
--
-- This is done in place by four migrations, each of which may be interrupted and run again:
--   0042  creates the plain tables next to the partitioned ones, and triggers that copy what loads write from now on
--   0043  copies the rows that are there, in small transactions, and records its progress
--   0044  swaps the names in one short transaction, and re-creates what depends on the tables
--   0045  drops the partitions
-- They need no migration after 0003, and the programs of an older version work all the time. So on a database that has claims,
-- scripts/migrate runs them before all others. In a new database there is nothing to copy.
DO $$
DECLARE
  moved CONSTANT text[] := ARRAY['claim', 'adjudication', 'claim_line', 'claim_adjustment'];
  t text;
  index record;
  key text;
  columns text;
  found text;
  tries integer := 0;
BEGIN
  IF (SELECT relkind FROM pg_class WHERE oid = 'connex.claim'::regclass) <> 'p'
     OR to_regclass('connex.claim_move') IS NOT NULL THEN
    RETURN;
  END IF;
  -- 0044 re-creates our own views. Another owner's view would still read the partitions, and keep them from being dropped.
  SELECT string_agg(DISTINCT v.oid::regclass::text, ', ') INTO found
    FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
   WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.refobjid IN (SELECT format('connex.%I', n)::regclass FROM unnest(moved) n)
     AND NOT pg_has_role(v.relowner, 'USAGE');
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'these views read tables that are re-created, and do not belong to connex_owner: %', found
      USING HINT = 'Drop them, run migrate, and create them again.';
  END IF;
  -- Waits for a running load, but only a second at a time, so that other loads are not held up. Readers do not notice this lock.
  PERFORM set_config('lock_timeout', '1s', true);
  LOOP
    BEGIN
      LOCK TABLE ONLY connex.claim, ONLY connex.adjudication, ONLY connex.claim_line, ONLY connex.claim_adjustment
        IN SHARE ROW EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      tries := tries + 1;
      IF tries >= 600 THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available',
          MESSAGE = 'a load has held the claims for ten minutes: run migrate again';
      END IF;
    END;
    PERFORM pg_sleep(1);
  END LOOP;

  FOREACH t IN ARRAY moved LOOP
    -- The changes of all months are now in one table: vacuum and analyze must not wait until a fifth of it has changed.
    EXECUTE format('CREATE TABLE connex.%1$I (LIKE connex.%2$I INCLUDING ALL EXCLUDING INDEXES)
        WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
              autovacuum_analyze_scale_factor = 0.01)', t || '_plain', t);
    EXECUTE format('COMMENT ON TABLE connex.%I IS %L', t || '_plain', obj_description(format('connex.%I', t)::regclass));
    FOR index IN
      SELECT i.indexrelid::regclass AS name, c.relname, pg_get_indexdef(i.indexrelid) AS definition, i.indisprimary,
             pg_get_constraintdef(k.oid) AS constraint_definition
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p'
       WHERE i.indrelid = format('connex.%I', t)::regclass
    LOOP
      IF index.indisprimary THEN
        key := regexp_replace(index.constraint_definition, '^PRIMARY KEY ', '');
        EXECUTE format('ALTER TABLE connex.%I ADD CONSTRAINT %I %s', t || '_plain', index.relname || '_plain',
          index.constraint_definition);
      ELSE
        EXECUTE regexp_replace(index.definition, '^CREATE (UNIQUE )?INDEX \S+ ON ONLY \S+ ',
          format('CREATE \1INDEX %I ON connex.%I ', index.relname || '_plain', t || '_plain'));
      END IF;
    END LOOP;
    SELECT string_agg(format('%1$I = excluded.%1$I', a.attname), ', ' ORDER BY a.attnum) INTO columns
      FROM pg_attribute a WHERE a.attrelid = format('connex.%I', t)::regclass AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format('CREATE FUNCTION connex.%1$I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = connex, pg_temp AS %2$L', t || '_follow',
      format('BEGIN INSERT INTO connex.%I SELECT * FROM changed ON CONFLICT %s DO UPDATE SET %s; RETURN NULL; END',
        t || '_plain', key, columns));
    EXECUTE format('CREATE TRIGGER follow_insert AFTER INSERT ON connex.%I REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION connex.%I()', t, t || '_follow');
    EXECUTE format('CREATE TRIGGER follow_update AFTER UPDATE ON connex.%I REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION connex.%I()', t, t || '_follow');
  END LOOP;
  -- No program deletes claims. If somebody deletes a row by hand, the copy could bring it back.
  CREATE FUNCTION connex.claim_move_refuse() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''claims are being moved to plain tables: delete them when migrate has ended''; END';
  FOREACH t IN ARRAY moved LOOP
    EXECUTE format('CREATE TRIGGER follow_refuse BEFORE DELETE OR TRUNCATE ON connex.%I
        FOR EACH STATEMENT EXECUTE FUNCTION connex.claim_move_refuse()', t);
  END LOOP;
  -- The progress of the copy: all claims up to this number, with their children. Dropped by the swap.
  CREATE TABLE connex.claim_move AS SELECT (-1)::bigint AS copied_through;
END
$$;

-- migrate:down
