-- Statements of fcgi/area/profile.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: profile_get
SELECT user_id, first_name, last_name, job_role, email, email_updates, work_phone, mobile_phone, mobile_carrier, time_zone,
  version
  FROM connex.user_account WHERE user_account_id = connex.entered_user();

-- Only the members that are there change; null clears.
-- name: profile_change
-- params: $1 version bigint, $2 changes jsonb
SELECT connex.profile_change(least($1::bigint, 2147483647)::integer, c.j->>'first_name', c.j->>'last_name', c.j->>'job_role',
         c.j->>'email', CASE WHEN c.j ? 'work_phone' THEN coalesce(c.j->>'work_phone', '') END,
         CASE WHEN c.j ? 'mobile_phone' THEN coalesce(c.j->>'mobile_phone', '') END,
         CASE WHEN c.j ? 'mobile_carrier' THEN coalesce(c.j->>'mobile_carrier', '') END,
         (c.j->>'email_updates')::boolean, c.j->>'time_zone')
  FROM (SELECT $2::jsonb AS j) c;

-- name: profile_password_begin
SELECT present, password_hash, user_id, first_name, last_name, email, min_length, memory_kib, passes,
  lanes FROM connex.password_change_begin();

-- name: profile_password_failed
SELECT connex.password_change_failed();

-- name: profile_password_finish
-- params: $1 matched_hash text, $2 new_password_hash text
SELECT connex.password_change_finish($1, $2) AS next;

-- name: profile_provider_account
-- params: $1 provider_account_id bigint
SELECT connex.provider_account_choose($1::bigint);
