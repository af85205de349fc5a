-- migrate:up transaction:false
-- SPDX-License-Identifier: Apache-2.0
-- Every answer writes an audit row, and each index of the current month makes every answer dearer. So only the index that the
-- portal itself asks stays (who did what); a month that is over gets the others again from the jobs daemon, one after another
-- (connex.audit_month_index). Dropping them needs a moment without readers: it is tried for 50 ms at a time.
DO $$
DECLARE
  one text;
BEGIN
  SET lock_timeout = '50ms';
  FOREACH one IN ARRAY ARRAY['event_by_subject', 'event_by_account'] LOOP
    WHILE to_regclass('audit.' || one) IS NOT NULL LOOP
      BEGIN
        EXECUTE format('DROP INDEX audit.%I', one);
      EXCEPTION WHEN lock_not_available THEN
        PERFORM pg_sleep(0.2);
      END;
      COMMIT;
    END LOOP;
  END LOOP;
  RESET lock_timeout;
END
$$;

-- migrate:down
