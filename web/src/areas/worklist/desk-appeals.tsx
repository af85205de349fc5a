// The queue of redeterminations, first due first.
// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { api, ok, save, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Note, Status } from '../../ui/bits';
import { type Column, DataTable, pageSize } from '../../ui/data-table';
import { Filter } from '../../ui/filter';
import { date, daysLeft, instant, money } from '../../ui/format';
import { useKeyset } from '../../ui/keyset';
import { Page } from '../../ui/page';
import { urlWith, useUrlState } from '../../ui/url-state';
import { LINES_OF_BUSINESS, wordsOf } from '../account/choices';
import { APPEAL_OUTCOME, APPEAL_STATUSES, AppealStatus, isAppealStatus } from '../appeal/words';

type Row = Schemas['DeskAppealSummary'];

const COLUMNS: Column<Row>[] = [
  {
    key: 'no',
    label: 'Confirmation number',
    rowHeader: true,
    cell: (a) => <a href={`/worklist/redeterminations/${a.appeal_id}`}>{a.confirmation_no}</a>,
  },
  {
    key: 'due',
    label: 'Decide by',
    cell: (a) =>
      a.outcome ? (
        ''
      ) : (
        <>
          {date(a.decision_due_on)}{' '}
          <Status tone={a.days_left < 0 ? 'bad' : a.days_left <= 14 ? 'wait' : 'plain'}>
            {daysLeft(a.days_left)}
          </Status>
        </>
      ),
  },
  {
    key: 'status',
    label: 'Status',
    cell: (a) => (
      <>
        <AppealStatus status={a.status} />
        {a.outcome ? ` ${APPEAL_OUTCOME[a.outcome]}` : ''}
      </>
    ),
  },
  { key: 'who', label: 'Analyst', cell: (a) => a.assigned_to ?? 'Nobody yet' },
  {
    key: 'provider',
    label: 'Provider',
    cell: (a) => (
      <>
        {a.provider_account_name}
        <br />
        <span class="c-quiet">NPI {a.npi}</span>
      </>
    ),
  },
  { key: 'claim', label: 'Claim', cell: (a) => <span class="c-id">{a.control_no}</span> },
  {
    key: 'lob',
    label: 'Line of business',
    cell: (a) => wordsOf(LINES_OF_BUSINESS, a.line_of_business),
  },
  { key: 'filed', label: 'Filed', cell: (a) => instant(a.filed_at) },
  { key: 'amount', label: 'Charge', numeric: true, cell: (a) => money(a.amount) },
];

export function DeskAppeals() {
  const { q: url, set } = useUrlState();
  const [fault, setFault] = useState<unknown>();
  const limit = pageSize(url.limit);
  const status = isAppealStatus(url.status) ? url.status : undefined;
  const keyset = useKeyset({ status, limit }, limit, (n) => set({ limit: n }, true));
  const query = { status, limit, after: keyset.after };
  const list = useQuery({
    queryKey: ['desk-appeals', query],
    placeholderData: keepPreviousData,
    queryFn: () => ok(api.GET('/api/v1/desk/redeterminations', { params: { query } })),
  });
  const csv = () =>
    save(
      urlWith('/api/v1/desk/redeterminations', {}, { status }),
      { headers: { Accept: 'text/csv' } },
      'redeterminations.csv',
    ).then(() => setFault(undefined), setFault);
  return (
    <Page title="Redeterminations to decide">
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
        </Note>
      ) : null}
      <Filter
        label="Status"
        options={APPEAL_STATUSES}
        value={status}
        all="All open"
        onPick={(next) => set({ status: next })}
      />
      <DataTable
        caption="Redeterminations to decide"
        noun="redetermination"
        columns={COLUMNS}
        rows={list.data?.items}
        rowKey={(a) => a.appeal_id}
        loading={list.isFetching}
        error={list.error}
        retry={() => list.refetch()}
        paging={keyset.paging(list.data?.next)}
        tools={
          <button type="button" class="ds-c-button ds-c-button--small" onClick={csv}>
            Download all as CSV
          </button>
        }
        empty="No redetermination is open."
      />
    </Page>
  );
}
