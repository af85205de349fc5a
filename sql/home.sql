-- Home: what needs attention (sql/rules/home.sql).
-- SPDX-License-Identifier: Apache-2.0

-- name: home_get
SELECT json_build_object('attention', coalesce(json_agg(json_build_object(
         'kind', i.kind, 'count', i.count, 'words', i.words, 'due_on', i.due_on, 'provider_account_id',
           i.provider_account_id::text,
         'provider_account_name', i.provider_account_name, 'subject_id', i.subject_id::text) ORDER BY i.ordinal),
           '[]')) AS document
  FROM connex.attention() WITH ORDINALITY
       i (kind, count, words, due_on, provider_account_id, provider_account_name, subject_id, ordinal);
