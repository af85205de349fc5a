-- migrate:up
-- SPDX-License-Identifier: Apache-2.0
-- lib/medicare/coverage.c puts the coverage of an answer into words and order, which cost PostgreSQL more than reading the
-- rows. The columns stay for the workers of the version before, which read them until they are reloaded.
COMMENT ON COLUMN connex.coverage_kind.words IS
  'What people call it. For reports: an answer takes it from lib/medicare/coverage.c.';
COMMENT ON COLUMN connex.coverage_kind.ordinal IS
  'Place in an answer. For reports: an answer takes it from lib/medicare/coverage.c.';
COMMENT ON COLUMN connex.coverage_kind.alert_ordinal IS
  'No longer used: lib/medicare/coverage.c has the order of the alerts.';

-- migrate:down
