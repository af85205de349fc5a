-- Statements of fcgi/area/system.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: system_state
SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS read_only;

-- A commit that reaches the disk, without a row that anybody would have to clean up.
-- name: system_write
SELECT pg_logical_emit_message(true, 'connex', 'ready') IS NOT NULL AS written;
