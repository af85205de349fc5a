-- Who sees remittances: users in the office with the function Financials, and analysts.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.provider_adjustment ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.provider_adjustment TO connex_loader;
GRANT SELECT ON connex.provider_adjustment TO connex_office, connex_staff;
CREATE POLICY loader ON connex.provider_adjustment TO connex_loader USING (true) WITH CHECK (true);
CREATE POLICY through_remittance ON connex.provider_adjustment FOR SELECT TO connex_office, connex_staff
  USING (EXISTS (SELECT FROM connex.remittance r WHERE r.remittance_id = provider_adjustment.remittance_id));

ALTER TABLE connex.remittance ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.remittance TO connex_office, connex_staff;
GRANT SELECT, INSERT, UPDATE ON connex.remittance TO connex_loader;
CREATE POLICY office ON connex.remittance FOR SELECT TO connex_office
  USING (provider_account_id = ANY ((SELECT connex.entered_accounts('financials'))::bigint[]));
CREATE POLICY staff ON connex.remittance FOR SELECT TO connex_staff
  USING (contractor_no = ANY ((SELECT connex.entered_contractors())::text[]));
CREATE POLICY loader ON connex.remittance TO connex_loader USING (true) WITH CHECK (true);
