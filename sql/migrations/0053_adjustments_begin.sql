-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Adjustments (X12 835 CAS) move into the row of what they adjust: arrays of one length in connex.claim_line and, for the whole
-- claim, in connex.adjudication. They were the most rows of all, 60 in 100 of what a load writes; nobody asks for one without
-- its line; and a claim's page read two tables for it. connex.claim_adjustment becomes a view of the arrays.
--
-- This is done in place by four migrations, each of which may be interrupted and run again:
--   0053  adds the columns, and triggers that keep them in step with what a load of the version before writes
--   0054  fills them, in small transactions, and records its progress
--   0055  replaces the table by the view in one short transaction
--   0056  checks that the arrays of each row are of one length
-- scripts/migrate runs 0053, 0054, and 0056 before the others, like 0042 to 0045: the copy and the check may take minutes, during
-- which the running version must find everything it knows.
DO $$
DECLARE
  found text;
  tries integer := 0;
  t text;
BEGIN
  IF to_regclass('connex.adjustment_move') IS NOT NULL
     OR (SELECT relkind FROM pg_class WHERE oid = 'connex.claim_adjustment'::regclass) <> 'r' THEN
    RETURN;
  END IF;
  -- 0055 re-creates our own views. Another owner's view would still read the table, and keep it from being dropped.
  SELECT string_agg(DISTINCT v.oid::regclass::text, ', ') INTO found
    FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
   WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
     AND d.refobjid = 'connex.claim_adjustment'::regclass AND NOT pg_has_role(v.relowner, 'USAGE');
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'these views read connex.claim_adjustment, which becomes a view, and do not belong to connex_owner: %', found
      USING HINT = 'Drop them, run migrate, and create them again.';
  END IF;
  -- While this waits for a lock, readers wait behind it: at most 200 ms, and then they go on before the next try.
  PERFORM set_config('lock_timeout', '200ms', true);
  LOOP
    BEGIN
      LOCK TABLE connex.adjudication, connex.claim_line, connex.claim_adjustment IN ACCESS EXCLUSIVE MODE;
      EXIT;
    EXCEPTION WHEN lock_not_available THEN
      tries := tries + 1;
      IF tries >= 300 THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available',
          MESSAGE = 'claims have been read or loaded for ten minutes without a pause: run migrate again';
      END IF;
    END;
    PERFORM pg_sleep(2);
  END LOOP;

  FOREACH t IN ARRAY ARRAY['adjudication', 'claim_line'] LOOP
    EXECUTE format($sql$
      ALTER TABLE connex.%1$I ADD COLUMN adjustment_groups text[] NOT NULL DEFAULT '{}',
        ADD COLUMN adjustment_reasons text[] NOT NULL DEFAULT '{}',
        ADD COLUMN adjustment_amounts numeric(12,2)[] NOT NULL DEFAULT '{}',
        ADD COLUMN adjustment_quantities numeric(12,3)[] NOT NULL DEFAULT '{}',
        ADD CONSTRAINT %2$I CHECK (cardinality(adjustment_reasons) = cardinality(adjustment_groups)
          AND cardinality(adjustment_amounts) = cardinality(adjustment_groups)
          AND cardinality(adjustment_quantities) IN (0, cardinality(adjustment_groups))) NOT VALID;
      COMMENT ON COLUMN connex.%1$I.adjustment_groups IS
        'Of its adjustments, in their order: the group, CO, PR, OA, PI, or CR (X12 835 CAS01).';
      COMMENT ON COLUMN connex.%1$I.adjustment_reasons IS
        'Of the same adjustments: the claim adjustment reason code, CARC (X12 835 CAS02).';
      COMMENT ON COLUMN connex.%1$I.adjustment_amounts IS 'Of the same adjustments: the amount (X12 835 CAS03).';
      COMMENT ON COLUMN connex.%1$I.adjustment_quantities IS
        'Of the same adjustments: the quantity (X12 835 CAS04). Empty if none has one.';
      $sql$, t, t || '_adjustments_check');
  END LOOP;

  -- Writes the adjustments of these claims as arrays, and returns how many lists have no row to be in. The trigger and the
  -- copy use it.
  CREATE FUNCTION connex.adjustment_fold(p_from bigint, p_through bigint) RETURNS bigint LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = connex, pg_temp AS $fold$
  DECLARE
    homeless bigint;
  BEGIN
    WITH folded AS MATERIALIZED (
      SELECT j.claim_id, j.adjudication_no, j.line_no, array_agg(j.group_code ORDER BY j.adjustment_no) AS groups,
             array_agg(j.reason_code ORDER BY j.adjustment_no) AS reasons,
             array_agg(j.amount ORDER BY j.adjustment_no) AS amounts,
             CASE WHEN bool_or(j.quantity IS NOT NULL) THEN array_agg(j.quantity ORDER BY j.adjustment_no) ELSE '{}' END
               AS quantities
        FROM claim_adjustment j WHERE j.claim_id > p_from AND j.claim_id <= p_through
       GROUP BY j.claim_id, j.adjudication_no, j.line_no),
    of_lines AS (
      UPDATE claim_line l
         SET adjustment_groups = f.groups, adjustment_reasons = f.reasons, adjustment_amounts = f.amounts,
             adjustment_quantities = f.quantities
        FROM folded f WHERE (l.claim_id, l.adjudication_no, l.line_no) = (f.claim_id, f.adjudication_no, f.line_no)
      RETURNING 1),
    of_claims AS (
      UPDATE adjudication a
         SET adjustment_groups = f.groups, adjustment_reasons = f.reasons, adjustment_amounts = f.amounts,
             adjustment_quantities = f.quantities
        FROM folded f WHERE f.line_no = 0 AND (a.claim_id, a.adjudication_no) = (f.claim_id, f.adjudication_no)
      RETURNING 1)
    SELECT (SELECT count(*) FROM folded) - (SELECT count(*) FROM of_lines) - (SELECT count(*) FROM of_claims) INTO homeless;
    RETURN homeless;
  END
  $fold$;
  CREATE FUNCTION connex.adjustment_follow() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = connex, pg_temp AS $follow$
  BEGIN
    PERFORM adjustment_fold(c.claim_id - 1, c.claim_id) FROM (SELECT DISTINCT n.claim_id FROM changed n) c;
    RETURN NULL;
  END
  $follow$;
  CREATE TRIGGER follow_insert AFTER INSERT ON connex.claim_adjustment REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION connex.adjustment_follow();
  CREATE TRIGGER follow_update AFTER UPDATE ON connex.claim_adjustment REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION connex.adjustment_follow();
  -- The progress of the copy: the adjustments of all claims up to this number. Dropped by 0055.
  CREATE TABLE connex.adjustment_move AS SELECT (-1)::bigint AS copied_through;
END
$$;

-- migrate:down
