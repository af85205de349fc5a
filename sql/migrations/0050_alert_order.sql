-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The order of the alerts of an eligibility answer, beside the order of the coverage.
SET LOCAL lock_timeout = '900ms';
ALTER TABLE connex.coverage_kind ADD COLUMN alert_ordinal integer;
UPDATE connex.coverage_kind k SET alert_ordinal = a.ordinal
  FROM (VALUES ('part_a', 2), ('part_b', 2), ('medicare_advantage', 3), ('msp', 4), ('qmb', 5), ('hospice', 6),
               ('home_health', 7), ('part_a_deductible', 8), ('part_b_deductible', 8)) a(kind, ordinal)
 WHERE a.kind = k.kind;
COMMENT ON COLUMN connex.coverage_kind.alert_ordinal IS
  'Place among the alerts of an answer, after a date of death (1); null: never an alert.';

-- migrate:down
