-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- Claims that were denied more than once: their newest notice is not the one from which the days to appeal run, so home
-- cannot find them by its day. They are few.
CREATE INDEX claim_denied_again ON connex.claim (provider_account_id, finalized_on) WHERE status = 'denied' AND last_adjudication_no > 1;

-- migrate:down
