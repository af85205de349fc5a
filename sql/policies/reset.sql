-- Removes every policy and every grant, so that only what the other files in this directory say is in force. It runs first,
-- in the same transaction, and only if those files or the catalog have changed (scripts/migrate).
-- SPDX-License-Identifier: Apache-2.0
DO $$
DECLARE
  one record;
  roles CONSTANT text := 'PUBLIC, connex_app, connex_reader, connex_office, connex_officer, connex_staff, '
    'connex_jobs, connex_loader, connex_report';
BEGIN
  FOR one IN SELECT schemaname, tablename, policyname FROM pg_policies WHERE schemaname IN ('connex', 'audit', 'report') LOOP
    EXECUTE format('DROP POLICY %I ON %I.%I', one.policyname, one.schemaname, one.tablename);
  END LOOP;
  FOR one IN SELECT unnest(ARRAY['connex', 'audit', 'report']) AS schema LOOP
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %s', one.schema, roles);
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM %s', one.schema, roles);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA %I FROM %s', one.schema, roles);
  END LOOP;
  -- Functions that belong to an extension are left alone.
  FOR one IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p
     WHERE p.pronamespace IN ('connex'::regnamespace, 'audit'::regnamespace, 'report'::regnamespace)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM %s', one.name, roles);
  END LOOP;
END
$$;
