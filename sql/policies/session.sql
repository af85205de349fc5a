-- Sessions, locks, and mailed codes: no role reads these tables. Everyone sees his or her own session, by a view.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

ALTER TABLE connex.login_guard ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.mailed_code ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.mailed_code_count ENABLE ROW LEVEL SECURITY;

ALTER TABLE connex.session ENABLE ROW LEVEL SECURITY;

GRANT EXECUTE ON FUNCTION connex.code_check, connex.code_send, connex.session_begin, connex.session_end,
    connex.session_extend, connex.session_finish, connex.session_rehash TO connex_app;

GRANT SELECT ON connex.session_mine TO connex_app, connex_office;
-- The view calls them.
GRANT EXECUTE ON FUNCTION connex.days_since, connex.password_due, connex.session_owes TO connex_app, connex_office;
