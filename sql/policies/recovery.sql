-- Who may ask for a new password: anyone. Each function makes its own checks.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

GRANT EXECUTE ON FUNCTION connex.recovery_begin, connex.recovery_code_send, connex.recovery_finish,
    connex.recovery_user_id TO connex_app;
