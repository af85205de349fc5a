-- Who sees provider accounts and payments.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

-- connex.contractor has no row security: it has no data about anyone but the contractors.
GRANT SELECT ON connex.contractor TO connex_app, connex_office, connex_officer, connex_staff, connex_jobs;
GRANT SELECT, INSERT, UPDATE ON connex.contractor TO connex_loader;

ALTER TABLE connex.payment ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.payment TO connex_loader;
GRANT SELECT ON connex.payment TO connex_office, connex_staff;
CREATE POLICY office ON connex.payment FOR SELECT TO connex_office
  USING ((SELECT connex.entered_right()) = 'financials' AND provider_account_id = (SELECT connex.entered_account()));
CREATE POLICY staff ON connex.payment FOR SELECT TO connex_staff
  USING (contractor_no = ANY ((SELECT connex.entered_contractors())::text[]));
CREATE POLICY loader ON connex.payment TO connex_loader USING (true) WITH CHECK (true);

ALTER TABLE connex.provider_account ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.provider_account TO connex_loader;
-- What stands on a letter.
GRANT SELECT (provider_account_id, contractor_no, npi, ptan, tin, name, billing_street, billing_city, billing_state, billing_zip)
   ON connex.provider_account TO connex_jobs;
GRANT SELECT ON connex.provider_account TO connex_office, connex_officer, connex_staff;
CREATE POLICY jobs ON connex.provider_account FOR SELECT TO connex_jobs USING (true);
CREATE POLICY loader ON connex.provider_account TO connex_loader USING (true) WITH CHECK (true);
CREATE POLICY office ON connex.provider_account FOR SELECT TO connex_office
  USING (provider_account_id = (SELECT connex.entered_account())
         OR EXISTS (SELECT FROM connex.access a WHERE a.provider_account_id = provider_account.provider_account_id));
CREATE POLICY officer ON connex.provider_account FOR SELECT TO connex_officer
  USING (EXISTS (SELECT FROM connex.access a WHERE a.provider_account_id = provider_account.provider_account_id));
CREATE POLICY staff ON connex.provider_account FOR SELECT TO connex_staff
  USING (contractor_no = ANY ((SELECT connex.entered_contractors())::text[]));

GRANT SELECT ON connex.provider_account_mine TO connex_office;
