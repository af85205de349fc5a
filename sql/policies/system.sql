-- Who may ask what monitoring asks.
-- Re-created on every migrate (sql/policies/reset.sql goes first).
-- SPDX-License-Identifier: Apache-2.0

GRANT EXECUTE ON FUNCTION connex.queue_ages, connex.queue_failures, connex.last_loads, connex.standby_lags
   TO connex_app;
