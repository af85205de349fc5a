-- The floor of the session: see claim.sql.
-- SPDX-License-Identifier: Apache-2.0
\startpipeline
SELECT s.*, u.user_id, u.kind, u.first_name, u.last_name, u.email, u.email_verified_at, u.mobile_phone, u.time_zone,
       c.changed_at, c.temporary
  FROM connex.session s JOIN connex.user_account u ON u.user_account_id = s.user_account_id
  JOIN connex.credential c ON c.user_account_id = s.user_account_id
 WHERE s.secret_hash = :hash::bytea;
SELECT DISTINCT lso, functions FROM connex.access a JOIN connex.session s ON s.user_account_id = a.user_account_id
 WHERE s.secret_hash = :hash::bytea AND a.status = 'approved';
\endpipeline
