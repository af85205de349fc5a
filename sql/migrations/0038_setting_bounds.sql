-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Each setting has bounds (a session of -5 minutes logged everyone out), and the audit trail has the old value and who changed
-- it, with connex admin or in psql. A value from before that is out of bounds stays until it is changed.
ALTER TABLE connex.setting ADD lowest integer NOT NULL DEFAULT 0, ADD highest integer NOT NULL DEFAULT 999999999;
COMMENT ON COLUMN connex.setting.lowest IS 'Least value of an integer.';
COMMENT ON COLUMN connex.setting.highest IS 'Greatest value of an integer.';
UPDATE connex.setting s SET lowest = g.lowest, highest = g.highest FROM (VALUES
  ('access_code_days', 1, 365), ('access_code_tries', 1, 100),
  ('argon2_lanes', 1, 16), ('argon2_memory_kib', 7168, 1048576), ('argon2_passes', 1, 20),
  ('attachment_max_bytes', 1024, 52428800), ('attachment_unused_days', 1, 3650), ('attachments_per_appeal', 1, 100),
  ('audit_keep_months', 72, 1200),
  ('check_proof_days', 1, 3650), ('code_keep_days', 1, 3650),
  ('eligibility_lookups_per_hour', 0, 1000000), ('eligibility_months_ahead', 0, 120), ('eligibility_years_back', 0, 100),
  ('email_code_hours', 1, 720),
  ('home_access_days', 1, 3650), ('home_deadline_days', 1, 3650), ('home_decision_days', 1, 3650),
  ('home_remittance_days', 1, 3650),
  ('idempotency_hours', 1, 8760), ('letter_pdf_days', 1, 3650),
  ('login_failures', 1, 100), ('login_lock_minutes', 1, 1440), ('login_long_lock_minutes', 1, 10080),
  ('login_window_minutes', 1, 1440),
  ('mail_body_days', 1, 3650), ('mail_keep_days', 1, 3650), ('mail_secret_hours', 1, 168), ('mail_tries', 1, 100),
  ('partition_months_ahead', 1, 60), ('partition_months_back', 0, 240),
  ('password_history', 0, 100), ('password_max_days', 0, 3650), ('password_min_length', 8, 64),
  ('recovery_code_minutes', 1, 1440), ('recovery_codes_per_hour', 1, 1000000),
  ('security_code_digits', 4, 9), ('security_code_tries', 1, 100), ('security_codes_per_hour', 1, 1000000),
  ('session_hours', 1, 168), ('session_idle_minutes', 1, 720), ('session_keep_days', 1, 3650),
  ('session_warning_minutes', 1, 60),
  ('token_max_days', 1, 3650)
) AS g (name, lowest, highest) WHERE s.name = g.name;
ALTER TABLE connex.setting ADD CONSTRAINT setting_within_bounds CHECK (
  CASE WHEN kind = 'integer' AND value ~ '^-?[0-9]{1,9}$' THEN value::integer BETWEEN lowest AND highest ELSE true END) NOT VALID;

-- What it does stands in sql/rules/settings.sql.
CREATE FUNCTION connex.setting_told() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER setting_told AFTER UPDATE OF value ON connex.setting FOR EACH ROW
  WHEN (old.value IS DISTINCT FROM new.value) EXECUTE FUNCTION connex.setting_told();

-- migrate:down
