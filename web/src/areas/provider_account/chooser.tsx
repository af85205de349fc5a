// Choosing a provider account, which then stays chosen.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, ok } from '../../api/client';
import { words } from '../../api/problem';
import { Id, Note, Status } from '../../ui/bits';
import { functionWords, LINES_OF_BUSINESS, wordsOf } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { Search } from '../../ui/search';
import { useSession } from '../session/session';
import { type AccountSummary, after, choose } from './account';

export default function Chooser() {
  const { query: url, path, route } = useLocation();
  const client = useQueryClient();
  const me = useSession().data;
  const [error, setError] = useState<unknown>();
  const [q, setQ] = useState(''); // it may be a name: it stays out of the address
  const list = useList({
    key: ['provider-accounts'],
    filter: { q: q || undefined },
    find: (body) => ok(api.POST('/api/v1/provider-account-searches', { body })),
  });
  const chosen = me?.provider_account?.provider_account_id;

  const pick = async (account: AccountSummary) => {
    try {
      if (account.provider_account_id !== chosen) await choose(client, account.provider_account_id);
      // unless the person has opened another page while the answer was on its way
      if (location.pathname === path) route(after(account.provider_account_id, url));
    } catch (problem) {
      setError(problem);
    }
  };

  return (
    <Page
      title="Choose a provider account"
      lead="The account you choose stays selected, also the next time you log in. Its name is at the top of every page."
    >
      {error ? (
        <Note tone="error">
          <p>{words(error)}</p>
        </Note>
      ) : null}
      <Search label="Name, NPI, PTAN, or city" value={q} onSearch={setQ} />
      <List
        list={list}
        caption="Provider accounts"
        noun="provider account"
        columns={columnsOf(chosen, pick)}
        rowKey={(a) => a.provider_account_id}
        empty={
          q ? (
            `No provider accounts match “${q}”. Try part of the name, or reset the search.`
          ) : (
            <>
              You do not have a provider account yet.{' '}
              <a href="/account/request-access">Request access</a>, or wait until your request is
              approved.
            </>
          )
        }
      />
    </Page>
  );
}

const columnsOf = (
  chosen: string | undefined,
  pick: (account: AccountSummary) => void,
): Column<AccountSummary>[] => [
  { key: 'name', label: 'Provider', rowHeader: true, cell: (a) => a.name },
  { key: 'ptan', label: 'PTAN', cell: (a) => <Id>{a.ptan}</Id> },
  { key: 'npi', label: 'NPI', cell: (a) => <Id>{a.npi}</Id> },
  { key: 'tin', label: 'TIN ending', cell: (a) => <Id>{a.tin_last5}</Id> },
  { key: 'city', label: 'City', cell: (a) => [a.city, a.state].filter(Boolean).join(', ') },
  {
    key: 'lob',
    label: 'Line of business',
    cell: (a) => wordsOf(LINES_OF_BUSINESS, a.line_of_business),
  },
  {
    key: 'functions',
    label: 'Your functions',
    cell: (a) => `${functionWords(a.functions)}${a.lso ? ', LSO' : ''}`,
  },
  {
    key: 'pick',
    label: 'Choose',
    cell: (a) =>
      a.provider_account_id === chosen ? (
        <>
          <Status tone="good">Chosen</Status>{' '}
          <button type="button" class="ds-c-button ds-c-button--small" onClick={() => pick(a)}>
            Continue
            <Of a={a} />
          </button>
        </>
      ) : (
        <button type="button" class="ds-c-button ds-c-button--small" onClick={() => pick(a)}>
          Choose
          <Of a={a} />
        </button>
      ),
  },
];

/** Names the account of a button to screen readers. */
const Of = ({ a }: { a: AccountSummary }) => (
  <span class="ds-u-visibility--screen-reader">
    {' '}
    {a.name}, PTAN {a.ptan}
  </span>
);
