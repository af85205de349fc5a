-- The gate: who may enter, and what everyone may read. No role has rights on the audit trail.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

GRANT USAGE ON SCHEMA connex TO connex_app, connex_office, connex_officer, connex_staff, connex_jobs, connex_loader;
GRANT USAGE ON SCHEMA audit TO connex_app, connex_office, connex_officer, connex_staff, connex_jobs, connex_loader;

-- audit.event has no row security: it is granted to no role. Only SECURITY DEFINER functions write it, and report views
-- read it.

-- connex.clock has no row security: it has no personal data, and everyone reads the time.
GRANT SELECT ON connex.clock TO connex_app, connex_office, connex_officer, connex_staff, connex_jobs, connex_loader;

ALTER TABLE connex.idempotency ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.policy_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.seal_key ENABLE ROW LEVEL SECURITY;

-- connex.setting has no row security: it has no personal data, and everyone reads the settings.
GRANT SELECT ON connex.setting TO connex_app, connex_office, connex_officer, connex_staff, connex_jobs, connex_loader;

-- public.schema_migrations has no row security: it holds only the numbers of the migrations, and no role is granted it.
COMMENT ON TABLE public.schema_migrations IS 'The migrations that were applied; dbmate keeps it.';

GRANT EXECUTE ON FUNCTION audit.refused TO connex_app;
GRANT EXECUTE ON FUNCTION audit.record, connex.deadline, connex.enter, connex.once, connex.reply_once, connex.spoken_day,
    connex.subject TO connex_app, connex_office, connex_officer, connex_staff;

GRANT EXECUTE ON FUNCTION connex.iso, connex.now, connex.setting_boolean, connex.setting_integer, connex.setting_text,
    connex.today
   TO connex_app, connex_jobs, connex_loader, connex_office, connex_officer, connex_staff;

-- Who acts. Nobody may make a seal: connex.seal(), seal_text(), seal_of(), and seal_key() are granted to
-- no role.
GRANT EXECUTE ON FUNCTION connex.entered, connex.entered_account, connex.entered_accounts, connex.entered_beneficiary,
    connex.entered_contractors, connex.entered_contractors_account, connex.entered_part, connex.entered_right,
    connex.entered_session, connex.entered_token, connex.entered_user, connex.lso_accounts, connex.my_accounts
   TO connex_app, connex_office, connex_officer, connex_staff;
