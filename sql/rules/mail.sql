-- The outbox.
-- Re-created on every migrate.
-- SPDX-License-Identifier: Apache-2.0

-- Puts a mail in the outbox, in the transaction that caused it. p_values: {"name": "value"} for {name} in the template.
CREATE OR REPLACE FUNCTION connex.send_mail(p_template text, p_user_account_id bigint, p_to text,
  p_values jsonb) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  t mail_template;
  pair record;
BEGIN
  SELECT * INTO STRICT t FROM mail_template WHERE name = p_template;
  FOR pair IN SELECT key, value FROM jsonb_each_text(p_values) LOOP
    t.subject := replace(t.subject, '{' || pair.key || '}', coalesce(pair.value, ''));
    t.body := replace(t.body, '{' || pair.key || '}', coalesce(pair.value, ''));
  END LOOP;
  INSERT INTO outbox (kind, user_account_id, to_address, subject, body, holds_secret)
  VALUES (t.name, p_user_account_id, p_to, regexp_replace(t.subject, '[\r\n]', ' ', 'g'), t.body, t.holds_secret);
END
$$;
