-- Statements of fcgi/area/provider_account.c.
-- SPDX-License-Identifier: Apache-2.0

-- For scripts, in the order of the ids, which never change. Names do, and this cursor stands in an address, where none belongs.
-- name: provider_account_list
-- params: $1 after_provider_account_id bigint, $2 row_limit integer
SELECT v.*, v.provider_account_id AS cursor
  FROM connex.provider_account_mine v
 WHERE v.provider_account_id > $1::bigint
 ORDER BY v.provider_account_id
 LIMIT $2::integer;

-- For people, by name. The cursor holds the name as it was (its first 80 bytes, in hex: a cursor has at most 200 characters). If
-- the account were asked for it, the rest of the list would be lost when the account is renamed or is no longer the reader's.
-- name: provider_account_search
-- params: $1 search text, $2 after_provider_account_id bigint, $3 after_name_hex text, $4 row_limit integer
SELECT v.*, v.provider_account_id || '_' || encode(k.key, 'hex') AS cursor
  FROM connex.provider_account_mine v, LATERAL (SELECT substr(convert_to(v.name, 'UTF8'), 1, 80) AS key) k
 WHERE ($1::text IS NULL OR strpos(lower(v.name), lower($1)) > 0 OR strpos(v.npi, $1) > 0 OR strpos(v.ptan,
   upper($1)) > 0 OR strpos(lower(v.city), lower($1)) > 0)
   AND ($2::bigint IS NULL OR (k.key, v.provider_account_id) > (decode($3, 'hex'), $2::bigint))
 ORDER BY k.key, v.provider_account_id
 LIMIT $4::integer;

-- name: provider_account_summary
-- params: $1 provider_account_id bigint
SELECT v.* FROM connex.provider_account_mine v WHERE v.provider_account_id = $1::bigint;

-- name: provider_account_get
-- params: $1 provider_account_id bigint
SELECT p.provider_account_id, p.contractor_no, c.name AS contractor_name, p.name, p.npi, p.ptan, right(p.tin,
  5) AS tin_last5, p.line_of_business, p.state, p.phone,
       json_build_object('street', p.physical_street, 'city', p.physical_city, 'state', p.physical_state, 'zip',
         p.physical_zip) AS physical_address,
       json_build_object('street', p.billing_street, 'city', p.billing_city, 'state', p.billing_state, 'zip',
         p.billing_zip) AS billing_address,
       p.effective_on, p.ended_on
  FROM connex.provider_account p JOIN connex.contractor c USING (contractor_no)
 WHERE p.provider_account_id = $1::bigint;
