-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Functions that return something else now; the rules make them again.
DROP FUNCTION IF EXISTS connex.session_begin(text);
DROP FUNCTION IF EXISTS connex.password_history(bigint);
DROP FUNCTION IF EXISTS connex.password_change_begin();
DROP FUNCTION IF EXISTS connex.recovery_begin(text, bytea, text, inet);

-- migrate:down
