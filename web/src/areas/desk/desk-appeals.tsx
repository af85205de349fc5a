// The redeterminations to decide, the earliest due date first.
// SPDX-License-Identifier: Apache-2.0
import { api, ok, type Schemas } from '../../api/client';
import { LINES_OF_BUSINESS, wordsOf } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { Filter } from '../../ui/filter';
import { instant, money } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import {
  appealOutcome,
  APPEAL_STATUSES,
  AppealStatus,
  ConfirmationNo,
  isAppealStatus,
} from '../appeal/words';
import { Due } from './due';

type Row = Schemas['DeskAppealSummary'];

const COLUMNS: Column<Row>[] = [
  {
    key: 'no',
    label: 'Confirmation number',
    rowHeader: true,
    cell: (a) => (
      <a href={`/desk/redeterminations/${a.appeal_id}`}>
        <ConfirmationNo>{a.confirmation_no}</ConfirmationNo>
      </a>
    ),
  },
  {
    key: 'due',
    label: 'Decide by',
    cell: (a) => (a.outcome ? '' : <Due on={a.decision_due_on} days={a.days_left} />),
  },
  {
    key: 'status',
    label: 'Status',
    cell: (a) => (
      <>
        <AppealStatus status={a.status} />
        {a.outcome ? ` ${appealOutcome(a.outcome)}` : ''}
      </>
    ),
  },
  { key: 'who', label: 'Analyst', cell: (a) => a.assigned_to ?? 'Not assigned' },
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
    cell: (a) => (
      <>
        {wordsOf(LINES_OF_BUSINESS, a.line_of_business)}
        <br />
        <span class="c-quiet">Contractor {a.contractor_no}</span>
      </>
    ),
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
        empty="No redeterminations to decide."
      />
    </Page>
  );
}
