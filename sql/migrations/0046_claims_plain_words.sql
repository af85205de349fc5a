-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Comments and settings that described the monthly partitions; see 0042.
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['claim_key', 'claim', 'adjudication', 'claim_line', 'claim_adjustment', 'appeal'] LOOP
    EXECUTE format('COMMENT ON COLUMN connex.%I.claim_id IS %L', t,
      'The claim. Its high bits are its month, so that an old year is one range of numbers.');
  END LOOP;
END
$$;
DELETE FROM connex.setting WHERE name = 'partition_months_back';
UPDATE connex.setting SET documentation = 'Monthly partitions of the audit trail made ahead of time.'
 WHERE name = 'partition_months_ahead';

-- migrate:down
