// The Local Security Officer's desk: who of the office asked for what, and who has what. Functions can be unticked before
// approving (LSO-11); a decline needs its reason in words; nothing vanishes, the history stays.
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
import { rights } from '../account/provider-access';
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
import { ACCESS_STATUSES, AccessStatus, isAccessStatus } from './words';

type Row = Schemas['ManagedAccess'];
type Decision = Schemas['AccessDecision']['decision'];

/** One page of the people of the office; the filters go in the body, as they may name a person. */
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
        <p>Only a Local Security Officer manages users. Yours can change your access.</p>
      </Note>
    </Page>
  );
}

function Users() {
  const { q: url, set } = useUrlState();
  const [q, setQ] = useState(''); // names are typed here: they stay out of the address
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
  const columns: Column<Row>[] = [
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
      cell: (r) => <Actions row={r} pick={() => deciding.pick(r)} />,
    },
  ];
  return (
    <Page
      title="User management"
      lead="Approve, decline, change and remove the access of the people of your office."
    >
      {deciding.note}
      <Search label="User ID, name, NPI or PTAN" value={q} onSearch={setQ}>
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
        columns={columns}
        rowKey={(r) => r.access_id}
        empty={
          status === 'requested'
            ? 'No request waits for you.'
            : 'Nobody matches. Take a filter out or search for another word.'
        }
      />
    </Page>
  );
}

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
        return { functions: 'Tick at least one function, or decline the request.' };
      if (what === 'decline' && !comment)
        return { comment: `Say why, so that ${row.first_name} knows what to mend.` };
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
      <Facts
        items={[
          ['User', nameOf(row)],
          ['User ID', <Id>{row.user_id}</Id>],
          ['Provider account', row.name],
          ['PTAN', row.ptan],
          ['NPI', row.npi],
          ['Asked on', instant(row.created_at)],
          ['Comment', row.comment],
        ]}
      />
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
          label={asked ? 'Functions asked for' : 'Functions'}
          hint={asked ? 'Untick what this person does not need.' : undefined}
          options={FUNCTIONS}
          values={asked ? row.functions_requested : row.functions}
        />
        <Tick
          form={form}
          name="lso"
          label="LSO / User Management"
          checked={asked ? row.lso_requested : row.lso}
          hint="Another Local Security Officer. Two are better than one: someone can approve while you are away."
        />
      </DecisionForm>
    </>
  );
}
