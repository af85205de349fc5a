-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The jobs daemon cleans up and sends; it makes no session, no code and no evidence, and a file that was filed with a
-- request is not its to delete, whatever a statement says.
REVOKE INSERT, UPDATE ON connex.session, connex.mailed_code, connex.mailed_code_count, connex.idempotency, connex.login_guard,
  connex.attachment FROM connex_jobs;
REVOKE INSERT, UPDATE, DELETE ON connex.attachment_piece FROM connex_jobs;   -- pieces go with their file
REVOKE INSERT ON connex.outbox, connex.job, connex.letter FROM connex_jobs;
REVOKE DELETE ON connex.letter FROM connex_jobs;
CREATE POLICY filed_stays ON connex.attachment AS RESTRICTIVE FOR DELETE TO connex_jobs USING (appeal_id IS NULL);

-- migrate:down
