-- Who may take and decide cases.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

GRANT EXECUTE ON FUNCTION connex.desk_decide, connex.desk_take TO connex_app;

-- Which contractors an analyst works for is asked by a function; connex admin user sets it as the owner.
ALTER TABLE connex.staff_contractor ENABLE ROW LEVEL SECURITY;

GRANT EXECUTE ON FUNCTION connex.desk_document TO connex_app, connex_staff;
