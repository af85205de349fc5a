-- migrate:up transaction:false
-- SPDX-License-Identifier: Apache-2.0
-- Fills the arrays of 0053, a few thousand claims in each transaction. It is one statement, because it commits and dbmate sends
-- the whole file at once. If it is interrupted, it continues from where it was. Loads continue between the steps.
DO $$
DECLARE
  step CONSTANT integer := 2000;
  after_id bigint;
  to_id bigint;
BEGIN
  IF to_regclass('connex.adjustment_move') IS NULL THEN
    RETURN;
  END IF;
  -- If migrate is killed, its copy must end too. A second migrate waits for the first.
  PERFORM set_config('client_connection_check_interval', '1s', false);
  PERFORM pg_advisory_lock(hashtext('connex.adjustment_move'));
  COMMIT;
  LOOP
    EXIT WHEN to_regclass('connex.adjustment_move') IS NULL;   -- another migrate has gone on
    PERFORM pg_advisory_xact_lock(hashtext('connex.load_remittance'));
    SELECT m.copied_through INTO after_id FROM connex.adjustment_move m;
    EXIT WHEN after_id = 9223372036854775807;
    SELECT max(s.claim_id) INTO to_id
      FROM (SELECT DISTINCT a.claim_id FROM connex.adjudication a WHERE a.claim_id > after_id ORDER BY a.claim_id LIMIT step) s;
    to_id := coalesce(to_id, 9223372036854775807);
    IF connex.adjustment_fold(after_id, to_id) <> 0 THEN
      RAISE EXCEPTION 'adjustments of claims % to % belong to no line and no adjudication', after_id + 1, to_id
        USING HINT = 'Delete them from connex.claim_adjustment, and run migrate again.';
    END IF;
    UPDATE connex.adjustment_move SET copied_through = to_id;
    COMMIT;
  END LOOP;
  PERFORM pg_advisory_unlock(hashtext('connex.adjustment_move'));
END
$$;

-- migrate:down
