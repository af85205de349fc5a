-- A beneficiary is visible only if a lookup matched that person (connex.eligibility_person()).
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.beneficiary ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.beneficiary TO connex_loader;
GRANT SELECT ON connex.beneficiary TO connex_office;
CREATE POLICY loader ON connex.beneficiary TO connex_loader USING (true) WITH CHECK (true);
CREATE POLICY office ON connex.beneficiary FOR SELECT TO connex_office
  USING (beneficiary_id = (SELECT connex.entered_beneficiary()));

ALTER TABLE connex.beneficiary_mbi ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.beneficiary_mbi TO connex_loader;
GRANT SELECT ON connex.beneficiary_mbi TO connex_office;
CREATE POLICY loader ON connex.beneficiary_mbi TO connex_loader USING (true) WITH CHECK (true);
CREATE POLICY office ON connex.beneficiary_mbi FOR SELECT TO connex_office
  USING (beneficiary_id = (SELECT connex.entered_beneficiary()));

ALTER TABLE connex.coverage ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE ON connex.coverage TO connex_loader;
GRANT SELECT ON connex.coverage TO connex_office;
CREATE POLICY loader ON connex.coverage TO connex_loader USING (true) WITH CHECK (true);
CREATE POLICY office ON connex.coverage FOR SELECT TO connex_office
  USING (beneficiary_id = (SELECT connex.entered_beneficiary()));

-- connex.coverage_kind has no row security: it is our own code list.
GRANT SELECT ON connex.coverage_kind TO connex_app, connex_office, connex_jobs, connex_loader;

GRANT EXECUTE ON FUNCTION connex.eligibility_person TO connex_app, connex_office;
