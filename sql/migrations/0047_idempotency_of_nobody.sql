-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- A registration takes an Idempotency-Key too, and nobody has entered yet. The key comes first in the index, because
-- PostgreSQL does not search an index by IS NOT DISTINCT FROM, and keys are different enough.
SET LOCAL lock_timeout = '1s';
ALTER TABLE connex.idempotency DROP CONSTRAINT idempotency_pkey;
ALTER TABLE connex.idempotency ALTER COLUMN user_account_id DROP NOT NULL;
ALTER TABLE connex.idempotency ADD CONSTRAINT idempotency_once UNIQUE NULLS NOT DISTINCT (key, user_account_id);
CREATE INDEX idempotency_by_user ON connex.idempotency (user_account_id); -- for its ON DELETE CASCADE
COMMENT ON COLUMN connex.idempotency.user_account_id IS 'The person; null where nobody had entered.';
COMMENT ON COLUMN connex.idempotency.key IS
  'The route, the ids of its path, and the key; where nobody had entered, also the hash of the body.';
COMMENT ON COLUMN connex.idempotency.body_hash IS
  'SHA-256 of the body; where nobody had entered, keyed with code.key, because the body may hold a password.';

-- migrate:down
