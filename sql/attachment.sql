-- Attachments, stored in pieces as the body is read (fcgi/area/attachment.c).
-- SPDX-License-Identifier: Apache-2.0

-- name: attachment_begin
-- params: $1 file_name text, $2 bytes bigint
SELECT connex.attachment_begin($1, $2::bigint) AS attachment_id;

-- name: attachment_piece
-- params: $1 piece_no integer, $2 content bytea
SELECT connex.attachment_piece_add($1::integer, $2::bytea);

-- name: attachment_finish
-- params: $1 media_type text, $2 bytes bigint, $3 pages integer, $4 sha256 bytea
SELECT connex.reply_once(201, connex.attachment_finish($1, $2::bigint, $3::integer, $4::bytea)) AS document,
       encode($4::bytea, 'hex') AS version;

-- An attachment never changes, so the digest of its content is its version.
-- name: attachment_get
-- params: $1 provider_account_id bigint, $2 attachment_id bigint
SELECT connex.attachment_document(t) AS document, encode(t.sha256, 'hex') AS version
  FROM connex.attachment t
 WHERE t.attachment_id = $2::bigint AND t.provider_account_id = $1::bigint;
