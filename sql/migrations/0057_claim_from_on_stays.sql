-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Lists of claims page by from_on. If it changed while somebody reads a list, the claim would jump over the place where the next
-- page begins: it would be seen twice, or never. So a claim keeps the day that it came with, and the database refuses any other.
-- A load that brings another day reports it (connex.load_days_kept); the day itself is in the adjudication and its lines.
CREATE FUNCTION connex.claim_from_on_stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; -- sql/rules/claim.sql

-- Only what writes claims waits for this lock, and only a second at a time. Readers do not notice it.
DO $$
DECLARE
  tries integer := 0;
BEGIN
  PERFORM set_config('lock_timeout', '1s', true);
  LOOP
    BEGIN
      LOCK TABLE connex.claim IN SHARE ROW EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      tries := tries + 1;
      IF tries >= 600 THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available',
          MESSAGE = 'a load has held the claims for ten minutes: run migrate again';
      END IF;
    END;
    PERFORM pg_sleep(1);
  END LOOP;
END
$$;
CREATE TRIGGER from_on_stays BEFORE UPDATE OF from_on ON connex.claim FOR EACH ROW
  WHEN (old.from_on IS DISTINCT FROM new.from_on) EXECUTE FUNCTION connex.claim_from_on_stays();
COMMENT ON COLUMN connex.claim.from_on IS
  'First day of service, as the first file with the claim gave it; lists page by it, so it never changes. Where that file names '
  'none: the day received, else the day of the remittance, else of the load. Corrected days are in adjudication and claim_line.';
COMMENT ON COLUMN connex.claim.through_on IS
  'Last day of service, by the newest remittance whose first day is from_on.';

-- migrate:down
