-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Gives the plain tables their names, and re-creates for them what depends on the old ones: policies, grants, functions with a
-- row of them, and views. All of it is taken from this database, whatever version made it, so that the running programs keep
-- working. Afterwards, migrate re-creates policies, rules, and views from their files as always.
DO $$
DECLARE
  moved CONSTANT text[] := ARRAY['claim', 'adjudication', 'claim_line', 'claim_adjustment'];
  mentions CONSTANT text := '\m(claim|adjudication|claim_line|claim_adjustment)\M';
  t text;
  one record;
  functions jsonb;
  views jsonb;
  tries integer := 0;
BEGIN
  PERFORM set_config('search_path', 'connex', true), set_config('check_function_bodies', 'off', true);
  -- While this waits for a lock, readers wait behind it: at most 200 ms for each table, and then they go on before the next try.
  PERFORM set_config('lock_timeout', '200ms', true);
  LOOP
    BEGIN
      IF to_regclass('connex.claim_move') IS NULL THEN
        RETURN;
      END IF;
      LOCK TABLE ONLY connex.claim, ONLY connex.adjudication, ONLY connex.claim_line, ONLY connex.claim_adjustment
        IN ACCESS EXCLUSIVE MODE;
      IF (SELECT m.copied_through FROM connex.claim_move m) <> 9223372036854775807 THEN
        RAISE EXCEPTION 'the claims are not all copied: run migrate again';
      END IF;

      -- What depends on the tables, as text that names them. Functions that only read them are re-created too, because PL/pgSQL
      -- remembers row types. `typed` means that a row is in the signature, so that the new function is another one.
      SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.oid::bigint, 'signature', p.oid::regprocedure::text,
                                                   'definition', pg_get_functiondef(p.oid), 'typed', y.typed)), '[]')
        INTO functions
        FROM pg_proc p CROSS JOIN LATERAL (
          SELECT EXISTS (SELECT FROM pg_type r
                          WHERE r.typrelid IN (SELECT format('connex.%I', n)::regclass FROM unnest(moved) n)
                            AND ARRAY[r.oid, r.typarray]
                                && (p.proargtypes::oid[] || coalesce(p.proallargtypes, '{}') || p.prorettype)) AS typed) y
       WHERE p.pronamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace)
         AND p.prokind IN ('f', 'p') AND p.prorettype <> 'trigger'::regtype
         AND (y.typed OR p.prosrc ~ mentions OR pg_get_function_sqlbody(p.oid) ~ mentions);
      SELECT coalesce(jsonb_agg(v.words), '[]') INTO views
        FROM (SELECT DISTINCT jsonb_build_object('name', c.oid::regclass::text, 'definition', pg_get_viewdef(c.oid), 'options',
                       (SELECT format('WITH (%s)', string_agg(o, ', ')) FROM unnest(c.reloptions) o HAVING count(*) > 0)) AS words
                FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
               WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND c.relkind = 'v'
                 AND d.refobjid IN (SELECT format('connex.%I', n)::regclass FROM unnest(moved) n)) v;

      FOREACH t IN ARRAY moved LOOP
        EXECUTE format('DROP TRIGGER follow_insert ON connex.%1$I; DROP TRIGGER follow_update ON connex.%1$I;
          DROP TRIGGER follow_refuse ON connex.%1$I; DROP FUNCTION connex.%2$I()', t, t || '_follow');
        FOR one IN SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                    WHERE i.indrelid = format('connex.%I', t)::regclass LOOP
          EXECUTE format('ALTER INDEX connex.%I RENAME TO %I', one.relname, one.relname || '_monthly');
          EXECUTE format('ALTER INDEX connex.%I RENAME TO %I', one.relname || '_plain', one.relname);
        END LOOP;
        EXECUTE format('ALTER TABLE connex.%I RENAME TO %I', t, t || '_monthly');
        EXECUTE format('ALTER TABLE connex.%I RENAME TO %I', t || '_plain', t);
        IF (SELECT relrowsecurity FROM pg_class WHERE oid = format('connex.%I', t || '_monthly')::regclass) THEN
          EXECUTE format('ALTER TABLE connex.%I ENABLE ROW LEVEL SECURITY', t);
        END IF;
        FOR one IN SELECT p.* FROM pg_policies p WHERE p.schemaname = 'connex' AND p.tablename = t || '_monthly' LOOP
          EXECUTE format('CREATE POLICY %I ON connex.%I AS %s FOR %s TO %s %s %s', one.policyname, t, one.permissive, one.cmd,
            (SELECT string_agg(CASE r WHEN 'public' THEN r::text ELSE quote_ident(r) END, ', ') FROM unnest(one.roles) r),
            'USING (' || one.qual || ')', 'WITH CHECK (' || one.with_check || ')');
        END LOOP;
        FOR one IN SELECT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee,
                          CASE WHEN a.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END AS onward
                     FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
                    WHERE c.oid = format('connex.%I', t || '_monthly')::regclass AND a.grantee <> c.relowner LOOP
          EXECUTE format('GRANT %s ON connex.%I TO %s %s', one.privilege_type, t, one.grantee, one.onward);
        END LOOP;
      END LOOP;

      FOR one IN SELECT f->>'signature' AS signature, f->>'definition' AS definition, (f->>'typed')::boolean AS typed, p.proowner,
                        coalesce(p.proacl, acldefault('f', p.proowner)) AS rights
                   FROM jsonb_array_elements(functions) f JOIN pg_proc p ON p.oid = (f->>'id')::oid ORDER BY 3 DESC LOOP
        EXECUTE one.definition;
        IF one.typed THEN
          EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.signature);
          EXECUTE (SELECT coalesce(string_agg(format('GRANT EXECUTE ON FUNCTION %s TO %s', one.signature,
                            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END), '; '), 'SELECT')
                     FROM aclexplode(one.rights) a WHERE a.grantee <> one.proowner);
        END IF;
      END LOOP;
      FOR one IN SELECT v->>'name' AS name, v->>'options' AS options, v->>'definition' AS definition
                   FROM jsonb_array_elements(views) v LOOP
        EXECUTE format('CREATE OR REPLACE VIEW %s %s AS %s', one.name, one.options, one.definition);
      END LOOP;
      FOR one IN SELECT (f->>'id')::oid::regprocedure AS old FROM jsonb_array_elements(functions) f
                  WHERE (f->>'typed')::boolean LOOP
        EXECUTE format('DROP FUNCTION %s', one.old);
      END LOOP;
      DROP FUNCTION connex.claim_move_refuse();
      DROP TABLE connex.claim_move;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      tries := tries + 1;
      IF tries >= 300 THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = 'somebody reads claims without an end: run migrate again';
      END IF;
    END;
    PERFORM pg_sleep(2);
  END LOOP;
END
$$;

-- migrate:down
