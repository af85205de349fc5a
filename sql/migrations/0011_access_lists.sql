-- migrate:up
-- Lists of access in time that does not grow with the table: the accounts of a Local Security Officer are gathered once a
-- statement (a hashed sub-select) and not once a row, and a person's own rows have an index.
-- SPDX-License-Identifier: Apache-2.0
CREATE INDEX access_by_user ON connex.access (user_account_id, access_id);
ALTER POLICY mine ON connex.access
  USING (user_account_id = (SELECT connex.entered_user())
         OR ((SELECT connex.entered_right()) = 'lso' AND provider_account_id IN (SELECT unnest(connex.lso_accounts())))
         OR (SELECT connex.entered_right()) = 'analyst');
ALTER POLICY mine ON connex.provider_account
  USING (provider_account_id = (SELECT connex.entered_account()) OR (SELECT connex.entered_right()) = 'analyst'
         OR EXISTS (SELECT FROM connex.access a WHERE a.provider_account_id = provider_account.provider_account_id));
ALTER POLICY mine ON connex.user_account
  USING (user_account_id = (SELECT connex.entered_user()) OR (SELECT connex.entered_right()) = 'analyst'
         OR ((SELECT connex.entered_right()) = 'lso'
             AND EXISTS (SELECT FROM connex.access a WHERE a.user_account_id = user_account.user_account_id)));

-- migrate:down
