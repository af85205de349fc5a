-- Anyone may read the attestation, even before entering. People see only their own acceptance.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

-- connex.agreement has no row security: it has no personal data, and it is read before anyone has entered.
GRANT SELECT ON connex.agreement TO connex_office, connex_app;

ALTER TABLE connex.agreement_acceptance ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.agreement_acceptance TO connex_office;
CREATE POLICY office ON connex.agreement_acceptance FOR SELECT TO connex_office
  USING (user_account_id = (SELECT connex.entered_user()));

GRANT EXECUTE ON FUNCTION connex.registration_create, connex.registration_faults TO connex_app;
