-- Statements of fcgi/area/registration.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: registration_settings
SELECT connex.setting_integer('password_min_length') AS min_length, connex.setting_integer('argon2_memory_kib') AS memory_kib,
       connex.setting_integer('argon2_passes') AS passes, connex.setting_integer('argon2_lanes') AS lanes;

-- name: registration_faults
-- params: $1 registration jsonb
SELECT field, code, message FROM connex.registration_faults(p_registration => $1::jsonb);

-- name: registration_create
-- params: $1 registration jsonb, $2 password_hash text, $3 request_id text, $4 address inet
SELECT connex.reply_once(201, json_build_object('user_id', $1::jsonb ->> 'user_id', 'access_status', 'requested'))
  FROM connex.registration_create(p_registration => $1::jsonb, p_password_hash => $2, p_request_id => $3,
                                  p_address => $4::inet);
