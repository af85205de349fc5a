-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
SET LOCAL lock_timeout = '1s';
ALTER TABLE connex.claim ALTER COLUMN from_on SET NOT NULL;
ALTER TABLE connex.claim DROP CONSTRAINT claim_from_on_known;

-- migrate:down
