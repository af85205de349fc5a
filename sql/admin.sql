-- Statements of connex admin (cli/admin/). Jobs are viewed and retried as connex_jobs. Only connex_owner can change
-- settings and accounts.
-- SPDX-License-Identifier: Apache-2.0

-- name: admin_settings
SELECT name, value, default_value, kind, lowest, highest, coalesce(rule, '') AS rule, documentation
  FROM connex.setting ORDER BY name;

-- name: admin_setting_get
-- params: $1 name text
SELECT name, value, default_value, kind, lowest, highest, coalesce(rule, '') AS rule, documentation
  FROM connex.setting WHERE name = $1;

-- name: admin_set
-- A null value restores the default. No row means that there is no such setting, or no such time zone.
-- params: $1 name text, $2 value text
UPDATE connex.setting SET value = coalesce($2, default_value), changed_at = clock_timestamp()
 WHERE name = $1 AND (name <> 'time_zone' OR connex.is_time_zone(coalesce($2, default_value)))
RETURNING name, value;

-- name: admin_jobs
-- What failed, and what is waiting after a failure: the oldest 1,000, and how many there are. It never shows whom it was for.
SELECT what, id, kind, state, tries, coalesce(last_error, '') AS last_error, connex.iso(created_at) AS created_at,
       count(*) OVER () AS total FROM (
  SELECT 'mail' AS what, outbox_id AS id, kind, state, tries, last_error, created_at FROM connex.outbox
   WHERE state = 'failed' OR (state = 'waiting' AND tries > 0)
  UNION ALL
  SELECT 'job', job_id, kind, state, tries, last_error, created_at FROM connex.job
   WHERE state = 'failed' OR (state = 'waiting' AND tries > 0)) found
 ORDER BY created_at, what, id LIMIT 1000;

-- name: admin_retry_mail
-- Null means all of them. The text of a mail with a code is wiped when it fails, so that mail cannot be sent again.
-- params: $1 outbox_id bigint
WITH again AS (
  UPDATE connex.outbox SET state = 'waiting', tries = 0, next_try_at = clock_timestamp()
   WHERE state = 'failed' AND body <> '' AND ($1::bigint IS NULL OR outbox_id = $1::bigint)
  RETURNING outbox_id)
SELECT count(*) AS retried, pg_notify('connex_jobs', '') FROM again;

-- name: admin_retry_job
-- Null means all of them.
-- params: $1 job_id bigint
WITH again AS (
  UPDATE connex.job SET state = 'waiting', tries = 0, run_at = clock_timestamp(), finished_at = NULL
   WHERE state = 'failed' AND ($1::bigint IS NULL OR job_id = $1::bigint)
  RETURNING job_id, kind, subject_id),
letters AS (
  UPDATE connex.letter l SET status = 'queued' FROM again
   WHERE again.kind = 'letter' AND l.letter_id = again.subject_id AND l.status = 'failed' AND l.secret IS NOT NULL)
SELECT count(*) AS retried, pg_notify('connex_jobs', '') FROM again;

-- name: admin_password_settings
SELECT connex.setting_integer('password_min_length') AS least, connex.setting_integer('argon2_memory_kib') AS memory_kib,
       connex.setting_integer('argon2_passes') AS passes, connex.setting_integer('argon2_lanes') AS lanes;

-- name: admin_create_analyst
-- params: $1 user_id text, $2 first_name text, $3 last_name text, $4 email text, $5 password_hash text, $6 contractors text
-- PWD-03: the password must be changed when it is first used.
WITH made AS (
  INSERT INTO connex.user_account (user_id, kind, first_name, last_name, job_role, email)
  VALUES ($1, 'analyst', $2, $3, 'administration', $4) RETURNING user_account_id),
secret AS (
  INSERT INTO connex.credential (user_account_id, password_hash, temporary) SELECT user_account_id, $5, true FROM made),
granted AS (
  INSERT INTO connex.staff_contractor (user_account_id, contractor_no)
  SELECT DISTINCT user_account_id, unnest(string_to_array($6, ',')) FROM made),
told AS (
  INSERT INTO audit.event (action, subject_kind, subject_id, detail)
  SELECT 'analyst_created', 'user_account', user_account_id, jsonb_build_object('contractors', $6) FROM made)
SELECT user_account_id FROM made;

-- name: admin_set_contractors
-- What the analyst is to work for from now on; no row if there is no such analyst. Returns each number with its name, which is
-- null before its first file is loaded.
-- params: $1 user_id text, $2 contractors text
WITH who AS (
  SELECT u.user_account_id, ARRAY(SELECT s.contractor_no FROM connex.staff_contractor s
                                   WHERE s.user_account_id = u.user_account_id ORDER BY 1) AS former
    FROM connex.user_account u WHERE u.user_id = $1 AND u.kind = 'analyst'),
wanted AS (
  SELECT DISTINCT user_account_id, unnest(string_to_array($2, ',')) AS contractor_no FROM who),
taken AS (
  DELETE FROM connex.staff_contractor s USING who
   WHERE s.user_account_id = who.user_account_id AND s.contractor_no <> ALL (string_to_array($2, ','))),
granted AS (
  INSERT INTO connex.staff_contractor (user_account_id, contractor_no)
  SELECT user_account_id, contractor_no FROM wanted ON CONFLICT DO NOTHING),
told AS (
  INSERT INTO audit.event (action, subject_kind, subject_id, detail)
  SELECT 'analyst_contractors', 'user_account', user_account_id,
         jsonb_build_object('old', array_to_string(former, ','), 'new', $2, 'by', session_user) FROM who)
SELECT w.contractor_no, coalesce(c.name, '(no file loaded yet)') AS name
  FROM wanted w LEFT JOIN connex.contractor c ON c.contractor_no = w.contractor_no ORDER BY w.contractor_no;

-- name: admin_set_email
-- For a person whose address can no longer be verified. The new address is verified at the next log-in (EML-03).
-- params: $1 user_id text, $2 email text
WITH changed AS (
  UPDATE connex.user_account SET email = $2, email_verified_at = NULL, version = version + 1 WHERE user_id = $1
  RETURNING user_account_id),
void AS (
  DELETE FROM connex.mailed_code m USING changed c WHERE m.user_account_id = c.user_account_id),
told AS (
  INSERT INTO audit.event (action, subject_kind, subject_id) SELECT 'email_set_by_contractor', 'user_account',
    user_account_id FROM changed)
SELECT user_account_id FROM changed;
