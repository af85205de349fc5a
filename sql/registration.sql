-- Statements of fcgi/area/registration.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: registration_settings
SELECT connex.setting_integer('password_min_length') AS min_length, connex.setting_integer('argon2_memory_kib') AS memory_kib,
       connex.setting_integer('argon2_passes') AS passes, connex.setting_integer('argon2_lanes') AS lanes;

-- name: registration_faults
-- params: $1 user_id, $2 email, $3 attestation version, $4 time zone, $5 lso, $6 npi, $7 ptan, $8 last five of the TIN, $9 line of business, $10 state, $11 check number, $12 check amount, $13 csn
SELECT field, code, message FROM connex.registration_faults($1, $2, $3::integer, $4, $5::boolean, $6, $7, $8, $9, $10, $11, $12::numeric, $13);

-- name: registration_create
-- params: $1 user_id, $2 password hash, $3 first name, $4 last name, $5 job role, $6 email, $7 work phone, $8 mobile phone, $9 mobile carrier, $10 email updates, $11 time zone, $12 attestation version, $13 lso, $14 npi, $15 ptan, $16 last five of the TIN, $17 line of business, $18 state, $19 functions, $20 check number, $21 check amount, $22 csn, $23 request id, $24 address
SELECT connex.registration_create($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::boolean, $11, $12::integer, $13::boolean, $14, $15, $16, $17, $18, $19::text[],
                                  $20, $21::numeric, $22, $23, $24::inet);
