// Claim search. The dates and the status are in the address. Numbers of a person or a claim are kept in memory only, so that
// Back from a claim shows the same list.
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { api, ok, type Schemas } from '../../api/client';
import { Id, PrintButton } from '../../ui/bits';
import * as clean from '../../ui/clean';
import type { Column } from '../../ui/data-table';
import { date, money, period } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { keeps } from '../../ui/memory';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import { AccountScreen } from '../provider_account/account-screen';
import { ClaimStatus } from './claim-parts';
import { type ClaimFilter, type Numbers, SearchForm } from './search-form';
import { isClaimStatus } from './words';

type Claim = Schemas['ClaimSummary'];

/** The last search of each provider account. */
const numbersOf = new Map<string, Numbers>();
keeps({ forget: () => numbersOf.clear() });

const TITLE = 'Claims';

export default function Claims() {
  return (
    <AccountScreen title={TITLE} needs="claims">
      {(account) => <ClaimsOf account={account} />}
    </AccountScreen>
  );
}

function ClaimsOf({ account }: { account: string }) {
  const { q, set } = useUrlState();
  const [numbers, setNumbers] = useState<Numbers>(numbersOf.get(account) ?? {});
  const filter: ClaimFilter = {
    ...numbers,
    from: clean.date(q.from ?? '') ?? undefined,
    to: clean.date(q.to ?? '') ?? undefined,
    status: isClaimStatus(q.status) ? q.status : undefined,
  };
  const search = ({ from, to, status, ...next }: ClaimFilter) => {
    numbersOf.set(account, next);
    setNumbers(next);
    set({ from, to, status });
  };
  const list = useList({
    key: ['claims', account],
    filter,
    find: (body) =>
      ok(
        api.POST('/api/v1/provider-accounts/{provider_account_id}/claim-searches', {
          params: { path: { provider_account_id: account } },
          body,
        }),
      ),
  });
  return (
    <Page title={TITLE} actions={<PrintButton />}>
      <SearchForm filter={filter} onSearch={search} />
      <List
        list={list}
        csv={{
          path: `/api/v1/provider-accounts/${account}/claim-searches`,
          fileName: 'claims.csv',
          post: true,
        }}
        caption="Claims found"
        noun="claim"
        columns={columnsOf(account)}
        rowKey={(c) => c.claim_id}
        empty="No claims match. Try wider dates, or remove a filter. A new claim appears here two to three business days after it was sent."
      />
    </Page>
  );
}

const columnsOf = (account: string): Column<Claim>[] => [
  {
    key: 'control_no',
    label: 'Claim number',
    rowHeader: true,
    cell: (c) => (
      <a href={`/provider-accounts/${account}/claims/${c.claim_id}`}>
        <span class="c-id c-id--link">{c.control_no}</span>
      </a>
    ),
  },
  { key: 'patient', label: 'Patient', cell: (c) => c.patient_name },
  { key: 'mbi', label: 'Medicare Number', cell: (c) => <Id>{c.mbi}</Id> },
  { key: 'service', label: 'Service dates', cell: (c) => period(c.from_on, c.through_on) },
  { key: 'status', label: 'Status', cell: (c) => <ClaimStatus status={c.status} /> },
  { key: 'status_on', label: 'Status date', cell: (c) => date(c.status_on) },
  { key: 'charge', label: 'Charge', numeric: true, cell: (c) => money(c.charge) },
  { key: 'paid', label: 'Paid', numeric: true, cell: (c) => money(c.paid) },
];
