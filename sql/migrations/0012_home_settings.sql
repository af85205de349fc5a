-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
INSERT INTO connex.setting (name, kind, value, default_value, rule, documentation) VALUES
  ('home_deadline_days', 'integer', '30', '30', '42 CFR 405.942', 'Home tells of denied claims whose last day to appeal comes within so many days.'),
  ('home_remittance_days', 'integer', '7', '7', NULL, 'Home tells of remittances of so many days.'),
  ('home_decision_days', 'integer', '30', '30', NULL, 'Home tells of redeterminations decided within so many days.')
ON CONFLICT (name) DO NOTHING;

-- migrate:down
