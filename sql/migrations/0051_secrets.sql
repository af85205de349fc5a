-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The database makes the secrets (sql/rules/secret.sql): pgcrypto is its source of random bytes and its HMAC.
CREATE EXTENSION pgcrypto WITH SCHEMA connex;

-- migrate:down
