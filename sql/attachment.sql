-- Attachments, stored in pieces while the body is read (fcgi/area/attachment.c).
-- SPDX-License-Identifier: Apache-2.0

-- name: attachment_begin
-- params: $1 file name, $2 bytes as announced
SELECT connex.attachment_begin($1, $2::bigint) AS attachment_id;

-- name: attachment_piece
-- params: $1 piece number, $2 content bytea (binary)
SELECT connex.attachment_piece_add($1::integer, $2::bytea);

-- name: attachment_finish
-- params: $1 media type, $2 bytes, $3 pages or null, $4 SHA-256 bytea (binary)
SELECT connex.attachment_finish($1, $2::bigint, $3::integer, $4::bytea) AS document;
