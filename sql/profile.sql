-- Statements of fcgi/area/profile.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: profile_get
SELECT user_id, first_name, last_name, job_role, email, email_updates, work_phone, mobile_phone, mobile_carrier, time_zone, version
  FROM connex.user_account WHERE user_account_id = connex.entered_user();

-- name: profile_change
-- params: $1 version, $2 first name, $3 last name, $4 job role, $5 email, $6 work phone, $7 mobile phone, $8 mobile carrier, $9 email updates, $10 time zone
SELECT connex.profile_change(least($1::bigint, 2147483647)::integer, $2, $3, $4, $5, $6, $7, $8, $9::boolean, $10);

-- name: profile_password_begin
SELECT present, password_hash, user_id, first_name, last_name, email, min_length, memory_kib, passes, lanes FROM connex.password_change_begin();

-- name: profile_password_failed
SELECT connex.password_change_failed();

-- name: profile_password_finish
-- params: $1 the hash that the present password matched, $2 new password hash
SELECT connex.password_change_finish($1, $2) AS next;

-- name: profile_provider_account
-- params: $1 provider_account_id
SELECT connex.provider_account_choose($1::bigint);
