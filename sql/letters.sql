-- Statements of connex letters (cli/letters.c), as role connex_jobs.
-- SPDX-License-Identifier: Apache-2.0

-- name: letters_lock
-- Only one `connex letters` runs at a time. The lock is released with the connection.
SELECT pg_try_advisory_lock(hashtext('connex.letters')) AS locked;

-- name: letters_next
-- params: $1 after_letter_id bigint
SELECT letter_id, kind, pdf FROM connex.letter WHERE status = 'rendered' AND letter_id > $1::bigint ORDER BY letter_id LIMIT 1;

-- name: letters_printed
-- params: $1 letter_id bigint
SELECT connex.letter_printed($1::bigint) AS printed;

-- name: letters_count
SELECT count(*) FILTER (WHERE status = 'queued') AS queued, count(*) FILTER (WHERE status = 'failed') AS failed
  FROM connex.letter;
