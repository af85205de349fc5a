-- What the jobs daemon decides: when to try again, and what is old enough to delete.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Wakes the jobs daemon. Mail and jobs use the same channel.
CREATE OR REPLACE FUNCTION connex.notify_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('connex_jobs', '');
  RETURN NULL;
END
$$;

-- The wait after the nth attempt: 15 s, 30 s, ... at most one hour. Each wait is up to a quarter longer or shorter, so that
-- jobs that failed together are not retried together.
CREATE OR REPLACE FUNCTION connex.jobs_wait(p_tries integer) RETURNS interval LANGUAGE sql VOLATILE
  RETURN make_interval(secs => least(3600, 15 * 2 ^ least(greatest(p_tries, 1) - 1, 10)) * (0.75 + random() * 0.5));

-- The part of housekeeping for letters and attachments. Returns how many rows were changed, by name.
CREATE OR REPLACE FUNCTION connex.jobs_housekeeping_files(p_most integer) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  counts jsonb := '{}';
  n bigint;
BEGIN
  -- LSO-06: an expired code is useless, so neither the plain code nor its letter is kept.
  UPDATE connex.letter SET secret = NULL, status = 'failed'
   WHERE status IN ('queued','failed') AND secret IS NOT NULL AND expires_on < connex.today();
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('letter_codes', n);
  UPDATE connex.letter SET pdf = NULL
   WHERE status = 'printed' AND pdf IS NOT NULL
     AND printed_at < clock_timestamp() - make_interval(days => connex.setting_integer('letter_pdf_days'));
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('letter_pdfs', n);

  -- The outer condition is checked again for a row that was filed in the meantime; the inner one would not be.
  DELETE FROM connex.attachment WHERE appeal_id IS NULL AND attachment_id IN (
    SELECT attachment_id FROM connex.attachment
     WHERE appeal_id IS NULL
       AND created_at < connex.now() - make_interval(days => connex.setting_integer('attachment_unused_days'))
     LIMIT least(p_most, 100));
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('attachments', n);
  RETURN counts;
END
$$;

-- Of housekeeping: what failed, ended, or is dead, by spent_keep_days. As the owner, because the jobs daemon's role sees neither
-- tokens nor access codes nor findings. Returns how many by name.
--
-- What is not purged, and why: load_run is the provenance of every row that was loaded; claims, remittances, and appeals with
-- their evidence are the contractor's records; access_event and agreement_acceptance say who was allowed what, and are few;
-- former_password holds no more than password_history a person; a token that filed an appeal stays with it.
CREATE OR REPLACE FUNCTION connex.jobs_housekeeping_spent(p_most integer) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  counts jsonb := '{}';
  n bigint;
  before CONSTANT timestamptz := clock_timestamp() - make_interval(days => setting_integer('spent_keep_days'));
BEGIN
  DELETE FROM outbox WHERE outbox_id IN (
    SELECT outbox_id FROM outbox WHERE state = 'failed' AND created_at < before LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('failed_mails', n);
  DELETE FROM job WHERE job_id IN (SELECT job_id FROM job WHERE state = 'failed' AND finished_at < before LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('failed_jobs', n);
  DELETE FROM access_code WHERE access_id IN (
    SELECT access_id FROM access_code WHERE coalesce(used_at, expires_at) < before LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('access_codes', n);
  DELETE FROM token WHERE token_id IN (
    SELECT t.token_id FROM token t WHERE least(t.revoked_at, t.expires_at) < before
       AND NOT EXISTS (SELECT FROM appeal a WHERE a.token_id = t.token_id) LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('tokens', n);
  DELETE FROM load_finding WHERE (load_run_id, finding_no) IN (
    SELECT f.load_run_id, f.finding_no FROM load_run r JOIN load_finding f USING (load_run_id)
     WHERE r.finished_at < before LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN counts || jsonb_build_object('load_findings', n);
END
$$;

-- Of housekeeping: sessions, codes, and locks that are over. As the owner, because the jobs daemon's role sees none of them.
CREATE OR REPLACE FUNCTION connex.jobs_housekeeping_door(p_most integer) RETURNS jsonb
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  counts jsonb := '{}';
  n bigint;
BEGIN
  DELETE FROM session WHERE session_id IN (
    SELECT session_id FROM session
     WHERE ends_at < connex.now() - make_interval(days => setting_integer('session_keep_days')) LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('sessions', n);

  DELETE FROM mailed_code
    WHERE expires_at < connex.now() - make_interval(days => setting_integer('code_keep_days'));
  GET DIAGNOSTICS n = ROW_COUNT;
  DELETE FROM mailed_code_count
    WHERE sent_at < connex.now() - make_interval(days => setting_integer('code_keep_days'));
  counts := counts || jsonb_build_object('codes', n);

  -- LOCK-03 to LOCK-05: failures older than the window plus the lock no longer matter.
  DELETE FROM login_guard
   WHERE coalesce(locked_until, '-infinity') < connex.now()
     AND coalesce((SELECT max(f) FROM unnest(failures) f), '-infinity') < connex.now() - interval '1 day';
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('login_guards', n);

  DELETE FROM idempotency WHERE ctid IN ( -- by ctid, because a key that belongs to nobody has a null in it
    SELECT ctid FROM idempotency
     WHERE created_at < connex.now() - make_interval(hours => setting_integer('idempotency_hours')) LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('idempotency_keys', n);
  RETURN counts;
END
$$;

CREATE OR REPLACE FUNCTION connex.jobs_housekeeping(p_most integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  counts jsonb := '{}';
  n bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('connex.jobs_housekeeping')) THEN
    RETURN NULL;
  END IF;
  UPDATE connex.outbox SET body = NULL WHERE outbox_id IN (
    SELECT outbox_id FROM connex.outbox
     WHERE state = 'sent' AND body IS NOT NULL
       AND sent_at < clock_timestamp() - make_interval(days => connex.setting_integer('mail_body_days')) LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  -- One that failed cannot be sent again without its text: after so long nobody should get it.
  UPDATE connex.outbox SET body = '' WHERE outbox_id IN (
    SELECT outbox_id FROM connex.outbox
     WHERE state = 'failed' AND body <> ''
       AND next_try_at < clock_timestamp() - make_interval(days => connex.setting_integer('mail_body_days')) LIMIT p_most);
  counts := counts || jsonb_build_object('mail_bodies', n);

  DELETE FROM connex.outbox WHERE outbox_id IN (
    SELECT outbox_id FROM connex.outbox
     WHERE state = 'sent' AND sent_at < clock_timestamp() - make_interval(days => connex.setting_integer('mail_keep_days'))
     LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('mails', n);

  DELETE FROM connex.job WHERE job_id IN (
    SELECT job_id FROM connex.job
     WHERE state = 'done' AND finished_at < clock_timestamp() - make_interval(days => connex.setting_integer('mail_keep_days'))
     LIMIT p_most);
  GET DIAGNOSTICS n = ROW_COUNT;
  counts := counts || jsonb_build_object('jobs', n);

  counts := counts || connex.jobs_housekeeping_door(p_most) || connex.jobs_housekeeping_files(p_most)
            || connex.jobs_housekeeping_spent(p_most);
  RETURN (SELECT coalesce(string_agg(key || ' ' || value, ', ' ORDER BY key),
    '') FROM jsonb_each_text(counts) WHERE value <> '0');
END
$$;

-- Ends transactions of the report role that are older than report_max_minutes, and says how many. The role's own
-- statement_timeout is a courtesy: its session can lift it, and a report that runs for hours keeps dead rows everywhere.
CREATE OR REPLACE FUNCTION connex.jobs_end_reports() RETURNS bigint
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
   WHERE usename = 'connex_report' AND datname = current_database()
     AND xact_start < clock_timestamp() - make_interval(mins => setting_integer('report_max_minutes'))
$$;

-- Records that the letter went to the print shop. Calling it again has no effect. The office sees this in the history of
-- its request.
CREATE OR REPLACE FUNCTION connex.letter_printed(p_letter_id bigint) RETURNS boolean LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  of_access bigint;
BEGIN
  UPDATE letter SET status = 'printed', printed_at = clock_timestamp() WHERE letter_id = p_letter_id AND status = 'rendered'
    RETURNING access_id INTO of_access;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO access_event (access_id, event_no, action)
  SELECT of_access, coalesce(max(event_no), 0) + 1, 'code_mailed' FROM access_event WHERE access_id = of_access
  HAVING of_access IS NOT NULL AND NOT coalesce(bool_or(action = 'code_mailed'), false);
  RETURN true;
END
$$;
