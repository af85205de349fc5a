-- Who sees tokens: the person who made them, without the secret.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.token ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.token TO connex_office;
GRANT SELECT ON connex.token_mine TO connex_office;
CREATE POLICY office ON connex.token FOR SELECT TO connex_office USING (user_account_id = (SELECT connex.entered_user()));

ALTER TABLE connex.token_provider_account ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.token_provider_account TO connex_office;
CREATE POLICY through_token ON connex.token_provider_account FOR SELECT TO connex_office
  USING (EXISTS (SELECT FROM connex.token t WHERE t.token_id = token_provider_account.token_id));

GRANT EXECUTE ON FUNCTION connex.token_make, connex.token_revoke TO connex_app;
