-- Statements of fcgi/area/token.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: token_list
SELECT t.token_id, t.name, t.beginning, to_json(t.functions) AS functions,
       (SELECT coalesce(json_agg(json_build_object('provider_account_id', p.provider_account_id::text, 'name', p.name,
         'npi', p.npi, 'ptan', p.ptan) ORDER BY p.name), '[]')
          FROM connex.token_provider_account x JOIN connex.provider_account p USING (provider_account_id)
            WHERE x.token_id = t.token_id) AS provider_accounts,
       connex.iso(t.created_at) AS created_at, connex.iso(t.expires_at) AS expires_at, connex.iso(t.last_used_at) AS last_used_at,
       connex.iso(t.revoked_at) AS revoked_at
  FROM connex.token t
 WHERE t.user_account_id = connex.entered_user()
 ORDER BY t.token_id DESC;

-- name: token_get
-- params: $1 token_id bigint
SELECT t.token_id, t.name, t.beginning, to_json(t.functions) AS functions,
       (SELECT coalesce(json_agg(json_build_object('provider_account_id', p.provider_account_id::text, 'name', p.name,
         'npi', p.npi, 'ptan', p.ptan) ORDER BY p.name), '[]')
          FROM connex.token_provider_account x JOIN connex.provider_account p USING (provider_account_id)
            WHERE x.token_id = t.token_id) AS provider_accounts,
       connex.iso(t.created_at) AS created_at, connex.iso(t.expires_at) AS expires_at, connex.iso(t.last_used_at) AS last_used_at,
       connex.iso(t.revoked_at) AS revoked_at
  FROM connex.token t
 WHERE t.user_account_id = connex.entered_user() AND t.token_id = $1::bigint;

-- name: token_create
-- params: $1 name text, $2 secret_hash bytea, $3 beginning text, $4 functions text[], $5 provider_account_ids bigint[]
-- params: $6 expires_on date
SELECT connex.token_make(p_name => $1, p_secret_hash => $2::bytea, p_beginning => $3, p_functions => $4::text[],
                         p_provider_account_ids => $5::bigint[], p_expires_on => $6::date) AS token_id;

-- name: token_revoke
-- params: $1 token_id bigint
SELECT connex.token_revoke($1::bigint);
