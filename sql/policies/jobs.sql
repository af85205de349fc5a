-- What the jobs daemon may read and change.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.job ENABLE ROW LEVEL SECURITY;
GRANT SELECT, DELETE ON connex.job TO connex_jobs;
GRANT UPDATE (state, tries, run_at, finished_at, last_error) ON connex.job TO connex_jobs;
CREATE POLICY jobs ON connex.job TO connex_jobs USING (true) WITH CHECK (true);

-- connex.mail_template has no row security: it is granted to no role, and only SECURITY DEFINER functions read it.

ALTER TABLE connex.outbox ENABLE ROW LEVEL SECURITY;
-- Not the address: the daemon sends a mail to whom the portal wrote it.
GRANT SELECT, DELETE ON connex.outbox TO connex_jobs;
GRANT UPDATE (state, tries, next_try_at, last_error, sent_at, body) ON connex.outbox TO connex_jobs;
CREATE POLICY jobs ON connex.outbox TO connex_jobs USING (true) WITH CHECK (true);

GRANT EXECUTE ON FUNCTION connex.jobs_end_reports, connex.jobs_housekeeping, connex.jobs_housekeeping_door,
    connex.jobs_housekeeping_files, connex.jobs_housekeeping_spent, connex.jobs_wait, connex.letter_printed, connex.partition_step
   TO connex_jobs;
