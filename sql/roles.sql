-- The roles of Connex. A superuser creates them once per cluster; running this file again changes nothing.
-- SPDX-License-Identifier: Apache-2.0
--
--   connex_owner    owns every table and function; migrations run as it; nobody logs in as it in production
--   connex_app      the FastCGI workers: owns no table and cannot bypass row security
--   connex_reader   the role that reads run as (SET LOCAL ROLE): can only select
--   connex_jobs     the jobs daemon
--   connex_loader   connex load and connex demo
--   connex_report   a DBA's reports: the report schema only
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['connex_owner','connex_app','connex_reader','connex_jobs','connex_loader','connex_report'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted);
    END IF;
  END LOOP;
END
$$;
ALTER ROLE connex_owner LOGIN;
ALTER ROLE connex_app LOGIN;
ALTER ROLE connex_reader NOLOGIN;
ALTER ROLE connex_jobs LOGIN;
ALTER ROLE connex_loader LOGIN;
ALTER ROLE connex_report LOGIN;
GRANT connex_reader TO connex_app;

-- Limits that apply even if a program forgets to set them. JIT costs more than it saves on one-row statements.
ALTER ROLE connex_app SET statement_timeout = '5s';
ALTER ROLE connex_app SET lock_timeout = '2s';
ALTER ROLE connex_app SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE connex_app SET jit = off;
-- With one partition for each month, planning takes ten times as long as running (for a claim: 5.6 ms against 0.6 ms), so
-- statements are planned once per connection. Each is written so that an index can use its conditions without knowing the
-- values.
ALTER ROLE connex_app SET plan_cache_mode = force_generic_plan;

-- PostgreSQL's own log would repeat values. log_error_verbosity = terse leaves out DETAIL, HINT, and CONTEXT, but the
-- message itself has them too (invalid input syntax for type date: "..."), and the SQLSTATE is on the same line. So errors
-- of these roles are not logged by PostgreSQL. The worker's log has what a request was refused for, by SQLSTATE,
-- statement, and place, and /metrics counts the SQLSTATEs (connex_sqlstate_total). (Level `log` leaves out ERROR and keeps
-- what the server says of itself, a full disk at a checkpoint for example.) Only a superuser may set it.
DO $$
DECLARE
  named text;
BEGIN
  FOREACH named IN ARRAY ARRAY['connex_app','connex_jobs','connex_loader'] LOOP
    EXECUTE format('ALTER ROLE %I SET log_min_messages = log', named);
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'Set log_min_messages = log for connex_app, connex_jobs, and connex_loader as a superuser. %',
    'Otherwise PostgreSQL''s log may contain personal data.';
END
$$;
ALTER ROLE connex_app SET search_path = connex;
ALTER ROLE connex_reader SET search_path = connex;
ALTER ROLE connex_jobs SET search_path = connex;
ALTER ROLE connex_jobs SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE connex_loader SET search_path = connex;
ALTER ROLE connex_loader SET jit = off;
ALTER ROLE connex_owner SET search_path = connex;
ALTER ROLE connex_report SET search_path = report;
ALTER ROLE connex_report SET default_transaction_read_only = on;
ALTER ROLE connex_report SET statement_timeout = '60s';
ALTER ROLE connex_report SET work_mem = '64MB';
