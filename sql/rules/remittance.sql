-- Remittances on the home page.
-- SPDX-License-Identifier: Apache-2.0

-- Home: recent remittances, with one line for each provider account and one line for the rest. At most 1,000 are counted; if
-- there are more, every line says "at least", and the last one says why.
CREATE OR REPLACE FUNCTION connex.attention_remittance(p_analyst boolean) RETURNS SETOF connex.attention_item
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = connex, pg_temp AS $$
DECLARE
  today date := connex.today();
  days integer := setting_integer('home_remittance_days');
  shown_most CONSTANT integer := 20;   -- accounts that get a line of their own
BEGIN
  IF p_analyst THEN
    RETURN;
  END IF;
  RETURN QUERY
    WITH fresh AS MATERIALIZED (
      SELECT r.provider_account_id, r.remittance_id FROM remittance r
       WHERE r.provider_account_id = ANY (my_accounts('financials')) AND r.listed_on BETWEEN today - days AND today LIMIT 1001
    ), by_account AS (
      SELECT f.provider_account_id, a.name, count(*) AS number, min(f.remittance_id) AS remittance_id,
             row_number() OVER (ORDER BY count(*) DESC, a.name, f.provider_account_id) AS place,
             (SELECT count(*) FROM fresh) > 1000 AS capped
        FROM fresh f JOIN provider_account a ON a.provider_account_id = f.provider_account_id
       GROUP BY f.provider_account_id, a.name
    )
    SELECT 'new_remittance', b.number::integer,
           format('%s%s in the last %s days', CASE WHEN b.capped AND b.number < 1000 THEN 'At least ' END,
                  counted(b.number, 'remittance', 'remittances'), days),
           NULL::date, b.provider_account_id, b.name, CASE b.number WHEN 1 THEN b.remittance_id END
      FROM by_account b WHERE b.place <= shown_most
     UNION ALL
    SELECT 'new_remittance', sum(b.number)::integer,
           format('%s%s for %s', CASE WHEN bool_or(b.capped) AND sum(b.number) < 1000 THEN 'At least ' END,
                  counted(sum(b.number)::bigint, 'other remittance', 'other remittances'),
                  counted(count(*), 'other provider account', 'other provider accounts')),
           NULL, NULL, NULL, NULL
      FROM by_account b WHERE b.place > shown_most HAVING count(*) > 0
     UNION ALL
    SELECT 'new_remittance', 1000,
           'Only 1,000 new remittances are counted here. To see all, open the remittances of a provider account.',
           NULL, NULL, NULL, NULL
      FROM fresh HAVING count(*) > 1000;
END
$$;
