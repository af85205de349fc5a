-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Schemas, the clock, settings, and what every other migration stands on.
CREATE SCHEMA IF NOT EXISTS connex;
CREATE SCHEMA IF NOT EXISTS audit;
CREATE SCHEMA IF NOT EXISTS report;
GRANT USAGE ON SCHEMA connex TO connex_app, connex_reader, connex_jobs, connex_loader;
GRANT USAGE ON SCHEMA audit TO connex_app, connex_jobs, connex_loader;
GRANT USAGE ON SCHEMA report TO connex_report;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The only clock that rules read. A test moves `shift`; nobody but the owner may.
CREATE TABLE connex.clock (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  shift interval NOT NULL DEFAULT '0'
);
INSERT INTO connex.clock DEFAULT VALUES;
GRANT SELECT ON connex.clock TO connex_app, connex_reader, connex_jobs, connex_loader;

-- In PL/pgSQL, as every small function that reads a table here: its plan is kept, where one in SQL would be planned
-- anew in each statement (PostgreSQL inlines no function with a subquery).
CREATE FUNCTION connex.now() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN transaction_timestamp() + (SELECT shift FROM connex.clock);
END
$$;

-- Settings: what a contractor or a regulator changes, each with its documentation in the table.
CREATE TABLE connex.setting (
  name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]*$'),
  value text NOT NULL,
  default_value text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('integer','boolean','text','interval')),
  documentation text NOT NULL,
  rule text,
  changed_at timestamptz,
  CHECK (CASE kind WHEN 'integer' THEN value ~ '^-?[0-9]{1,9}$' WHEN 'boolean' THEN value IN ('true','false') ELSE true END)
);
COMMENT ON TABLE connex.setting IS 'What the contractor may change; `connex admin set NAME VALUE`. `rule` names the statement or law it serves.';
GRANT SELECT ON connex.setting TO connex_app, connex_reader, connex_jobs, connex_loader;

CREATE FUNCTION connex.setting_integer(p_name text) RETURNS integer LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT value::integer FROM connex.setting WHERE name = p_name);
END
$$;
CREATE FUNCTION connex.setting_boolean(p_name text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT value::boolean FROM connex.setting WHERE name = p_name);
END
$$;
CREATE FUNCTION connex.setting_text(p_name text) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT value FROM connex.setting WHERE name = p_name);
END
$$;

CREATE FUNCTION connex.today() RETURNS date LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN ((transaction_timestamp() + (SELECT shift FROM connex.clock))
          AT TIME ZONE (SELECT value FROM connex.setting WHERE name = 'time_zone'))::date;
END
$$;

-- How an instant is written everywhere in the API: RFC 3339, UTC, whole seconds.
CREATE FUNCTION connex.iso(p_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');

INSERT INTO connex.setting (name, kind, value, default_value, rule, documentation)
SELECT name, kind, value, value, rule, documentation FROM (VALUES
  ('time_zone', 'text', 'America/New_York', 'MFA-02', 'The contractor''s time zone: the day of deadlines and of the security code.'),
  ('synthetic_mbi_allowed', 'boolean', 'false', 'standards 1.2', 'Admit MBIs with S in position 2, the convention for invented people. Only for demonstrations.'),
  ('session_idle_minutes', 'integer', '15', 'SES-01', 'Minutes without a request after which a session ends.'),
  ('session_warning_minutes', 'integer', '2', 'SES-01', 'Minutes before the end at which the page warns.'),
  ('session_hours', 'integer', '12', 'ASVS 7.3.2', 'Longest life of a session, however busy.'),
  ('security_code_digits', 'integer', '6', 'MFA-07', 'Digits of mailed codes.'),
  ('security_code_tries', 'integer', '5', 'MFA-07', 'Wrong tries after which a code is void.'),
  ('recovery_code_minutes', 'integer', '15', 'FGT-03', 'Life of a password reset code.'),
  ('recovery_codes_per_hour', 'integer', '3', 'FGT-03', 'Reset codes mailed to one account in an hour.'),
  ('login_failures', 'integer', '3', 'LOCK-03', 'Failures within the window that lock.'),
  ('login_window_minutes', 'integer', '120', 'LOCK-03', 'The sliding window of those failures.'),
  ('login_lock_minutes', 'integer', '15', 'LOCK-04', 'How long a lock lasts.'),
  ('login_long_lock_minutes', 'integer', '180', 'LOCK-05', 'How long it lasts once tried while locked.'),
  ('password_min_length', 'integer', '15', 'PWD-04, NIST SP 800-63B-4', 'Fewest characters of a password.'),
  ('password_max_days', 'integer', '60', 'PWD-01', 'Age in days after which a password must change; 0 means never.'),
  ('password_history', 'integer', '12', 'PWD-04', 'How many former passwords may not come back.'),
  ('argon2_memory_kib', 'integer', '19456', 'OWASP', 'Memory of one password hash in KiB.'),
  ('argon2_passes', 'integer', '2', 'OWASP', 'Passes of one password hash.'),
  ('argon2_lanes', 'integer', '1', 'OWASP', 'Lanes of one password hash.'),
  ('check_proof_days', 'integer', '90', 'LSO-03', 'How old the check may be that proves a Local Security Officer.'),
  ('access_code_required', 'boolean', 'true', 'LSO-04', 'The first LSO of a provider account waits for the mailed access code.'),
  ('access_code_days', 'integer', '60', 'LSO-06', 'Life of an access code in days.'),
  ('access_code_tries', 'integer', '5', 'LSO-06', 'Wrong tries after which an access code is void.'),
  ('csn_required', 'boolean', 'true', 'LSO-08', 'A second user must give the CSN.'),
  ('token_max_days', 'integer', '365', 'portal 2.13', 'Longest life of a script''s token.'),
  ('attachment_max_bytes', 'integer', '52428800', 'portal 1.5', 'Largest attachment.'),
  ('attachments_per_appeal', 'integer', '20', NULL, 'Most attachments of one redetermination.'),
  ('eligibility_years_back', 'integer', '4', 'portal 2.3', 'How far back an eligibility date may lie.'),
  ('eligibility_months_ahead', 'integer', '4', 'portal 2.3', 'How far ahead an eligibility date may lie.'),
  ('eligibility_lookups_per_hour', 'integer', '0', 'portal 2.3', 'Lookups of one user in an hour; 0 means no limit.'),
  ('mail_from_name', 'text', 'Connex', NULL, 'Name of the sender in mail.'),
  ('mail_tries', 'integer', '12', NULL, 'Tries before a mail or job is marked failed.'),
  ('mail_body_days', 'integer', '7', NULL, 'Days a sent mail''s text is kept.'),
  ('partition_months_ahead', 'integer', '3', NULL, 'Monthly partitions made ahead of time.'),
  ('partition_months_back', 'integer', '27', NULL, 'Months of partitions made at the start; what is older goes to the default partition. Every month costs a claim''s page four locks.')
) AS given (name, kind, value, rule, documentation);

-- migrate:down
