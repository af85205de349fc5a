// Requests to be the first Local Security Officer for a provider account. An approval sends the access code by letter to the
// billing address (LSO-04). Nobody can see the code here.
// SPDX-License-Identifier: Apache-2.0
import { useRoute } from 'preact-iso';
import { useRef } from 'preact/hooks';
import * as v from 'valibot';
import { api, ifMatch, ok, type Schemas } from '../../api/client';
import { Facts, Id } from '../../ui/bits';
import * as check from '../../ui/checks';
import { functionWords, LINES_OF_BUSINESS, wordsOf } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { Filter } from '../../ui/filter';
import { useForm } from '../../ui/form';
import { date, instant, money } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import {
  AccountCell,
  Deciding,
  DecisionForm,
  nameOf,
  PersonCell,
  PickButton,
  useDeciding,
} from '../access/deciding';
import { ACCESS_STATUSES, AccessStatus, isAccessStatus } from '../access/words';

type Row = Schemas['DeskAccess'];

const addressOf = (a: Row['billing_address']) =>
  [a.street, a.city, [a.state, a.zip].filter(Boolean).join(' ')].filter(Boolean).join(', ');

interface Query {
  status?: Row['status'] | undefined;
  limit: number;
  after: string | undefined;
}
const find = (query: Query) => ok(api.GET('/api/v1/desk/access-requests', { params: { query } }));

/** An approval while the code is awaited sends a new code (LSO-06). */
const mayDecide = (row: Row) => row.status === 'requested' || row.status === 'awaiting_code';

export function AccessRequests() {
  const { q, set } = useUrlState();
  const { access_id } = useRoute().params;
  const status = q.status === 'all' ? undefined : isAccessStatus(q.status) ? q.status : 'requested';
  const list = useList({
    key: ['desk-access'],
    filter: { status },
    find,
  });
  const deciding = useDeciding<Row>({
    list: 'desk-access',
    path: '/desk/access-requests',
    access_id,
    rows: list.answer.data?.items,
    find,
  });
  if (access_id)
    return (
      <Deciding
        deciding={deciding}
        list="Access requests"
        title={() => 'Decide an access request'}
        open={mayDecide}
      >
        {(row) => <Decide row={row} done={deciding.done} />}
      </Deciding>
    );
  return (
    <Page
      title="Access requests"
      lead="Requests to be the first Local Security Officer, oldest first."
    >
      {deciding.note}
      <Filter
        label="Status"
        options={[...ACCESS_STATUSES.filter(([key]) => key !== 'requested'), ['all', 'All']]}
        value={q.status}
        all="Requested"
        onPick={(next) => set({ status: next })}
      />
      <List
        list={list}
        csv={{ path: '/api/v1/desk/access-requests', fileName: 'access-requests.csv' }}
        caption="Access requests"
        noun="request"
        columns={columnsOf(deciding.pick)}
        rowKey={(r) => r.access_id}
        empty="No requests to decide."
      />
    </Page>
  );
}

const columnsOf = (pick: (row: Row) => void): Column<Row>[] => [
  { key: 'at', label: 'Requested', rowHeader: true, cell: (r) => instant(r.created_at) },
  { key: 'status', label: 'Status', cell: (r) => <AccessStatus status={r.status} /> },
  { key: 'user', label: 'User', cell: (r) => <PersonCell row={r} /> },
  { key: 'provider', label: 'Provider account', cell: (r) => <AccountCell row={r} tin /> },
  {
    key: 'lob',
    label: 'Line of business',
    cell: (r) => (
      <>
        {wordsOf(LINES_OF_BUSINESS, r.line_of_business)}, {r.state}
        <br />
        <span class="c-quiet">Contractor {r.contractor_no}</span>
      </>
    ),
  },
  {
    key: 'proof',
    label: 'Check or EFT',
    cell: (r) => (
      <>
        <Id>{r.check_number}</Id>
        <br />
        {date(r.check_issued_on)}
      </>
    ),
  },
  { key: 'amount', label: 'Amount', numeric: true, cell: (r) => money(r.check_amount) },
  {
    key: 'do',
    label: 'Decide',
    cell: (r) =>
      mayDecide(r) ? (
        <PickButton row={r} solid onPick={() => pick(r)}>
          Decide
        </PickButton>
      ) : (
        ''
      ),
  },
];

function Decide({ row, done }: { row: Row; done: (words: string) => void }) {
  const decision = useRef<'approve' | 'decline'>('approve');
  const form = useForm(v.object({ comment: check.optionalLongText() }), async ({ comment }) => {
    const what = decision.current;
    if (what === 'decline' && !comment)
      return { comment: 'Enter a reason, so that the person knows what to correct.' };
    await ok(
      api.POST('/api/v1/desk/access-requests/{access_id}/decision', {
        params: { path: { access_id: row.access_id }, header: ifMatch(row.version) },
        body: { decision: what, ...(comment ? { comment } : {}) },
      }),
    );
    const who = `${nameOf(row)}, ${row.name}`;
    done(
      what === 'approve'
        ? `Approved: ${who}. The access code will be sent by letter.`
        : `Declined: ${who}.`,
    );
    return undefined;
  });
  return (
    <>
      <RequestFacts row={row} />
      <DecisionForm
        form={form}
        decision={decision}
        yes={['approve', 'Approve']}
        no={['decline', 'Decline']}
        back={() => done('')}
      />
    </>
  );
}

function RequestFacts({ row }: { row: Row }) {
  return (
    <Facts
      items={[
        ['User', nameOf(row)],
        ['User ID', <Id>{row.user_id}</Id>],
        ['E-mail address', row.email],
        ['Provider account', row.name],
        ['PTAN', row.ptan],
        ['NPI', row.npi],
        ['TIN ending', row.tin_last5],
        ['Line of business', wordsOf(LINES_OF_BUSINESS, row.line_of_business)],
        ['State', row.state],
        ['Functions requested', functionWords(row.functions_requested)],
        ['Check or EFT', row.check_number && <Id>{row.check_number}</Id>],
        ['Amount', money(row.check_amount)],
        ['Issued on', date(row.check_issued_on)],
        ['Letter address', addressOf(row.billing_address)],
        ['Requested', instant(row.created_at)],
      ]}
    />
  );
}
