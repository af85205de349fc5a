-- Who sees claims: users who entered for the provider account with the function Claims, and analysts.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.adjudication ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.adjudication TO connex_office, connex_staff;
GRANT SELECT, INSERT, UPDATE ON connex.adjudication TO connex_loader;
CREATE POLICY office ON connex.adjudication FOR SELECT TO connex_office
  USING (provider_account_id = ANY ((SELECT connex.entered_accounts('claims'))::bigint[]));
CREATE POLICY staff ON connex.adjudication FOR SELECT TO connex_staff
  USING (EXISTS (SELECT FROM connex.claim c WHERE c.claim_id = adjudication.claim_id));
CREATE POLICY loader ON connex.adjudication TO connex_loader USING (true) WITH CHECK (true);

ALTER TABLE connex.claim ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.claim TO connex_office, connex_staff;
GRANT SELECT, INSERT, UPDATE ON connex.claim TO connex_loader;
CREATE POLICY office ON connex.claim FOR SELECT TO connex_office
  USING (provider_account_id = ANY ((SELECT connex.entered_accounts('claims'))::bigint[]));
CREATE POLICY staff ON connex.claim FOR SELECT TO connex_staff
  USING (contractor_no = ANY ((SELECT connex.entered_contractors())::text[]));
CREATE POLICY loader ON connex.claim TO connex_loader USING (true) WITH CHECK (true);

ALTER TABLE connex.claim_line ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.claim_line TO connex_office, connex_staff;
GRANT SELECT, INSERT, UPDATE ON connex.claim_line TO connex_loader;
CREATE POLICY office ON connex.claim_line FOR SELECT TO connex_office
  USING (provider_account_id = ANY ((SELECT connex.entered_accounts('claims'))::bigint[]));
CREATE POLICY staff ON connex.claim_line FOR SELECT TO connex_staff
  USING (EXISTS (SELECT FROM connex.claim c WHERE c.claim_id = claim_line.claim_id));
CREATE POLICY loader ON connex.claim_line TO connex_loader USING (true) WITH CHECK (true);

ALTER TABLE connex.claim_key ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.claim_key TO connex_loader;
CREATE POLICY loader ON connex.claim_key TO connex_loader USING (true) WITH CHECK (true);

-- The same rows as the API shows them. The views read with the rights of who asks.
GRANT SELECT ON connex.adjudication_shown, connex.claim_line_shown, connex.claim_shown TO connex_office, connex_staff;
GRANT SELECT ON connex.claim_adjustment TO connex_loader, connex_office, connex_staff;

-- connex.reason_code has no row security: it is a public code list.
GRANT SELECT ON connex.reason_code TO connex_app, connex_office, connex_officer, connex_staff, connex_jobs;
GRANT SELECT, INSERT, UPDATE ON connex.reason_code TO connex_loader;
-- connex.reason_code_version has no row security: it is a number.
GRANT SELECT ON connex.reason_code_version TO connex_app, connex_office, connex_staff;

GRANT EXECUTE ON FUNCTION connex.claim_actions, connex.claim_appealed, connex.claim_document, connex.claim_no_appeal,
    connex.claim_says, connex.claim_standing, connex.claim_triage, connex.clp_status_words, connex.codes_in_words, connex.members
   TO connex_app, connex_office, connex_staff;
GRANT EXECUTE ON FUNCTION connex.claim_id_new, connex.claim_month TO connex_loader;
