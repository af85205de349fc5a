-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- What /metrics asks every few seconds is answered by an index, however much there is: what has failed, and the last load of
-- each kind. Few rows are in the first three, so they cost the queues almost nothing.
SET LOCAL lock_timeout = '1s';
CREATE INDEX job_failed ON connex.job (job_id) WHERE state = 'failed';
CREATE INDEX outbox_failed ON connex.outbox (outbox_id) WHERE state = 'failed';
CREATE INDEX letter_failed ON connex.letter (letter_id) WHERE status = 'failed';
CREATE INDEX load_run_finished ON connex.load_run (kind, finished_at) WHERE finished_at IS NOT NULL;

-- migrate:down
