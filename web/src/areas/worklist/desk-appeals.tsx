// The queue of redeterminations, first due first.
// SPDX-License-Identifier: Apache-2.0
import { api, ok, type Schemas } from '../../api/client';
import { Status } from '../../ui/bits';
import type { Column } from '../../ui/data-table';
import { Filter } from '../../ui/filter';
import { date, daysLeft, instant, money } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import { LINES_OF_BUSINESS, wordsOf } from '../account/choices';
import {
  APPEAL_OUTCOME,
  APPEAL_STATUSES,
  AppealStatus,
  ConfirmationNo,
  isAppealStatus,
} from '../appeal/words';

type Row = Schemas['DeskAppealSummary'];

const COLUMNS: Column<Row>[] = [
  {
    key: 'no',
    label: 'Confirmation number',
    rowHeader: true,
    cell: (a) => (
      <a href={`/worklist/redeterminations/${a.appeal_id}`}>
        <ConfirmationNo>{a.confirmation_no}</ConfirmationNo>
      </a>
    ),
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
  const { q, set } = useUrlState();
  const status = isAppealStatus(q.status) ? q.status : undefined;
  const list = useList({
    key: ['desk-appeals'],
    filter: { status },
    find: (query) => ok(api.GET('/api/v1/desk/redeterminations', { params: { query } })),
  });
  return (
    <Page title="Redeterminations to decide">
      <Filter
        label="Status"
        options={APPEAL_STATUSES}
        value={status}
        all="All open"
        onPick={(next) => set({ status: next })}
      />
      <List
        list={list}
        csv={{ path: '/api/v1/desk/redeterminations', fileName: 'redeterminations.csv' }}
        caption="Redeterminations to decide"
        noun="redetermination"
        columns={COLUMNS}
        rowKey={(a) => a.appeal_id}
        empty="No redetermination is open."
      />
    </Page>
  );
}
