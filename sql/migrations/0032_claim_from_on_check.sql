-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- claim.from_on is never null: the load has always filled it, and every search pages by it. In three steps, so that nobody
-- waits for a scan: a check for new rows (a moment's lock), then the old rows (readers and writers go on), then NOT NULL, which
-- takes the validated check as its proof. Each step is a migration; one that could not get its lock is run again by migrate.
SET LOCAL lock_timeout = '1s';
ALTER TABLE connex.claim ADD CONSTRAINT claim_from_on_known CHECK (from_on IS NOT NULL) NOT VALID;

-- migrate:down
