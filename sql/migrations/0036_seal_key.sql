-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
CREATE TABLE connex.seal_key (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  secret bytea NOT NULL DEFAULT
    sha256(convert_to(gen_random_uuid()::text || gen_random_uuid() || gen_random_uuid(), 'UTF8'))
);
COMMENT ON TABLE connex.seal_key IS
  'The key that seals who acts in a transaction (connex.seal). Made here and never shown: no role may read it.';
COMMENT ON COLUMN connex.seal_key.only_row IS 'True: there is one key.';
COMMENT ON COLUMN connex.seal_key.secret IS '256 bits from PostgreSQL''s own random source.';
INSERT INTO connex.seal_key DEFAULT VALUES;

-- migrate:down
