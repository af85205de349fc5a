-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Claims and what belongs to them leave their months: one plain table for each of the four. A claim's page asked 4 tables of 32
-- months each, and so took 562 locks and planned over 128 tables, to find a few rows by their key. A plain table answers by one
-- descent of an index whatever its size, and its planning does not grow with its years. Years can still go: a claim's number
-- begins with its month, in its children too, so an old year is one range of each primary key, and connex.purge_claims() deletes
-- it in small steps. What months gave beyond that (DROP instead of DELETE) happens once a year; the price was paid by each page.
--
-- In place, in four migrations, so that nobody waits for more than a moment and each can be interrupted and run again:
--   0050  makes the plain tables beside the others. Triggers carry into them what loads write from now on.
--   0051  copies what was there, in small transactions, and keeps how far it is.
--   0052  swaps the names in one short transaction. What depends on the tables is made anew for them.
--   0053  drops the months.
-- They need nothing that came after 0003, and what runs of an older version works throughout. So scripts/migrate runs them
-- before all others on a database that has claims. On a new database there is nothing to copy.
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
  -- Views of ours are made anew by 0052. A view of somebody else's would go on to read the months.
  SELECT string_agg(DISTINCT v.oid::regclass::text, ', ') INTO found
    FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
   WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.refobjid IN (SELECT format('connex.%I', n)::regclass FROM unnest(moved) n)
     AND NOT pg_has_role(v.relowner, 'USAGE');
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'these views read tables that are made anew, and are not connex_owner''s: %', found
      USING HINT = 'Drop them, run migrate, and create them again.';
  END IF;
  -- A load that runs is waited for, a second at a time, so that other loads get in between. Readers do not notice this lock.
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
    -- All months' changes now come together in one table: vacuum and analyze must not wait for a fifth of it.
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
  -- No program deletes claims. A row that somebody deletes by hand could come back by the copy.
  CREATE FUNCTION connex.claim_move_refuse() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''claims are being moved to plain tables: delete them when migrate has ended''; END';
  FOREACH t IN ARRAY moved LOOP
    EXECUTE format('CREATE TRIGGER follow_refuse BEFORE DELETE OR TRUNCATE ON connex.%I
        FOR EACH STATEMENT EXECUTE FUNCTION connex.claim_move_refuse()', t);
  END LOOP;
  -- How far the copy is: all claims up to this number, with their children. Goes with the swap.
  CREATE TABLE connex.claim_move AS SELECT (-1)::bigint AS copied_through;
END
$$;

-- migrate:down
