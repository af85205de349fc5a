-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Staff belong to contractors: an analyst sees only what belongs to the contractor numbers granted to him or her.
CREATE TABLE connex.staff_contractor (
  user_account_id bigint NOT NULL REFERENCES connex.user_account,
  contractor_no text NOT NULL CHECK (contractor_no ~ '^[0-9]{5}$'),
  granted_at timestamptz NOT NULL DEFAULT connex.now(),
  PRIMARY KEY (user_account_id, contractor_no)
);
COMMENT ON TABLE connex.staff_contractor IS 'The contractor numbers whose work an analyst may see and do.';
COMMENT ON COLUMN connex.staff_contractor.user_account_id IS 'The analyst.';
COMMENT ON COLUMN connex.staff_contractor.contractor_no IS
  'A contractor number granted to the analyst, perhaps before the first file of that contractor is loaded.';
COMMENT ON COLUMN connex.staff_contractor.granted_at IS 'When it was granted.';

-- Until now, every analyst worked for all of them.
INSERT INTO connex.staff_contractor (user_account_id, contractor_no)
SELECT u.user_account_id, c.contractor_no FROM connex.user_account u, connex.contractor c WHERE u.kind = 'analyst';

-- migrate:down
