-- Who sees provider accounts and payments.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

-- connex.contractor has no row security: it has no data about anyone but the contractors.
GRANT SELECT ON connex.contractor TO connex_app, connex_reader, connex_jobs;
GRANT SELECT, INSERT, UPDATE ON connex.contractor TO connex_loader;

ALTER TABLE connex.payment ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.payment TO connex_loader;
GRANT SELECT ON connex.payment TO connex_reader;
CREATE POLICY financials ON connex.payment FOR SELECT TO connex_reader
  USING ((connex.entered_right() = 'financials' AND provider_account_id = connex.entered_account())
         OR connex.entered_right() = 'analyst');
CREATE POLICY loader ON connex.payment TO connex_loader USING (true) WITH CHECK (true);

ALTER TABLE connex.provider_account ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.provider_account TO connex_loader;
GRANT SELECT ON connex.provider_account TO connex_jobs, connex_reader;
CREATE POLICY jobs ON connex.provider_account FOR SELECT TO connex_jobs USING (true);
CREATE POLICY loader ON connex.provider_account TO connex_loader USING (true) WITH CHECK (true);
CREATE POLICY mine ON connex.provider_account FOR SELECT TO connex_reader
  USING (provider_account_id = (SELECT connex.entered_account())
         OR (SELECT connex.entered_right()) = 'analyst'
         OR EXISTS (SELECT FROM connex.access a WHERE a.provider_account_id = provider_account.provider_account_id));

GRANT SELECT ON connex.provider_account_mine TO connex_reader;
