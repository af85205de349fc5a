-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- What grew without end gets a setting to be purged by, and every foreign key that a person, a purge, or an unload goes by has
-- its index: without one, each deleted row reads the whole table that refers to it.
INSERT INTO connex.setting (name, kind, value, default_value, documentation, lowest, highest) VALUES
  ('spent_keep_days', 'integer', '400', '400',
   'Days for which failed mail and jobs, ended tokens, dead access codes, and findings of loads are kept.', 1, 3650);
UPDATE connex.setting
   SET documentation = 'Days for which the text of a sent or failed mail is kept.' WHERE name = 'mail_body_days';

CREATE INDEX access_by_decider ON connex.access (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX access_by_payment ON connex.access (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX access_event_by_user ON connex.access_event (user_account_id) WHERE user_account_id IS NOT NULL;
CREATE INDEX appeal_by_assignee ON connex.appeal (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX appeal_by_decider ON connex.appeal (decided_by) WHERE decided_by IS NOT NULL;
CREATE INDEX appeal_by_filer ON connex.appeal (filed_by);
CREATE INDEX appeal_by_token ON connex.appeal (token_id) WHERE token_id IS NOT NULL;
CREATE INDEX appeal_event_by_user ON connex.appeal_event (user_account_id) WHERE user_account_id IS NOT NULL;
CREATE INDEX attachment_by_account ON connex.attachment (provider_account_id);
CREATE INDEX attachment_by_uploader ON connex.attachment (uploaded_by);
CREATE INDEX beneficiary_by_load ON connex.beneficiary (load_run_id) WHERE load_run_id IS NOT NULL;
CREATE INDEX coverage_by_load ON connex.coverage (load_run_id) WHERE load_run_id IS NOT NULL;
CREATE INDEX letter_by_access ON connex.letter (access_id);
CREATE INDEX letter_by_account ON connex.letter (provider_account_id);
CREATE INDEX outbox_by_user ON connex.outbox (user_account_id) WHERE user_account_id IS NOT NULL;
CREATE INDEX payment_by_load ON connex.payment (load_run_id) WHERE load_run_id IS NOT NULL;
CREATE INDEX provider_account_by_load ON connex.provider_account (load_run_id) WHERE load_run_id IS NOT NULL;
CREATE INDEX remittance_by_load ON connex.remittance (load_run_id) WHERE load_run_id IS NOT NULL;
CREATE INDEX token_provider_account_by_account ON connex.token_provider_account (provider_account_id);
CREATE INDEX user_account_by_last_account ON connex.user_account (last_provider_account_id)
  WHERE last_provider_account_id IS NOT NULL;

-- Hot tables: few rows, each changed or deleted often. At the usual fifth of a table they would be mostly dead rows.
DO $$
DECLARE
  hot text;
BEGIN
  FOREACH hot IN ARRAY ARRAY['idempotency', 'job', 'login_guard', 'mailed_code', 'mailed_code_count', 'outbox', 'session'] LOOP
    EXECUTE format('ALTER TABLE connex.%I SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200,'
      ' autovacuum_analyze_scale_factor = 0.05)', hot);
  END LOOP;
END
$$;

-- migrate:down
