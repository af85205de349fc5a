-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- A report's timeout that its reader cannot lift (sql/rules/jobs.sql).
INSERT INTO connex.setting (name, kind, value, default_value, documentation, lowest, highest) VALUES
  ('report_max_minutes', 'integer', '10', '10',
   'Minutes after which the jobs daemon ends a transaction of the report role, whatever timeout its session has set.', 1, 1440);

-- migrate:down
