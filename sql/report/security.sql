-- What was refused to whom. Ask for a range of days: the audit trail is read by its time.
-- SPDX-License-Identifier: Apache-2.0

CREATE OR REPLACE VIEW report.security_event AS
SELECT e.at, e.request_id, report.masked(u.user_id) AS masked_user, e.user_account_id, e.session_id, e.token_id, e.address,
       e.action, (e.detail->>'status')::integer AS status, e.detail->>'code' AS code, e.detail->>'operation' AS operation,
       e.provider_account_id, e.subject_kind, e.subject_id
  FROM audit.event e
  LEFT JOIN connex.user_account u ON u.user_account_id = e.user_account_id
 WHERE e.action IN ('refused', 'seal_refused', 'log_in_failed', 'log_in_locked', 'log_in_suspended', 'email_verify_failed',
                    'security_code_failed', 'recovery_code_failed', 'access_code_failed');
COMMENT ON VIEW report.security_event IS 'Every refusal: requests without a good credential or right, failed log-ins, wrong '
  'codes, and forged seals.';
COMMENT ON COLUMN report.security_event.at IS 'When it was refused.';
COMMENT ON COLUMN report.security_event.request_id IS 'The request''s number, which nginx''s log and the workers'' log have too.';
COMMENT ON COLUMN report.security_event.masked_user IS 'The user ID of the person whose credential it was, masked; null: nobody '
  'is known.';
COMMENT ON COLUMN report.security_event.user_account_id IS 'The person''s number in Connex.';
COMMENT ON COLUMN report.security_event.session_id IS 'The session''s number, when it was a session.';
COMMENT ON COLUMN report.security_event.token_id IS 'The token''s number, when it was a token.';
COMMENT ON COLUMN report.security_event.address IS 'The network address that it came from.';
COMMENT ON COLUMN report.security_event.action IS 'refused (by the API), or what failed.';
COMMENT ON COLUMN report.security_event.status IS 'The answer''s HTTP status: 401, 403, 404, 429.';
COMMENT ON COLUMN report.security_event.code IS 'The answer''s code word.';
COMMENT ON COLUMN report.security_event.operation IS 'The operationId that was asked for.';
COMMENT ON COLUMN report.security_event.provider_account_id IS 'The provider account that was asked for, whether there is one or '
  'not.';
COMMENT ON COLUMN report.security_event.subject_kind IS 'What was asked for, such as claim.';
COMMENT ON COLUMN report.security_event.subject_id IS 'Its number, whether there is one or not.';
