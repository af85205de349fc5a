-- Drops the functions that sql/rules/ and sql/report/ no longer define. scripts/migrate runs it at the end of the
-- transaction that re-created them all: a function that this transaction did not write is no longer in the files.
-- All in one statement, because one of them may call another.
-- SPDX-License-Identifier: Apache-2.0
DO $$
DECLARE
  gone text;
BEGIN
  SELECT string_agg(p.oid::regprocedure::text, ', ') INTO gone FROM pg_proc p
   WHERE p.pronamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace)
     AND p.xmin <> pg_current_xact_id()::xid
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e');
  IF gone IS NOT NULL THEN
    EXECUTE 'DROP FUNCTION ' || gone;
  END IF;
END
$$;
-- What those functions passed to each other.
DROP TYPE IF EXISTS connex.claim_facts;
