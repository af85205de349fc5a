-- migrate:up transaction:false
-- SPDX-License-Identifier: Apache-2.0
-- Drops the partitions, each in its own transaction: all at once would take more locks than a PostgreSQL with default settings
-- has.
DO $$
DECLARE
  t text;
  month regclass;
BEGIN
  FOREACH t IN ARRAY ARRAY['claim_monthly', 'adjudication_monthly', 'claim_line_monthly', 'claim_adjustment_monthly'] LOOP
    CONTINUE WHEN to_regclass('connex.' || t) IS NULL;
    LOOP
      SELECT i.inhrelid::regclass INTO month FROM pg_inherits i WHERE i.inhparent = to_regclass('connex.' || t) LIMIT 1;
      EXIT WHEN NOT FOUND;
      EXECUTE format('DROP TABLE %s', month);
      COMMIT;
    END LOOP;
    EXECUTE format('DROP TABLE connex.%I', t);
    COMMIT;
  END LOOP;
END
$$;

-- migrate:down
