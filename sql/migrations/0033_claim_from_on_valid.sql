-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Where an old row has none: the same as the load takes, at last the month that the claim's number carries.
UPDATE connex.claim
   SET from_on = coalesce(received_on, finalized_on, status_on,
                          ('2000-01-01'::date + make_interval(months => (claim_id >> 40)::integer))::date)
 WHERE from_on IS NULL;
ALTER TABLE connex.claim VALIDATE CONSTRAINT claim_from_on_known;

-- migrate:down
