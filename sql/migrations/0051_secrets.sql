-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The database makes the secrets (sql/rules/secret.sql): pgcrypto is its source of random bytes and its HMAC.
CREATE EXTENSION pgcrypto WITH SCHEMA connex;

-- Their results changed: the rules create them anew.
DROP FUNCTION IF EXISTS connex.token_make(text, bytea, text, text[], bigint[], date);

-- migrate:down
