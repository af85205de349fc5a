-- Evidence, stored in pieces as it is received.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Begins an attachment of the entered provider account. Its pieces and connex.attachment_finish() follow in the same
-- transaction, so that half a file is never stored. p_bytes is the size that the client announced. Raises CX413 if it is
-- over the limit in the settings.
CREATE OR REPLACE FUNCTION connex.attachment_begin(p_file_name text, p_bytes bigint) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  new_id bigint;
BEGIN
  IF entered_right() <> 'claims' THEN
    PERFORM refuse(403, 'no_access', 'You need the Claims function to send attachments.');
  ELSIF p_bytes > setting_integer('attachment_max_bytes') THEN
    PERFORM refuse(413, 'too_large', format('A file may have at most %s MB. Split it into several files.',
                                            setting_integer('attachment_max_bytes') / 1048576));
  END IF;
  INSERT INTO attachment (provider_account_id, uploaded_by, file_name, media_type, bytes, sha256)
  VALUES (entered_account(), entered_user(), p_file_name, 'application/octet-stream', p_bytes, decode(repeat('00', 32),
    'hex'))
  RETURNING attachment_id INTO new_id;
  PERFORM set_config('connex.attachment_id', new_id::text, true), connex.subject('attachment', new_id);
  RETURN new_id;
END
$$;

-- The attachment that this transaction began: it belongs to the entered person and is not finished. A number that was set by
-- hand finds no other attachment.
CREATE OR REPLACE FUNCTION connex.attachment_begun() RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
BEGIN
  RETURN (SELECT a.attachment_id FROM attachment a
           WHERE a.attachment_id = nullif(current_setting('connex.attachment_id', true), '')::bigint
             AND a.uploaded_by = entered_user() AND a.provider_account_id = entered_account()
             AND a.sha256 = decode(repeat('00', 32), 'hex'));
END
$$;

-- Stores one piece of the attachment that this transaction began.
CREATE OR REPLACE FUNCTION connex.attachment_piece_add(p_piece_no integer, p_content bytea) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
  INSERT INTO attachment_piece (attachment_id, piece_no, content)
  VALUES (connex.attachment_begun(), p_piece_no, p_content)
$$;

-- An attachment as the API shows it (schema Attachment).
CREATE OR REPLACE FUNCTION connex.attachment_document(t connex.attachment) RETURNS json
  LANGUAGE sql STABLE AS $$
  SELECT json_build_object('attachment_id', t.attachment_id::text, 'file_name', t.file_name, 'media_type', t.media_type,
                           'bytes', t.bytes::text, 'pages', t.pages, 'sha256', encode(t.sha256, 'hex'), 'created_at',
                             connex.iso(t.created_at))
$$;

-- Finishes it with what was found in its content, and returns it.
CREATE OR REPLACE FUNCTION connex.attachment_finish(p_media_type text, p_bytes bigint, p_pages integer,
  p_sha256 bytea) RETURNS json
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  t attachment;
BEGIN
  UPDATE attachment SET media_type = p_media_type, bytes = p_bytes, pages = p_pages, sha256 = p_sha256
   WHERE attachment_id = attachment_begun() RETURNING * INTO STRICT t;
  RETURN attachment_document(t);
END
$$;
