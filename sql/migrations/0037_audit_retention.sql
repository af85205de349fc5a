-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- How long the audit trail is kept, and no TRUNCATE of one of its months: the table's own trigger is not asked there.
INSERT INTO connex.setting (name, kind, value, default_value, rule, documentation) VALUES
  ('audit_keep_months', 'integer', '120', '120', '45 CFR 164.316(b)(2), 42 CFR 422.504(d)',
   'Whole months of the audit trail that are kept; the jobs daemon drops older ones for good.');
COMMENT ON TABLE audit.event IS
  'Who saw or did what, when, from where. Nobody updates, deletes, or truncates; the jobs daemon drops whole months by '
  'audit_keep_months.';
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN SELECT inhrelid::regclass AS name FROM pg_inherits WHERE inhparent = 'audit.event'::regclass LOOP
    EXECUTE format('CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON %s'
      ' FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()', one.name);
  END LOOP;
END
$$;

-- migrate:down
