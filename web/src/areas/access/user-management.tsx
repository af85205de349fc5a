// User management for a Local Security Officer: the requests and the access of people in the office. Functions can be
// unchecked before an approval (LSO-11), and a decline needs a reason (LSO-12).
// SPDX-License-Identifier: Apache-2.0
import { useRoute } from 'preact-iso';
import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ifMatch, ok, type Schemas } from '../../api/client';
import { Facts, Id, Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { FUNCTIONS, type FunctionName } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { Choices, Tick } from '../../ui/fields';
import { Filter } from '../../ui/filter';
import { type FieldErrors, useForm } from '../../ui/form';
import { date, instant } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { Search } from '../../ui/search';
import { useUrlState } from '../../ui/url-state';
import { useSession } from '../session/session';
import {
  AccountCell,
  Deciding,
  DecisionForm,
  nameOf,
  PersonCell,
  PickButton,
  useDeciding,
} from './deciding';
import { ACCESS_STATUSES, AccessStatus, isAccessStatus, rights } from './words';

type Row = Schemas['ManagedAccess'];
type Decision = Schemas['AccessDecision']['decision'];

/** One page of the list. The filters are in the body, because they may name a person. */
const find = (body: Schemas['ManagedAccessSearch']) =>
  ok(api.POST('/api/v1/user-management/access-searches', { body }));

const DONE: Record<Decision, string> = {
  approve: 'Approved',
  decline: 'Declined',
  modify: 'Changed',
  remove: 'Removed',
};

export default function UserManagement() {
  if (useSession().data?.is_lso) return <Users />;
  return (
    <Page title="User management" narrow>
      <Note tone="warn">
        <p>Only a Local Security Officer can manage users. Yours can change your access.</p>
      </Note>
    </Page>
  );
}

function Users() {
  const { q: url, set } = useUrlState();
  const [q, setQ] = useState(''); // it may be a name: it stays out of the address
  const { access_id } = useRoute().params;
  const status = isAccessStatus(url.status) ? url.status : undefined;
  const list = useList({
    key: ['managed-access'],
    filter: { q: q || undefined, status },
    find,
  });
  const deciding = useDeciding<Row>({
    list: 'managed-access',
    path: '/user-management',
    access_id,
    rows: list.answer.data?.items,
    find,
  });
  if (access_id)
    return (
      <Deciding
        deciding={deciding}
        list="User management"
        title={(row) => (row?.status === 'approved' ? 'Change access' : 'Decide a request')}
        open={mayDecide}
      >
        {(row) => <Decide row={row} done={deciding.done} />}
      </Deciding>
    );
  return (
    <Page
      title="User management"
      lead="Approve, decline, change, or remove access for people in your office."
    >
      {deciding.note}
      <Search label="User ID, name, NPI, or PTAN" value={q} onSearch={setQ}>
        <Filter
          label="Status"
          options={ACCESS_STATUSES}
          value={status}
          onPick={(next) => set({ status: next })}
        />
      </Search>
      <List
        list={list}
        csv={{
          path: '/api/v1/user-management/access-searches',
          fileName: 'users.csv',
          post: true,
        }}
        caption="Users and requests"
        noun="entry"
        nouns="entries"
        columns={columnsOf(deciding.pick)}
        rowKey={(r) => r.access_id}
        empty={
          status === 'requested'
            ? 'No requests to decide.'
            : 'No users match. Remove a filter, or search for something else.'
        }
      />
    </Page>
  );
}

const columnsOf = (pick: (row: Row) => void): Column<Row>[] => [
  { key: 'user', label: 'User', rowHeader: true, cell: (r) => <PersonCell row={r} /> },
  { key: 'status', label: 'Status', cell: (r) => <AccessStatus status={r.status} /> },
  { key: 'provider', label: 'Provider account', cell: (r) => <AccountCell row={r} /> },
  { key: 'functions', label: 'Functions', cell: rights },
  {
    key: 'login',
    label: 'Last log-in',
    cell: (r) => (r.last_login_at ? instant(r.last_login_at) : 'Never'),
  },
  {
    key: 'updated',
    label: 'Last change',
    cell: (r) => `${date(r.updated_at)}${r.decided_by ? ` by ${r.decided_by}` : ''}`,
  },
  {
    key: 'do',
    label: 'Decide',
    cell: (r) => <Actions row={r} pick={() => pick(r)} />,
  },
];

const mayDecide = (row: Row) =>
  !row.is_me && (row.status === 'requested' || row.status === 'approved');

function Actions({ row, pick }: { row: Row; pick: () => void }) {
  if (row.is_me) return <>This is you</>;
  if (row.status === 'requested')
    return (
      <PickButton row={row} solid onPick={pick}>
        Decide
      </PickButton>
    );
  if (row.status === 'approved')
    return (
      <PickButton row={row} onPick={pick}>
        Change
      </PickButton>
    );
  return null;
}

const schema = v.object({
  functions: v.array(
    v.pipe(
      v.string(),
      v.transform((s) => s as FunctionName),
    ),
  ),
  lso: check.ticked,
  comment: check.optionalLongText(),
});

function Decide({ row, done }: { row: Row; done: (words: string) => void }) {
  const asked = row.status === 'requested';
  const decision = useRef<Decision>(asked ? 'approve' : 'modify');
  const form = useForm(
    schema,
    async ({ functions, lso, comment }): Promise<FieldErrors | undefined> => {
      const what = decision.current;
      const grants = what === 'approve' || what === 'modify';
      if (grants && !functions.length && !lso)
        return { functions: 'Select at least one function, or decline the request.' };
      if (what === 'decline' && !comment)
        return { comment: `Enter a reason, so that ${row.first_name} knows what to correct.` };
      await ok(
        api.POST('/api/v1/user-management/access/{access_id}/decision', {
          params: { path: { access_id: row.access_id }, header: ifMatch(row.version) },
          body: {
            decision: what,
            ...(grants ? { functions, lso } : {}),
            ...(comment ? { comment } : {}),
          },
        }),
      );
      done(`${DONE[what]}: ${nameOf(row)}, ${row.name}.`);
      return undefined;
    },
    { lists: ['functions'] },
  );
  return (
    <>
      <RequestFacts row={row} />
      <DecisionForm
        form={form}
        decision={decision}
        yes={asked ? ['approve', 'Approve'] : ['modify', 'Save changes']}
        no={asked ? ['decline', 'Decline'] : ['remove', 'Remove access']}
        back={() => done('')}
      >
        <Choices
          form={form}
          type="checkbox"
          name="functions"
          label={asked ? 'Functions requested' : 'Functions'}
          hint={asked ? 'Clear the functions that this person does not need.' : undefined}
          options={FUNCTIONS}
          values={asked ? row.functions_requested : row.functions}
        />
        <Tick
          form={form}
          name="lso"
          label="LSO / User Management"
          checked={asked ? row.lso_requested : row.lso}
          hint="Makes this person a Local Security Officer too, so that someone can approve requests while you are away."
        />
      </DecisionForm>
    </>
  );
}

function RequestFacts({ row }: { row: Row }) {
  return (
    <Facts
      items={[
        ['User', nameOf(row)],
        ['User ID', <Id>{row.user_id}</Id>],
        ['Provider account', row.name],
        ['PTAN', row.ptan],
        ['NPI', row.npi],
        ['Requested', instant(row.created_at)],
        ['Comment', row.comment],
      ]}
    />
  );
}
