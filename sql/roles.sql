-- The roles of Connex. A superuser creates them once per cluster; running this file again changes nothing.
-- SPDX-License-Identifier: Apache-2.0
--
--   connex_owner    owns every table and function; migrations run as it; nobody logs in as it in production
--   connex_app      the FastCGI workers: owns no table and cannot bypass row security
--   connex_office   the role that reads run as (SET LOCAL ROLE) for an office,
--   connex_officer  for a Local Security Officer,
--   connex_staff    and for the contractor's staff; each can only select, by its own policies
--   connex_reader   all three: the workers of the previous version read as it until they are replaced
--   connex_jobs     the jobs daemon
--   connex_loader   connex load and connex demo
--   connex_report   a DBA's reports: the report schema only
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['connex_owner','connex_app','connex_office','connex_officer','connex_staff','connex_reader',
                              'connex_jobs','connex_loader','connex_report'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', wanted);
    END IF;
  END LOOP;
END
$$;
ALTER ROLE connex_owner LOGIN;
ALTER ROLE connex_app LOGIN;
ALTER ROLE connex_office NOLOGIN;
ALTER ROLE connex_officer NOLOGIN;
ALTER ROLE connex_staff NOLOGIN;
ALTER ROLE connex_reader NOLOGIN;
ALTER ROLE connex_jobs LOGIN;
ALTER ROLE connex_loader LOGIN;
ALTER ROLE connex_report LOGIN;
GRANT connex_office, connex_officer, connex_staff TO connex_app, connex_reader;
GRANT connex_reader TO connex_app;

-- Limits that apply even if a program forgets to set them. JIT costs more than it saves on one-row statements.
ALTER ROLE connex_app SET statement_timeout = '5s';
ALTER ROLE connex_app SET lock_timeout = '2s';
ALTER ROLE connex_app SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE connex_app SET jit = off;
-- Planning takes longer than running (a claim's page planned each time: a fifth as many per second), so statements are planned
-- once per connection. Each is written so that an index can use its conditions without knowing the values.
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
  -- A slow statement's parameters are birth dates and numbers of persons: whatever a cluster logs, not these.
  FOREACH named IN ARRAY ARRAY['connex_owner','connex_app','connex_reader','connex_jobs','connex_loader','connex_report'] LOOP
    EXECUTE format('ALTER ROLE %I SET log_parameter_max_length = 0', named);
    EXECUTE format('ALTER ROLE %I SET log_parameter_max_length_on_error = 0', named);
  END LOOP;
  -- What a report may write to disk, for its sorts. Only a superuser may set it: the role cannot lift it.
  ALTER ROLE connex_report SET temp_file_limit = '2GB';
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'Run sql/roles.sql as a superuser; log_min_messages, log_parameter_max_length, temp_file_limit are not set. %',
    'Otherwise PostgreSQL''s log may repeat data about persons, and a report may fill the disk.';
END
$$;
ALTER ROLE connex_app SET search_path = connex;
ALTER ROLE connex_jobs SET search_path = connex;
ALTER ROLE connex_jobs SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE connex_loader SET search_path = connex;
ALTER ROLE connex_loader SET jit = off;
ALTER ROLE connex_owner SET search_path = connex;
ALTER ROLE connex_report SET search_path = report;
ALTER ROLE connex_report SET default_transaction_read_only = on;
ALTER ROLE connex_report SET statement_timeout = '60s';
ALTER ROLE connex_report SET work_mem = '64MB';
ALTER ROLE connex_report SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE connex_report CONNECTION LIMIT 10;
-- Any session may lift its own timeouts and work_mem: PostgreSQL has no right to take away from a role for that. What holds is
-- the jobs daemon, which ends a report's transaction after report_max_minutes. Its function is the owner's, who may end
-- sessions of roles that he is a member of.
GRANT connex_report TO connex_owner;
-- For the figures of standbys, which /metrics shows (connex.standby_lags()).
GRANT pg_read_all_stats TO connex_owner;
