-- Statements of fcgi/area/system.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: system_state
SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS read_only;

-- A commit that reaches the disk, without a row that anybody would have to clean up.
-- name: system_write
SELECT pg_logical_emit_message(true, 'connex', 'ready') IS NOT NULL AS written;

-- How far a copy is behind: the age of the last commit that it has. Where nothing is committed, that grows too; then a
-- write on the primary shows which it is.
-- name: system_lag
-- params: $1 seconds integer
SELECT NOT pg_is_in_recovery()
    OR coalesce(clock_timestamp() - pg_last_xact_replay_timestamp() <= make_interval(secs => $1::integer), false) AS fresh;
