-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- What the jobs daemon needs beside the outbox: the clocks of its housekeeping.
INSERT INTO connex.setting (name, kind, value, default_value, rule, documentation)
SELECT name, kind, value, value, rule, documentation FROM (VALUES
  ('mail_secret_hours', 'integer', '24', 'MFA-02', 'Hours after which a mail with a code is no longer sent: the code is dead by then.'),
  ('mail_keep_days', 'integer', '400', NULL, 'Days for which the daemon keeps that a mail was sent, to whom and when.'),
  ('letter_pdf_days', 'integer', '60', 'LSO-04', 'Days a printed letter''s PDF is kept for a reprint; then it is wiped, since it shows the code.'),
  ('session_keep_days', 'integer', '1', NULL, 'Days an ended session''s row is kept. The audit trail keeps its number.'),
  ('code_keep_days', 'integer', '2', NULL, 'Days a dead mailed code''s hash is kept.'),
  ('idempotency_hours', 'integer', '48', NULL, 'Hours for which an Idempotency-Key gives the same answer again.'),
  ('attachment_unused_days', 'integer', '30', NULL, 'Days an uploaded file is kept that was never filed with a request.')
) AS given (name, kind, value, rule, documentation);

GRANT SELECT ON connex.contractor TO connex_jobs;

-- A code somebody waits for at the screen goes before all other mail.
CREATE INDEX outbox_waiting_secret ON connex.outbox (next_try_at) WHERE state = 'waiting' AND holds_secret;
CREATE INDEX outbox_body ON connex.outbox (sent_at) WHERE state = 'sent' AND body IS NOT NULL;
CREATE INDEX session_ends ON connex.session (ends_at);

-- A printed letter's PDF is wiped in time: it is the code's only copy (LSO-06).
ALTER TABLE connex.letter DROP CONSTRAINT letter_check1;
ALTER TABLE connex.letter ADD CONSTRAINT letter_pdf_when_rendered
  CHECK (CASE status WHEN 'rendered' THEN pdf IS NOT NULL WHEN 'printed' THEN true ELSE pdf IS NULL END);

-- migrate:down
