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
SELECT l.seconds <= $1::integer AS fresh, l.seconds
  FROM (SELECT CASE WHEN pg_is_in_recovery()
                    THEN coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::double precision,
                                  'infinity')
                    ELSE 0 END AS seconds) l;

-- For /metrics: name and help of a figure, the name and the value of its label, its value. Rows of one name stand together.
-- name: system_figures
SELECT * FROM (
  SELECT 'connex_queue_due_seconds' AS name, 'How long the first of a queue is due.' AS help, 'queue' AS label, queue AS word,
         seconds AS value FROM connex.queue_ages()
  UNION ALL SELECT 'connex_queue_failed', 'What has failed and waits for somebody, at most 1000.', 'queue', queue, failed
    FROM connex.queue_failures()
  UNION ALL SELECT 'connex_last_load_timestamp_seconds', 'When the last load of each kind ended.', 'kind', kind, at
    FROM connex.last_loads()
  UNION ALL SELECT 'connex_database_connections', 'Connections to the database, by role.', 'role', usename, count(*)
    FROM pg_stat_activity WHERE datname = current_database() AND usename IS NOT NULL GROUP BY usename
  UNION ALL SELECT 'connex_database_connections_most', 'max_connections.', NULL, NULL, current_setting('max_connections')::integer
  UNION ALL SELECT 'connex_database_standbys', 'Standbys that receive from this server.', NULL, NULL, count(*)
    FROM pg_stat_replication
  UNION ALL SELECT 'connex_replication_lag_seconds', 'How long a standby takes to show a commit.', 'standby', standby, seconds
    FROM connex.standby_lags()
  UNION ALL SELECT 'connex_replication_lag_bytes', 'Write-ahead log that a standby does not show yet.', 'standby', standby, bytes
    FROM connex.standby_lags()) f
 ORDER BY f.name, f.word;
