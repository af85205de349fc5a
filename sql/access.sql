-- Statements of fcgi/area/access.c.
-- SPDX-License-Identifier: Apache-2.0

-- name: access_list
-- params: $1 before_access_id bigint, $2 row_limit integer
SELECT v.*, v.access_id AS cursor
  FROM connex.access_mine v
 WHERE v.access_id < $1::bigint
 ORDER BY v.access_id DESC
 LIMIT $2::integer;

-- The same list as CSV. It leaves out the events, which are a list of objects and do not fit in a cell.
-- name: access_list_csv
-- params: $1 before_access_id bigint, $2 row_limit integer
SELECT v.access_id, v.status, v.provider_account_id, v.name, v.npi, v.ptan, v.tin_last5, v.line_of_business, v.city, v.state,
       v.lso_requested, v.functions_requested, v.lso, v.functions, v.csn, v.comment, v.created_at, v.updated_at, v.version,
       v.access_id AS cursor
  FROM connex.access_mine v
 WHERE v.access_id < $1::bigint
 ORDER BY v.access_id DESC
 LIMIT $2::integer;

-- name: access_get
-- params: $1 access_id bigint
SELECT v.* FROM connex.access_mine v WHERE v.access_id = $1::bigint;

-- name: access_request
-- params: $1 asked jsonb
SELECT connex.access_request(p_request => $1::jsonb);

-- The reply to access_request, kept in case the request is repeated with its Idempotency-Key.
-- name: access_requested
SELECT connex.reply_once(201, (to_jsonb(v) || jsonb_build_object('access_id', v.access_id::text, 'provider_account_id',
  v.provider_account_id::text))::json) AS document, v.version
  FROM connex.access_mine v WHERE v.access_id = nullif(current_setting('connex.subject_id', true), '')::bigint;

-- name: access_activate
-- params: $1 access_id bigint, $2 pepper bytea, $3 code text, $4 former_hash bytea
SELECT connex.access_activate($1::bigint, $2::bytea, $3, $4::bytea) AS outcome;

-- Pending requests come first; declined and removed ones are shown only on request (LSO-12). The page is chosen from the
-- rows of access alone, and only its rows are joined with people and provider accounts. The cursor says in which part its row
-- was. If the row were asked for that, a request that is decided meanwhile would take the cursor with it, past all that still
-- wait. The request itself is seen a second time, as what it has become.
-- name: access_managed_list
-- params: $1 status text, $2 after_access_id bigint, $3 after_decided boolean, $4 row_limit integer
WITH page AS MATERIALIZED (
  SELECT a.access_id
    FROM connex.access a
   WHERE a.provider_account_id IN (SELECT unnest(connex.lso_accounts()))
     AND (a.status = $1 OR ($1::text IS NULL AND a.status NOT IN ('declined', 'removed')))
     AND ($2::bigint IS NULL OR (a.status <> 'requested', -a.access_id) > ($3::boolean, -$2::bigint))
   ORDER BY a.status <> 'requested', -a.access_id
   LIMIT $4::integer)
SELECT v.*, v.access_id || '_' || (v.status <> 'requested') AS cursor
  FROM page JOIN connex.access_managed v ON v.access_id = page.access_id
 ORDER BY v.status <> 'requested', -v.access_id;

-- The same list with a search, which has to look at people and provider accounts.
-- name: access_managed_search
-- params: $1 status text, $2 after_access_id bigint, $3 after_decided boolean, $4 row_limit integer, $5 search text
SELECT v.*, v.access_id || '_' || (v.status <> 'requested') AS cursor
  FROM connex.access_managed v
 WHERE (v.status = $1 OR ($1::text IS NULL AND v.status NOT IN ('declined', 'removed')))
   AND (strpos(v.user_id, upper($5)) > 0 OR strpos(lower(v.first_name || ' ' || v.last_name), lower($5)) > 0
        OR strpos(v.npi, $5) > 0 OR strpos(v.ptan, upper($5)) > 0 OR v.tin_last5 = $5)
   AND ($2::bigint IS NULL OR (v.status <> 'requested', -v.access_id) > ($3::boolean, -$2::bigint))
 ORDER BY v.status <> 'requested', -v.access_id
 LIMIT $4::integer;

-- name: access_managed_decide
-- params: $1 access_id bigint, $2 version bigint, $3 decision text, $4 functions text[], $5 lso boolean
-- params: $6 comment text
SELECT d.document, d.version
  FROM connex.access_decide(p_access_id => $1::bigint, p_version => least($2::bigint, 2147483647)::integer, p_decision => $3,
                            p_functions => $4::text[], p_lso => $5::boolean, p_comment => $6) d;

-- Without a status: requests waiting for the contractor, oldest first. If the provider account has a Local Security
-- Officer, that person decides (LSO-10).
-- name: access_desk_list
-- params: $1 status text, $2 after_access_id bigint, $3 row_limit integer
SELECT v.*, v.access_id AS cursor
  FROM connex.access_desk v
 WHERE v.status = coalesce($1, 'requested') AND (v.status <> 'requested' OR NOT connex.access_has_lso(v.provider_account_id))
   AND v.access_id > $2::bigint
 ORDER BY v.access_id
 LIMIT $3::integer;

-- The same list as CSV: the members of the address are columns.
-- name: access_desk_list_csv
-- params: $1 status text, $2 after_access_id bigint, $3 row_limit integer
SELECT v.access_id, v.status, v.user_id, v.first_name, v.last_name, v.email, v.provider_account_id, v.name, v.npi, v.ptan,
       v.tin_last5, v.line_of_business, v.state, v.functions_requested, v.check_number, v.check_amount, v.check_issued_on,
       v.billing_address ->> 'street' AS billing_street, v.billing_address ->> 'city' AS billing_city,
       v.billing_address ->> 'state' AS billing_state, v.billing_address ->> 'zip' AS billing_zip,
       v.comment, v.created_at, v.version, v.contractor_no, v.access_id AS cursor
  FROM connex.access_desk v
 WHERE v.status = coalesce($1, 'requested') AND (v.status <> 'requested' OR NOT connex.access_has_lso(v.provider_account_id))
   AND v.access_id > $2::bigint
 ORDER BY v.access_id
 LIMIT $3::integer;

-- name: access_desk_get
-- params: $1 access_id bigint
SELECT v.* FROM connex.access_desk v WHERE v.access_id = $1::bigint;

-- name: access_desk_decide
-- params: $1 access_id bigint, $2 version bigint, $3 decision text, $4 comment text, $5 pepper bytea
SELECT connex.access_desk_decide(p_access_id => $1::bigint, p_version => least($2::bigint, 2147483647)::integer,
                                 p_decision => $3, p_comment => $4, p_pepper => $5::bytea);
