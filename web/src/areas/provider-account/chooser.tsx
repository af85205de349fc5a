// Choosing a provider account: search, pick; it stays chosen.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { api, ok } from '../../api/client';
import { words } from '../../api/problem';
import { Id, Note, Status } from '../../ui/bits';
import { functionWords } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { Search } from '../../ui/search';
import { LINES_OF_BUSINESS, wordsOf } from '../account/choices';
import { useSession } from '../session/session';
import { type AccountSummary, after, choose } from './account';
import { useLocation } from 'preact-iso';

export default function Chooser() {
  const { query: url, route } = useLocation();
  const client = useQueryClient();
  const me = useSession().data;
  const [fault, setFault] = useState<unknown>();
  const [q, setQ] = useState(''); // a name is typed here: it stays out of the address
  const list = useList({
    key: ['provider-accounts'],
    filter: { q: q || undefined },
    find: (body) => ok(api.POST('/api/v1/provider-account-searches', { body })),
  });
  const chosen = me?.provider_account?.provider_account_id;

  const pick = async (account: AccountSummary) => {
    try {
      await choose(client, account.provider_account_id);
      route(after(account.provider_account_id, url));
    } catch (error) {
      setFault(error);
    }
  };

  const columns: Column<AccountSummary>[] = [
    { key: 'name', label: 'Provider', rowHeader: true, cell: (a) => a.name },
    { key: 'ptan', label: 'PTAN', cell: (a) => <Id>{a.ptan}</Id> },
    { key: 'npi', label: 'NPI', cell: (a) => <Id>{a.npi}</Id> },
    { key: 'tin', label: 'TIN ends in', cell: (a) => <Id>{a.tin_last5}</Id> },
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
              Go on
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

  return (
    <Page
      title="Choose a provider account"
      lead="The account you choose stays chosen, here and on your next visit. Its name stands at the top of every page."
    >
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
        </Note>
      ) : null}
      <Search label="Name, NPI, PTAN or city" value={q} onSearch={setQ} />
      <List
        list={list}
        caption="Provider accounts"
        noun="provider account"
        columns={columns}
        rowKey={(a) => a.provider_account_id}
        empty={
          q ? (
            `No provider account matches “${q}”. Try part of the name, or reset the search.`
          ) : (
            <>
              You have no provider account yet. <a href="/account/request-access">Ask for access</a>
              , or wait until your request is approved.
            </>
          )
        }
      />
    </Page>
  );
}

const Of = ({ a }: { a: AccountSummary }) => (
  <span class="ds-u-visibility--screen-reader">
    {' '}
    {a.name}, PTAN {a.ptan}
  </span>
);
