-- migrate:up transaction:false
-- SPDX-License-Identifier: Apache-2.0
-- Reads every row once, while others read and write.
ALTER TABLE connex.claim_line VALIDATE CONSTRAINT claim_line_adjustments_check;
ALTER TABLE connex.adjudication VALIDATE CONSTRAINT adjudication_adjustments_check;

-- migrate:down
