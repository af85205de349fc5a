-- Who sees evidence: users in the office with the function Claims, and analysts. The jobs daemon deletes what was never
-- filed.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.attachment ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.attachment TO connex_office, connex_staff;
GRANT SELECT (attachment_id, appeal_id, created_at), DELETE ON connex.attachment TO connex_jobs;
CREATE POLICY office ON connex.attachment FOR SELECT TO connex_office
  USING (provider_account_id = ANY ((SELECT connex.entered_accounts('claims'))::bigint[]));
CREATE POLICY staff ON connex.attachment FOR SELECT TO connex_staff
  USING (EXISTS (SELECT FROM connex.provider_account p WHERE p.provider_account_id = attachment.provider_account_id));
CREATE POLICY filed_stays ON connex.attachment AS RESTRICTIVE FOR DELETE TO connex_jobs USING (appeal_id IS NULL);
CREATE POLICY jobs ON connex.attachment TO connex_jobs USING (true) WITH CHECK (true);

ALTER TABLE connex.attachment_piece ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.attachment_piece TO connex_office, connex_staff;
CREATE POLICY through_attachment ON connex.attachment_piece FOR SELECT TO connex_office, connex_staff
  USING (EXISTS (SELECT FROM connex.attachment a WHERE a.attachment_id = attachment_piece.attachment_id));

GRANT EXECUTE ON FUNCTION connex.attachment_document TO connex_app, connex_office, connex_staff;
GRANT EXECUTE ON FUNCTION connex.attachment_begin, connex.attachment_finish, connex.attachment_piece_add TO connex_app;
