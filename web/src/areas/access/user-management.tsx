// The Local Security Officer's desk: who of the office asked for what, and who has what. Functions can be unticked before
// approving (LSO-11); a decline needs its reason in words; nothing vanishes, the history stays.
// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ifMatch, ok, save, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Facts, Id, Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { FUNCTIONS, type FunctionName } from '../../ui/choices';
import { type Column, DataTable, pageSize } from '../../ui/data-table';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Field, Tick } from '../../ui/fields';
import { Filter } from '../../ui/filter';
import { type FieldErrors, useForm } from '../../ui/form';
import { date, instant } from '../../ui/format';
import { useKeyset } from '../../ui/keyset';
import { Page } from '../../ui/page';
import { Search } from '../../ui/search';
import { urlWith, useUrlState } from '../../ui/url-state';
import { rights } from '../account/provider-access';
import { useSession } from '../session/session';
import { ACCESS_STATUSES, AccessStatus, isAccessStatus } from './words';

type Row = Schemas['ManagedAccess'];
type Decision = Schemas['AccessDecision']['decision'];

const DONE: Record<Decision, string> = {
  approve: 'Approved',
  decline: 'Declined',
  modify: 'Changed',
  remove: 'Removed',
};

export default function UserManagement() {
  const me = useSession().data!;
  const { q: url, set } = useUrlState();
  const client = useQueryClient();
  const [q, setQ] = useState(''); // names are typed here: they stay out of the address
  const [chosen, setChosen] = useState<Row>();
  const [said, setSaid] = useState('');
  const [fault, setFault] = useState<unknown>();
  const limit = pageSize(url.limit);
  const status = isAccessStatus(url.status) ? url.status : undefined;
  const keyset = useKeyset({ q, status, limit }, limit, (n) => set({ limit: n }, true));
  const query = { q: q || undefined, status, limit, after: keyset.after };
  const list = useQuery({
    queryKey: ['managed-access', query],
    enabled: me.is_lso,
    placeholderData: keepPreviousData,
    queryFn: () => ok(api.GET('/api/v1/user-management/access', { params: { query } })),
  });

  if (!me.is_lso) {
    return (
      <Page title="User management" narrow>
        <Note tone="warn">
          <p>Only a Local Security Officer manages users. Yours can change your access.</p>
        </Note>
      </Page>
    );
  }
  if (chosen) {
    return (
      <Decide
        row={chosen}
        done={(words) => {
          setChosen(undefined);
          setSaid(words);
          for (const name of ['managed-access', 'home'])
            client.invalidateQueries({ queryKey: [name] });
        }}
      />
    );
  }
  const columns: Column<Row>[] = [
    {
      key: 'user',
      label: 'User',
      rowHeader: true,
      cell: (r) => (
        <>
          {r.first_name} {r.last_name}
          <br />
          <Id>{r.user_id}</Id>
        </>
      ),
    },
    { key: 'status', label: 'Status', cell: (r) => <AccessStatus status={r.status} /> },
    {
      key: 'provider',
      label: 'Provider account',
      cell: (r) => (
        <>
          {r.name}
          <br />
          <span class="c-quiet">
            PTAN {r.ptan}, NPI {r.npi}
          </span>
        </>
      ),
    },
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
      cell: (r) => (
        <Actions
          row={r}
          pick={() => {
            setSaid('');
            setChosen(r);
          }}
        />
      ),
    },
  ];
  const csv = () =>
    save(
      urlWith('/api/v1/user-management/access', {}, { status }),
      { headers: { Accept: 'text/csv' } },
      'users.csv',
    ).then(() => setFault(undefined), setFault);
  return (
    <Page
      title="User management"
      lead="Approve, decline, change and remove the access of the people of your office."
    >
      {said ? (
        <Note tone="success">
          <p>{said}</p>
        </Note>
      ) : null}
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
        </Note>
      ) : null}
      <Search label="User ID, name, NPI or PTAN" value={q} onSearch={setQ}>
        <Filter
          label="Status"
          options={ACCESS_STATUSES}
          value={status}
          onPick={(next) => set({ status: next })}
        />
      </Search>
      <DataTable
        caption="Users and requests"
        noun="entry"
        nouns="entries"
        columns={columns}
        rows={list.data?.items}
        rowKey={(r) => r.access_id}
        loading={list.isFetching}
        error={list.error}
        retry={() => list.refetch()}
        paging={keyset.paging(list.data?.next)}
        tools={
          <button type="button" class="ds-c-button ds-c-button--small" onClick={csv}>
            Download all as CSV
          </button>
        }
        empty={
          status === 'requested'
            ? 'No request waits for you.'
            : 'Nobody matches. Take a filter out or search for another word.'
        }
      />
    </Page>
  );
}

function Actions({ row, pick }: { row: Row; pick: () => void }) {
  const who = (
    <span class="ds-u-visibility--screen-reader">
      {' '}
      {row.first_name} {row.last_name}, {row.name}
    </span>
  );
  if (row.status === 'requested' && !row.is_me)
    return (
      <button
        type="button"
        class="ds-c-button ds-c-button--small ds-c-button--solid"
        onClick={pick}
      >
        Decide{who}
      </button>
    );
  if (row.status === 'approved' && !row.is_me)
    return (
      <button type="button" class="ds-c-button ds-c-button--small" onClick={pick}>
        Change{who}
      </button>
    );
  return <>{row.is_me ? 'This is you' : ''}</>;
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
  const name = `${row.first_name} ${row.last_name}`;
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
      done(`${DONE[what]}: ${name}, ${row.name}.`);
      return undefined;
    },
    { lists: ['functions'] },
  );
  const press = (what: Decision) => () => {
    decision.current = what;
  };
  return (
    <Page title={asked ? 'Decide a request' : 'Change access'} narrow>
      <Facts
        items={[
          ['User', name],
          ['User ID', <Id>{row.user_id}</Id>],
          ['Provider account', row.name],
          ['PTAN', row.ptan],
          ['NPI', row.npi],
          ['Asked on', instant(row.created_at)],
          ['Comment', row.comment],
        ]}
      />
      <form noValidate onSubmit={form.onSubmit}>
        <ErrorSummary form={form} />
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
        <Field
          form={form}
          name="comment"
          label="Comment to the user"
          optional
          rows={3}
          maxLength={500}
          hint="Needed to decline."
        />
        <div class="c-actions">
          <button
            type="submit"
            class="ds-c-button ds-c-button--solid"
            onClick={press(asked ? 'approve' : 'modify')}
          >
            {asked ? 'Approve' : 'Save changes'}
          </button>
          <button type="submit" class="ds-c-button" onClick={press(asked ? 'decline' : 'remove')}>
            {asked ? 'Decline' : 'Remove access'}
          </button>
          <button type="button" class="ds-c-button ds-c-button--ghost" onClick={() => done('')}>
            Back to the list
          </button>
        </div>
      </form>
    </Page>
  );
}
