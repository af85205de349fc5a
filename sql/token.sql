-- Statements of fcgi/area/token.c.
-- SPDX-License-Identifier: Apache-2.0

-- Newest first.
-- name: token_list
-- params: $1 before_token_id bigint, $2 row_limit integer
SELECT v.*, v.token_id AS cursor
  FROM connex.token_mine v
 WHERE v.token_id < $1::bigint
 ORDER BY v.token_id DESC
 LIMIT $2::integer;

-- The same list as CSV. A provider account is an object, which does not fit in a cell; its id does.
-- name: token_list_csv
-- params: $1 before_token_id bigint, $2 row_limit integer
SELECT v.token_id, v.name, v.beginning, v.functions,
       (SELECT json_agg(x.provider_account_id ORDER BY x.provider_account_id)
          FROM connex.token_provider_account x WHERE x.token_id = v.token_id) AS provider_account_ids,
       v.created_at, v.expires_at, v.last_used_at, v.revoked_at, v.token_id AS cursor
  FROM connex.token_mine v
 WHERE v.token_id < $1::bigint
 ORDER BY v.token_id DESC
 LIMIT $2::integer;

-- name: token_get
-- params: $1 token_id bigint
SELECT v.* FROM connex.token_mine v WHERE v.token_id = $1::bigint;

-- name: token_create
-- params: $1 name text, $2 functions text[], $3 provider_account_ids bigint[], $4 expires_on date
SELECT token_id, secret
  FROM connex.token_make(p_name => $1, p_functions => $2::text[], p_provider_account_ids => $3::bigint[],
                         p_expires_on => $4::date);

-- The token that token_create has just made, as token_get shows it.
-- name: token_made
SELECT v.* FROM connex.token_mine v
 WHERE v.token_id = nullif(current_setting('connex.subject_id', true), '')::bigint;

-- name: token_revoke
-- params: $1 token_id bigint
SELECT connex.token_revoke($1::bigint);
