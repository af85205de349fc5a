-- Who may see what needs attention.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

GRANT EXECUTE ON FUNCTION connex.attention TO connex_app, connex_office;
