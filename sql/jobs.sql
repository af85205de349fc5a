-- Statements of the jobs daemon (cli/jobs/), as role connex_jobs.
-- SPDX-License-Identifier: Apache-2.0
--
-- Taking a job is a lease: it counts the attempt and postpones the next one, in a transaction of its own. If a daemon dies
-- in between, nothing is lost: the job is due again when its lease ends. How long the lease is, and which setting limits
-- the attempts, is in the table of kinds (cli/jobs/kinds.c).

-- name: jobs_mail_give_up
-- Mail that has no attempts left and never got an answer (its daemon was killed each time), and codes that have expired.
-- params: $1 tries_setting text
UPDATE connex.outbox
   SET state = 'failed', body = CASE WHEN holds_secret THEN '' ELSE body END,
       last_error = CASE WHEN tries >= connex.setting_integer($1::text)
                         THEN coalesce(last_error, 'ended without an answer')
                         ELSE 'too late for a code' END
 WHERE state = 'waiting' AND next_try_at <= clock_timestamp()
   AND (tries >= connex.setting_integer($1::text)
        OR (holds_secret
            AND created_at < clock_timestamp() - make_interval(hours => connex.setting_integer('mail_secret_hours'))))
RETURNING outbox_id;

-- name: jobs_mail_take
-- One mail that is due; mail with a code goes first.
-- params: $1 lease_s integer
UPDATE connex.outbox
   SET tries = tries + 1, next_try_at = clock_timestamp() + make_interval(secs => $1::integer)
 WHERE outbox_id = coalesce(
         (SELECT outbox_id FROM connex.outbox WHERE state = 'waiting' AND holds_secret AND next_try_at <= clock_timestamp()
           ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED),
         (SELECT outbox_id FROM connex.outbox WHERE state = 'waiting' AND next_try_at <= clock_timestamp()
           ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED))
RETURNING outbox_id AS id, kind, to_address, subject, body, tries, extract(epoch FROM created_at)::bigint AS created_at,
          connex.setting_text('mail_from_name') AS from_name;

-- name: jobs_mail_done
-- params: $1 outbox_id bigint
UPDATE connex.outbox
   SET state = 'sent', sent_at = clock_timestamp(), last_error = NULL, body = CASE WHEN holds_secret THEN NULL ELSE body END
 WHERE outbox_id = $1::bigint AND state = 'waiting';

-- name: jobs_mail_undone
-- params: $1 outbox_id bigint, $2 why text, $3 is_final boolean, $4 tries_setting text
WITH last AS (
  SELECT outbox_id, ($3::boolean OR tries >= connex.setting_integer($4::text)) AS over
    FROM connex.outbox WHERE outbox_id = $1::bigint AND state = 'waiting' FOR UPDATE)
UPDATE connex.outbox o
   SET state = CASE WHEN last.over THEN 'failed' ELSE 'waiting' END, last_error = $2,
       next_try_at = clock_timestamp() + connex.jobs_wait(o.tries),
       body = CASE WHEN last.over AND o.holds_secret THEN '' ELSE o.body END
  FROM last WHERE o.outbox_id = last.outbox_id
RETURNING o.state;

-- name: jobs_give_up
-- As above. If a letter's job failed before there was a PDF, the letter is marked failed too. Its code is kept for a retry
-- until it expires.
-- params: $1 kind text, $2 tries_setting text
WITH over AS (
  UPDATE connex.job
     SET state = 'failed', finished_at = clock_timestamp(), last_error = coalesce(last_error, 'ended without an answer')
   WHERE kind = $1::text AND state = 'waiting' AND run_at <= clock_timestamp() AND tries >= connex.setting_integer($2::text)
  RETURNING job_id, kind, subject_id),
letters AS (
  UPDATE connex.letter l SET status = 'failed' FROM over
   WHERE over.kind = 'letter' AND l.letter_id = over.subject_id AND l.status = 'queued')
SELECT job_id FROM over;

-- name: jobs_take
-- params: $1 kind text, $2 lease_s integer
UPDATE connex.job
   SET tries = tries + 1, run_at = clock_timestamp() + make_interval(secs => $2::integer)
 WHERE job_id = (SELECT job_id FROM connex.job WHERE kind = $1::text AND state = 'waiting' AND run_at <= clock_timestamp()
                  ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING job_id AS id, kind, subject_id, tries;

-- name: jobs_done
-- params: $1 job_id bigint
UPDATE connex.job SET state = 'done', finished_at = clock_timestamp(),
  last_error = NULL WHERE job_id = $1::bigint AND state = 'waiting';

-- name: jobs_undone
-- params: $1 job_id bigint, $2 why text, $3 is_final boolean, $4 tries_setting text
WITH ended AS (
  UPDATE connex.job
     SET state = CASE WHEN $3::boolean OR tries >= connex.setting_integer($4::text) THEN 'failed' ELSE 'waiting' END,
         finished_at = CASE WHEN $3::boolean OR tries >= connex.setting_integer($4::text) THEN clock_timestamp() END,
         last_error = $2, run_at = clock_timestamp() + connex.jobs_wait(tries)
   WHERE job_id = $1::bigint AND state = 'waiting'
  RETURNING kind, state, subject_id),
letters AS (
  UPDATE connex.letter l SET status = 'failed' FROM ended
   WHERE ended.kind = 'letter' AND ended.state = 'failed' AND l.letter_id = ended.subject_id AND l.status = 'queued')
SELECT state FROM ended;

-- name: jobs_letter_get
-- Everything that an access code letter says. It is sent to the billing address on file (LSO-04).
-- params: $1 letter_id bigint
SELECT l.status, l.kind, l.secret, to_char(l.expires_on, 'FMMonth FMDD, YYYY') AS expires_on,
       to_char(connex.today(), 'FMMonth FMDD, YYYY') AS written_on, extract(epoch FROM l.created_at)::bigint AS written_at,
       p.npi, p.ptan, right(p.tin, 5) AS tin_last_five,
       CASE WHEN coalesce(p.billing_street, '') <> '' AND coalesce(p.billing_city, '') <> '' THEN
         concat_ws(E'\n', p.name, p.billing_street, concat_ws(' ', p.billing_city || ',', p.billing_state,
           p.billing_zip)) END AS addressee,
       c.name AS contractor_name, coalesce(c.phone, '') AS contractor_phone,
       concat_ws(E'\n', nullif(c.street, ''), nullif(concat_ws(' ', nullif(c.city, '') || ',', c.state, c.zip),
         '')) AS contractor_address
  FROM connex.letter l
  JOIN connex.provider_account p USING (provider_account_id)
  JOIN connex.contractor c USING (contractor_no)
 WHERE l.letter_id = $1::bigint;

-- name: jobs_letter_store
-- From now on the code exists on paper only.
-- params: $1 letter_id bigint, $2 pdf bytea
UPDATE connex.letter SET pdf = $2::bytea, secret = NULL, status = 'rendered', rendered_at = clock_timestamp()
 WHERE letter_id = $1::bigint AND status = 'queued';

-- name: jobs_housekeeping
-- params: $1 rows_of_each_kind integer
SELECT connex.jobs_housekeeping($1::integer) AS done;

-- name: jobs_partition_step
-- One small step in its own transaction; null when there is none (sql/rules/partition.sql).
SELECT connex.partition_step(p_index => true) AS done;

-- name: jobs_end_reports
SELECT connex.jobs_end_reports() AS ended;
