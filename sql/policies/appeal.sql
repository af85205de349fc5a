-- Who sees redeterminations: users in the office with the function Claims, and analysts.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.appeal ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.appeal TO connex_office, connex_staff;
CREATE POLICY office ON connex.appeal FOR SELECT TO connex_office
  USING (provider_account_id = ANY ((SELECT connex.entered_accounts('claims'))::bigint[]));
CREATE POLICY staff ON connex.appeal FOR SELECT TO connex_staff
  USING (contractor_no = ANY ((SELECT connex.entered_contractors())::text[]));

ALTER TABLE connex.appeal_event ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.appeal_event TO connex_office, connex_staff;
CREATE POLICY through_appeal ON connex.appeal_event FOR SELECT TO connex_office, connex_staff
  USING (EXISTS (SELECT FROM connex.appeal a WHERE a.appeal_id = appeal_event.appeal_id));

-- connex.deadline_rule has no row security: it holds deadlines set by law.
GRANT SELECT ON connex.deadline_rule TO connex_app, connex_office, connex_officer, connex_staff, connex_jobs;

GRANT EXECUTE ON FUNCTION connex.acting_person, connex.appeal_document TO connex_app, connex_office, connex_staff;

GRANT EXECUTE ON FUNCTION connex.appeal_file TO connex_app;
