-- What monitoring asks of the database. Numbers only, of nobody, and each by an index.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- How long the first thing in each queue is due: what should have been done already. Mail is due at its next try, a letter
-- from the moment that it is written until it is printed.
CREATE OR REPLACE FUNCTION connex.queue_ages() RETURNS TABLE (queue text, seconds double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT q.queue, greatest(coalesce(extract(epoch FROM q.since), 0), 0)::double precision
    FROM (VALUES
      ('jobs', clock_timestamp() - (SELECT min(j.run_at) FROM job j WHERE j.state = 'waiting')),
      ('mail', clock_timestamp() - (SELECT min(o.next_try_at) FROM outbox o WHERE o.state = 'waiting')),
      ('letters', connex.now() - (SELECT l.created_at FROM letter l WHERE l.status IN ('queued', 'rendered')
                                   ORDER BY l.letter_id LIMIT 1))) AS q (queue, since)
$$;

-- How far each standby is behind this server: the time until it showed what was committed here, which is 0 when nothing is under
-- way, and the bytes of write-ahead log that it does not show yet. A standby is called by what it says of itself, without signs
-- that a monitor does not take.
CREATE OR REPLACE FUNCTION connex.standby_lags() RETURNS TABLE (standby text, seconds double precision, bytes numeric)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT regexp_replace(r.application_name, '[^A-Za-z0-9_.-]', '_', 'g') || '-' || r.pid,
         coalesce(extract(epoch FROM r.replay_lag), 0)::double precision,
         greatest(pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn), 0)
    FROM pg_stat_replication r WHERE r.replay_lsn IS NOT NULL;
END
$$;

-- How many have failed and wait for somebody. Beyond a thousand, how many no longer matters.
CREATE OR REPLACE FUNCTION connex.queue_failures() RETURNS TABLE (queue text, failed bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  VALUES ('jobs', (SELECT count(*) FROM (SELECT FROM job j WHERE j.state = 'failed' LIMIT 1000) f)),
         ('mail', (SELECT count(*) FROM (SELECT FROM outbox o WHERE o.state = 'failed' LIMIT 1000) f)),
         ('letters', (SELECT count(*) FROM (SELECT FROM letter l WHERE l.status = 'failed' LIMIT 1000) f))
$$;

-- When the last load of each kind ended, whatever came of it; the state of the last one is in report.loads.
CREATE OR REPLACE FUNCTION connex.last_loads() RETURNS TABLE (kind text, at double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT k.kind, extract(epoch FROM l.finished_at)::double precision
    FROM unnest(ARRAY['835', 'provider-accounts', 'payments', 'beneficiaries']) AS k (kind),
         LATERAL (SELECT max(r.finished_at) AS finished_at FROM load_run r
                   WHERE r.kind = k.kind AND r.finished_at IS NOT NULL) l
   WHERE l.finished_at IS NOT NULL
$$;
