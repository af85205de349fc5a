-- Statements of fcgi/area/profile.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: profile_get
SELECT user_id, first_name, last_name, job_role, email, email_updates, work_phone, mobile_phone, mobile_carrier, time_zone,
  version
  FROM connex.user_account WHERE user_account_id = connex.entered_user();

-- Only the members that are present change; null clears a value.
-- name: profile_change
-- params: $1 version bigint, $2 changes jsonb
SELECT connex.profile_change(p_version => least($1::bigint, 2147483647)::integer, p_changes => $2::jsonb);

-- name: profile_password_begin
SELECT connex.password_change_begin() AS salt;

-- No rows when the current password is wrong.
-- name: profile_password_check
-- params: $1 typed_hash text
SELECT salt, user_id, first_name, last_name, email, min_length, memory_kib, passes, lanes
  FROM connex.password_change_check($1);

-- A null when the new password was used before.
-- name: profile_password_finish
-- params: $1 typed_hash text, $2 former_hashes text[], $3 new_password_hash text
SELECT connex.password_change_finish($1, $2::text[], $3) AS next;

-- name: profile_provider_account
-- params: $1 provider_account_id bigint
SELECT connex.provider_account_choose($1::bigint);
