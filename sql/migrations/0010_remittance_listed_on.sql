-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- The day a remittance is listed by: of payment, else of production (an 835 without BPR16), else last. None is left out.
ALTER TABLE connex.remittance ADD COLUMN listed_on date NOT NULL GENERATED ALWAYS AS (coalesce(paid_on, produced_on, '-infinity'::date)) STORED;
DROP INDEX connex.remittance_by_account;
DROP INDEX IF EXISTS connex.remittance_by_day;
CREATE INDEX remittance_by_account ON connex.remittance (provider_account_id, listed_on DESC, remittance_id DESC);

-- migrate:down
