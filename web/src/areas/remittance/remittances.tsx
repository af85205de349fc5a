// The remittances of the chosen provider account, newest first.
// SPDX-License-Identifier: Apache-2.0
import * as v from 'valibot';
import { api, ok, type Schemas } from '../../api/client';
import { PrintButton, Status } from '../../ui/bits';
import * as check from '../../ui/checks';
import * as clean from '../../ui/clean';
import type { Column } from '../../ui/data-table';
import { ErrorSummary } from '../../ui/error-summary';
import { DateField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { date, money } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import { AccountScreen } from '../provider_account/account-screen';
import { methodWords } from './words';

type Row = Schemas['RemittanceSummary'];

const schema = v.pipe(
  v.object({ from: check.optionalDate(), to: check.optionalDate() }),
  v.forward(v.partialCheck([['from'], ['to']], check.daysInOrder, check.DAYS_REVERSED), ['to']),
);

const TITLE = 'Remittances';

export default function Remittances() {
  return (
    <AccountScreen title={TITLE} needs="financials">
      {(account) => <RemittancesOf account={account} />}
    </AccountScreen>
  );
}

function RemittancesOf({ account }: { account: string }) {
  const { q, set } = useUrlState();
  const filter = {
    from: clean.date(q.from ?? '') ?? undefined,
    to: clean.date(q.to ?? '') ?? undefined,
  };
  const list = useList({
    key: ['remittances', account],
    filter,
    find: (query) =>
      ok(
        api.GET('/api/v1/provider-accounts/{provider_account_id}/remittances', {
          params: { path: { provider_account_id: account }, query },
        }),
      ),
  });
  const base = `/provider-accounts/${account}/remittances`;
  return (
    <Page title={TITLE} actions={<PrintButton />}>
      <SearchForm filter={filter} onSearch={set} key={JSON.stringify(filter)} />
      <List
        list={list}
        csv={{ path: `/api/v1${base}`, fileName: 'remittances.csv' }}
        caption="Remittances"
        noun="remittance"
        columns={columnsOf(base)}
        rowKey={(r) => r.remittance_id}
        empty="No remittances for these dates."
      />
    </Page>
  );
}

type DateFilter = v.InferOutput<typeof schema>;

interface SearchFormProps {
  filter: DateFilter;
  onSearch: (filter: DateFilter) => void;
}

function SearchForm({ filter, onSearch }: SearchFormProps) {
  const form = useForm(schema, (value) => onSearch(value));
  return (
    <form noValidate onSubmit={form.onSubmit} class="c-no-print">
      <ErrorSummary form={form} />
      <div class="c-row">
        <DateField
          form={form}
          name="from"
          label="Paid from"
          optional="quiet"
          value={date(filter.from)}
          hint="Such as 01/31/2026"
        />
        <DateField
          form={form}
          name="to"
          label="Paid to"
          optional="quiet"
          value={date(filter.to)}
          hint="Such as 02/28/2026"
        />
        <div class="c-row__buttons">
          <Submit form={form}>Search</Submit>
        </div>
      </div>
    </form>
  );
}

const columnsOf = (base: string): Column<Row>[] => [
  {
    key: 'no',
    label: 'Check or EFT number',
    rowHeader: true,
    cell: (r) => (
      <a href={`${base}/${r.remittance_id}`}>
        <span class="c-id c-id--link">{r.payment_number}</span>
      </a>
    ),
  },
  { key: 'on', label: 'Paid on', cell: (r) => date(r.paid_on) },
  { key: 'method', label: 'Method', cell: (r) => methodWords(r.method) },
  {
    key: 'balanced',
    label: 'Balance',
    cell: (r) =>
      r.balanced ? (
        <Status tone="good">Balances</Status>
      ) : (
        <Status tone="wait">Does not balance</Status>
      ),
  },
  {
    key: 'claims',
    label: 'Claims',
    numeric: true,
    cell: (r) => r.claim_count.toLocaleString('en-US'),
  },
  { key: 'amount', label: 'Amount', numeric: true, cell: (r) => money(r.amount) },
];
