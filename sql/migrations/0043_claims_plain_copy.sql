-- migrate:up transaction:false
-- SPDX-License-Identifier: Apache-2.0
-- Copies claims into the plain tables of 0042, a few thousand in each transaction. It is one statement, because it commits and
-- dbmate sends the whole file at once. If it is interrupted, it continues from where it was. Loads continue between the steps:
-- a step takes the same lock as a load, so that neither waits for the other's rows. Rows that the triggers copied first stay.
DO $$
DECLARE
  step CONSTANT integer := 2000;
  after_id bigint;
  to_id bigint;
BEGIN
  IF to_regclass('connex.claim_move') IS NULL THEN
    RETURN;
  END IF;
  -- If migrate is killed, its copy must end too. A second migrate waits for the first.
  PERFORM set_config('client_connection_check_interval', '1s', false);
  PERFORM pg_advisory_lock(hashtext('connex.claim_move'));
  COMMIT;
  LOOP
    EXIT WHEN to_regclass('connex.claim_move') IS NULL;   -- another migrate has gone on to the swap
    PERFORM pg_advisory_xact_lock(hashtext('connex.load_remittance'));
    SELECT m.copied_through INTO after_id FROM connex.claim_move m;
    EXIT WHEN after_id = 9223372036854775807;
    SELECT max(s.claim_id) INTO to_id
      FROM (SELECT c.claim_id FROM connex.claim c WHERE c.claim_id > after_id ORDER BY c.claim_id LIMIT step) s;
    to_id := coalesce(to_id, 9223372036854775807);        -- the last step also copies children without a claim
    INSERT INTO connex.claim_plain
      SELECT * FROM connex.claim c WHERE c.claim_id > after_id AND c.claim_id <= to_id ON CONFLICT DO NOTHING;
    INSERT INTO connex.adjudication_plain
      SELECT * FROM connex.adjudication a WHERE a.claim_id > after_id AND a.claim_id <= to_id ON CONFLICT DO NOTHING;
    INSERT INTO connex.claim_line_plain
      SELECT * FROM connex.claim_line l WHERE l.claim_id > after_id AND l.claim_id <= to_id ON CONFLICT DO NOTHING;
    INSERT INTO connex.claim_adjustment_plain
      SELECT * FROM connex.claim_adjustment j WHERE j.claim_id > after_id AND j.claim_id <= to_id ON CONFLICT DO NOTHING;
    UPDATE connex.claim_move SET copied_through = to_id;
    COMMIT;
  END LOOP;
  -- The first plans for the new tables must not be those for empty ones.
  IF to_regclass('connex.claim_move') IS NOT NULL THEN
    ANALYZE connex.claim_plain, connex.adjudication_plain, connex.claim_line_plain, connex.claim_adjustment_plain;
  END IF;
  PERFORM pg_advisory_unlock(hashtext('connex.claim_move'));
END
$$;

-- migrate:down
