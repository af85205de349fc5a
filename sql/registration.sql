-- Statements of fcgi/area/registration.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: registration_settings
SELECT connex.setting_integer('password_min_length') AS min_length, connex.setting_integer('argon2_memory_kib') AS memory_kib,
       connex.setting_integer('argon2_passes') AS passes, connex.setting_integer('argon2_lanes') AS lanes;

-- name: registration_faults
-- params: $1 registration jsonb
SELECT f.field, f.code, f.message
  FROM (SELECT $1::jsonb AS j) r,
       connex.registration_faults(r.j->>'user_id', r.j->>'email', (r.j->>'attestation_version')::integer, r.j->>'time_zone',
         (r.j->>'lso')::boolean, r.j->>'npi', r.j->>'ptan', r.j->>'tin_last5', r.j->>'line_of_business', r.j->>'state',
         r.j->>'check_number', (r.j->>'check_amount')::numeric, r.j->>'csn') f;

-- name: registration_create
-- params: $1 registration jsonb, $2 password_hash text, $3 request_id text, $4 address inet
SELECT connex.registration_create(r.j->>'user_id', $2, r.j->>'first_name', r.j->>'last_name', r.j->>'job_role', r.j->>'email',
         r.j->>'work_phone', r.j->>'mobile_phone', r.j->>'mobile_carrier', (r.j->>'email_updates')::boolean, r.j->>'time_zone',
         (r.j->>'attestation_version')::integer, (r.j->>'lso')::boolean, r.j->>'npi', r.j->>'ptan', r.j->>'tin_last5',
         r.j->>'line_of_business', r.j->>'state', ARRAY(SELECT jsonb_array_elements_text(r.j->'functions')), r.j->>'check_number',
         (r.j->>'check_amount')::numeric, r.j->>'csn', $3, $4::inet)
  FROM (SELECT $1::jsonb AS j) r;
