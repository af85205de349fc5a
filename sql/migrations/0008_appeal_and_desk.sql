-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- How long the next level stays open, for what is said after a decision.
INSERT INTO connex.deadline_rule (kind, effective_on, days, presumed_receipt_days, citation) VALUES
  ('reconsideration', '2000-01-01', 180, 5, '42 CFR 405.962(a)'),
  ('dismissal_review', '2000-01-01', 60, 5, '42 CFR 405.974(b)')
ON CONFLICT DO NOTHING;

-- The desk pages closed cases by their day; home looks for denials whose last day comes near.
CREATE INDEX appeal_by_status ON connex.appeal (status, decision_due_on, appeal_id);
CREATE INDEX appeal_decided ON connex.appeal (provider_account_id, decided_at DESC) WHERE decided_at IS NOT NULL;
CREATE INDEX claim_denied ON connex.claim (provider_account_id, finalized_on) WHERE status = 'denied';
CREATE INDEX claim_by_patient_control ON connex.claim (provider_account_id, patient_control_no);

-- migrate:down
