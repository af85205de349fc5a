-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Replaces the table connex.claim_adjustment by a view with the same columns, which reads the arrays with its reader's rights.
-- Our own views that read the table are re-created to read the view, so that the running version keeps working; migrate
-- re-creates rules, policies, and reports from their files afterwards.
DO $$
DECLARE
  views jsonb;
  one record;
  tries integer := 0;
BEGIN
  PERFORM set_config('search_path', 'connex', true);
  PERFORM set_config('lock_timeout', '200ms', true);
  LOOP
    BEGIN
      IF to_regclass('connex.adjustment_move') IS NULL THEN
        RETURN;
      END IF;
      LOCK TABLE connex.claim_adjustment IN ACCESS EXCLUSIVE MODE;
      IF (SELECT m.copied_through FROM connex.adjustment_move m) <> 9223372036854775807 THEN
        RAISE EXCEPTION 'the adjustments are not all copied: run migrate again';
      END IF;
      SELECT coalesce(jsonb_agg(v.words), '[]') INTO views
        FROM (SELECT DISTINCT jsonb_build_object('name', c.oid::regclass::text, 'definition', pg_get_viewdef(c.oid), 'options',
                       (SELECT format('WITH (%s)', string_agg(o, ', ')) FROM unnest(c.reloptions) o HAVING count(*) > 0)) AS words
                FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class c ON c.oid = r.ev_class
               WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND c.relkind = 'v'
                 AND d.refobjid = 'connex.claim_adjustment'::regclass) v;
      ALTER TABLE connex.claim_adjustment RENAME TO claim_adjustment_rows;
      CREATE VIEW connex.claim_adjustment WITH (security_invoker = true) AS
        SELECT l.claim_id, l.adjudication_no, l.line_no, a.adjustment_no::integer, l.provider_account_id, a.group_code,
               a.reason_code, a.amount::numeric(12,2), a.quantity::numeric(12,3)
          FROM connex.claim_line l
         CROSS JOIN LATERAL unnest(l.adjustment_groups, l.adjustment_reasons, l.adjustment_amounts, l.adjustment_quantities)
                            WITH ORDINALITY a (group_code, reason_code, amount, quantity, adjustment_no)
         UNION ALL
        SELECT d.claim_id, d.adjudication_no, 0, a.adjustment_no::integer, d.provider_account_id, a.group_code,
               a.reason_code, a.amount::numeric(12,2), a.quantity::numeric(12,3)
          FROM connex.adjudication d
         CROSS JOIN LATERAL unnest(d.adjustment_groups, d.adjustment_reasons, d.adjustment_amounts, d.adjustment_quantities)
                            WITH ORDINALITY a (group_code, reason_code, amount, quantity, adjustment_no);
      FOR one IN SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
                   FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
                  WHERE c.oid = 'connex.claim_adjustment_rows'::regclass AND a.grantee <> c.relowner
                    AND a.privilege_type = 'SELECT' LOOP
        EXECUTE format('GRANT SELECT ON connex.claim_adjustment TO %s', one.grantee);
      END LOOP;
      FOR one IN SELECT v->>'name' AS name, v->>'options' AS options, v->>'definition' AS definition
                   FROM jsonb_array_elements(views) v LOOP
        EXECUTE format('CREATE OR REPLACE VIEW %s %s AS %s', one.name, one.options, one.definition);
      END LOOP;
      DROP TABLE connex.claim_adjustment_rows;
      DROP FUNCTION connex.adjustment_follow();
      DROP FUNCTION connex.adjustment_fold(bigint, bigint);
      DROP TABLE connex.adjustment_move;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      tries := tries + 1;
      IF tries >= 300 THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = 'somebody reads claims without an end: run migrate again';
      END IF;
    END;
    PERFORM pg_sleep(2);
  END LOOP;
END
$$;

-- migrate:down
