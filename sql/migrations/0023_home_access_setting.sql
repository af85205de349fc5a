-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
INSERT INTO connex.setting (name, kind, value, default_value, rule, documentation) VALUES
  ('home_access_days', 'integer', '14', '14', NULL, 'Home tells a person of decisions on his access made within so many days.')
ON CONFLICT (name) DO NOTHING;

-- migrate:down
