-- Who sees requests and rights: the person they belong to, a Local Security Officer of the provider account, and analysts.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.access ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.access TO connex_office, connex_officer, connex_staff;
CREATE POLICY office ON connex.access FOR SELECT TO connex_office USING (user_account_id = (SELECT connex.entered_user()));
CREATE POLICY officer ON connex.access FOR SELECT TO connex_officer   -- LSO-15
  USING ((SELECT connex.entered_right()) = 'lso' AND provider_account_id = ANY ((SELECT connex.lso_accounts())::bigint[]));
CREATE POLICY staff ON connex.access FOR SELECT TO connex_staff
  USING (connex.entered_contractors_account(provider_account_id));

ALTER TABLE connex.access_code ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.access_event ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.access_event TO connex_office, connex_officer, connex_staff;
CREATE POLICY through_access ON connex.access_event FOR SELECT TO connex_office, connex_officer, connex_staff
  USING (EXISTS (SELECT FROM connex.access a WHERE a.access_id = access_event.access_id));

ALTER TABLE connex.letter ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.letter TO connex_jobs;
GRANT UPDATE (status, pdf, secret, rendered_at) ON connex.letter TO connex_jobs;
CREATE POLICY jobs ON connex.letter TO connex_jobs USING (true) WITH CHECK (true);

GRANT SELECT ON connex.access_desk TO connex_staff;

GRANT SELECT ON connex.access_managed TO connex_officer;

GRANT SELECT ON connex.access_mine TO connex_office;

GRANT SELECT ON connex.access_user TO connex_officer, connex_staff;

GRANT EXECUTE ON FUNCTION connex.access_activate, connex.access_decide, connex.access_desk_decide, connex.access_request
   TO connex_app;

GRANT EXECUTE ON FUNCTION connex.access_by_contractor, connex.access_has_lso TO connex_office, connex_officer, connex_staff;
