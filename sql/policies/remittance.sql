-- Who sees remittances: users in the office with the function Financials, and analysts.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.provider_adjustment ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.provider_adjustment TO connex_loader;
GRANT SELECT ON connex.provider_adjustment TO connex_reader;
CREATE POLICY loader ON connex.provider_adjustment TO connex_loader USING (true) WITH CHECK (true);
CREATE POLICY through_remittance ON connex.provider_adjustment FOR SELECT TO connex_reader
  USING (EXISTS (SELECT FROM connex.remittance r WHERE r.remittance_id = provider_adjustment.remittance_id));

ALTER TABLE connex.remittance ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.remittance TO connex_reader;
GRANT SELECT, INSERT, UPDATE ON connex.remittance TO connex_loader;
CREATE POLICY by_provider_account ON connex.remittance FOR SELECT TO connex_reader
  USING (provider_account_id = connex.entered_account()
         OR connex.entered_right() = 'analyst'
         OR (connex.entered_right() = 'member' AND provider_account_id = ANY (connex.my_accounts('financials'))));
CREATE POLICY loader ON connex.remittance TO connex_loader USING (true) WITH CHECK (true);
