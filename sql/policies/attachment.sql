-- Who sees evidence: users in the office with the function Claims, and analysts. The jobs daemon deletes what was never
-- filed.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.attachment ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.attachment TO connex_reader;
GRANT SELECT, DELETE ON connex.attachment TO connex_jobs;
CREATE POLICY by_provider_account ON connex.attachment FOR SELECT TO connex_reader
  USING (provider_account_id = connex.entered_account()
         OR connex.entered_right() = 'analyst'
         OR (connex.entered_right() = 'member' AND provider_account_id = ANY (connex.my_accounts('claims'))));
CREATE POLICY filed_stays ON connex.attachment AS RESTRICTIVE FOR DELETE TO connex_jobs USING (appeal_id IS NULL);
CREATE POLICY jobs ON connex.attachment TO connex_jobs USING (true) WITH CHECK (true);

ALTER TABLE connex.attachment_piece ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON connex.attachment_piece TO connex_jobs, connex_reader;
CREATE POLICY jobs ON connex.attachment_piece TO connex_jobs USING (true) WITH CHECK (true);
CREATE POLICY through_attachment ON connex.attachment_piece FOR SELECT TO connex_reader
  USING (EXISTS (SELECT FROM connex.attachment a WHERE a.attachment_id = attachment_piece.attachment_id));

GRANT EXECUTE ON FUNCTION connex.attachment_document TO connex_app, connex_reader;
GRANT EXECUTE ON FUNCTION connex.attachment_begin, connex.attachment_finish, connex.attachment_piece_add TO connex_app;
