-- Who sees user accounts: each person sees his or her own, a Local Security Officer those with access to the LSO's provider
-- accounts, and analysts each other and those with access to a provider account of their contractors. No role sees a
-- password.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.credential ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.former_password ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.user_account ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.user_account TO connex_office, connex_officer, connex_staff;
CREATE POLICY office ON connex.user_account FOR SELECT TO connex_office
  USING (user_account_id = (SELECT connex.entered_user()));
CREATE POLICY officer ON connex.user_account FOR SELECT TO connex_officer
  USING ((SELECT connex.entered_right()) = 'lso'
         AND EXISTS (SELECT FROM connex.access a WHERE a.user_account_id = user_account.user_account_id));
CREATE POLICY staff ON connex.user_account FOR SELECT TO connex_staff
  USING ((SELECT connex.entered_right()) = 'analyst'
         AND (kind = 'analyst' OR EXISTS (SELECT FROM connex.access a WHERE a.user_account_id = user_account.user_account_id)));

GRANT EXECUTE ON FUNCTION connex.password_change_begin, connex.password_change_check, connex.password_change_finish,
    connex.profile_change, connex.provider_account_choose TO connex_app;
