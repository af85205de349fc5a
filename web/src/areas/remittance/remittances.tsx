// Remittances of the chosen provider account, newest first.
// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok, save, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Note, PrintButton, Status } from '../../ui/bits';
import * as check from '../../ui/checks';
import * as clean from '../../ui/clean';
import { type Column, DataTable, pageSize } from '../../ui/data-table';
import { ErrorSummary } from '../../ui/error-summary';
import { DateField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { date, money } from '../../ui/format';
import { useKeyset } from '../../ui/keyset';
import { Page } from '../../ui/page';
import { urlWith, useUrlState } from '../../ui/url-state';
import { useAccountId } from '../provider-account/account';
import { NeedsFunction, useLacking } from '../provider-account/needs-function';

type Row = Schemas['RemittanceSummary'];

const schema = v.pipe(
  v.object({ from: check.optionalDate(), to: check.optionalDate() }),
  v.forward(
    v.partialCheck(
      [['from'], ['to']],
      (form) => !form.from || !form.to || form.from <= form.to,
      'The last day lies before the first. Turn the two days round.',
    ),
    ['to'],
  ),
);

export default function Remittances() {
  const account = useAccountId();
  const { q, set } = useUrlState();
  const lacking = useLacking('financials');
  const [fault, setFault] = useState<unknown>();
  const limit = pageSize(q.limit);
  const filter = {
    from: clean.date(q.from ?? '') ?? undefined,
    to: clean.date(q.to ?? '') ?? undefined,
  };
  const keyset = useKeyset({ account, filter, limit }, limit, (n) => set({ limit: n }, true));
  const params = {
    path: { provider_account_id: account },
    query: { ...filter, limit, after: keyset.after },
  };
  const list = useQuery({
    enabled: !lacking,
    queryKey: ['remittances', params],
    placeholderData: keepPreviousData,
    queryFn: () =>
      ok(api.GET('/api/v1/provider-accounts/{provider_account_id}/remittances', { params })),
  });
  const form = useForm(schema, (value) => set(value));
  if (lacking)
    return (
      <Page title="Remittances">
        <NeedsFunction name="financials" />
      </Page>
    );
  const base = `/provider-accounts/${account}/remittances`;
  const columns: Column<Row>[] = [
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
    { key: 'method', label: 'Method', cell: (r) => r.method },
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
  const csv = () =>
    save(
      urlWith(`/api/v1${base}`, {}, filter),
      { headers: { Accept: 'text/csv' } },
      'remittances.csv',
    ).then(() => setFault(undefined), setFault);
  return (
    <Page title="Remittances" actions={<PrintButton />}>
      <form noValidate onSubmit={form.onSubmit} class="c-no-print" key={JSON.stringify(filter)}>
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
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
        </Note>
      ) : null}
      <DataTable
        caption="Remittances"
        noun="remittance"
        columns={columns}
        rows={list.data?.items}
        rowKey={(r) => r.remittance_id}
        loading={list.isFetching}
        error={list.error}
        retry={() => list.refetch()}
        paging={keyset.paging(list.data?.next)}
        tools={
          <button type="button" class="ds-c-button ds-c-button--small" onClick={csv}>
            Download all as CSV
          </button>
        }
        empty="No remittance in these days."
      />
    </Page>
  );
}
