// Requests of people who want to be the first Local Security Officer of a provider account. Approving sends the access code
// by letter to the billing address (LSO-04); the code is shown to nobody.
// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/preact-query';
import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ifMatch, ok, type Schemas } from '../../api/client';
import { Facts, Id, Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { functionWords } from '../../ui/choices';
import { type Column, DataTable, pageSize } from '../../ui/data-table';
import { ErrorSummary } from '../../ui/error-summary';
import { Field } from '../../ui/fields';
import { Filter } from '../../ui/filter';
import { useForm } from '../../ui/form';
import { date, instant, money } from '../../ui/format';
import { useKeyset } from '../../ui/keyset';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import { ACCESS_STATUSES, AccessStatus, isAccessStatus } from '../access/words';
import { LINES_OF_BUSINESS, wordsOf } from '../account/choices';

type Row = Schemas['DeskAccess'];

const addressOf = (a: Row['billing_address']) =>
  [a.street, a.city, [a.state, a.zip].filter(Boolean).join(' ')].filter(Boolean).join(', ');

export function AccessRequests() {
  const { q: url, set } = useUrlState();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Row>();
  const [said, setSaid] = useState('');
  const limit = pageSize(url.limit);
  const status =
    url.status === 'all' ? undefined : isAccessStatus(url.status) ? url.status : 'requested';
  const keyset = useKeyset({ status, limit }, limit, (n) => set({ limit: n }, true));
  const query = { status, limit, after: keyset.after };
  const list = useQuery({
    queryKey: ['desk-access', query],
    placeholderData: keepPreviousData,
    queryFn: () => ok(api.GET('/api/v1/desk/access-requests', { params: { query } })),
  });
  if (chosen) {
    return (
      <Decide
        row={chosen}
        done={(words) => {
          setChosen(undefined);
          setSaid(words);
          for (const name of ['desk-access', 'home'])
            client.invalidateQueries({ queryKey: [name] });
        }}
      />
    );
  }
  const columns: Column<Row>[] = [
    { key: 'at', label: 'Asked', rowHeader: true, cell: (r) => instant(r.created_at) },
    { key: 'status', label: 'Status', cell: (r) => <AccessStatus status={r.status} /> },
    {
      key: 'user',
      label: 'User',
      cell: (r) => (
        <>
          {r.first_name} {r.last_name}
          <br />
          <Id>{r.user_id}</Id>
        </>
      ),
    },
    {
      key: 'provider',
      label: 'Provider account',
      cell: (r) => (
        <>
          {r.name}
          <br />
          <span class="c-quiet">
            PTAN {r.ptan}, NPI {r.npi}, TIN ends in {r.tin_last5}
          </span>
        </>
      ),
    },
    {
      key: 'lob',
      label: 'Line of business',
      cell: (r) => `${wordsOf(LINES_OF_BUSINESS, r.line_of_business)}, ${r.state}`,
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
        r.status === 'requested' || r.status === 'awaiting_code' ? ( // a dead code gets a new letter (LSO-06)
          <button
            type="button"
            class="ds-c-button ds-c-button--small ds-c-button--solid"
            onClick={() => {
              setSaid('');
              setChosen(r);
            }}
          >
            Decide
            <span class="ds-u-visibility--screen-reader">
              {' '}
              {r.first_name} {r.last_name}, {r.name}
            </span>
          </button>
        ) : (
          ''
        ),
    },
  ];
  return (
    <Page title="Access requests" lead="First Local Security Officers, oldest first.">
      {said ? (
        <Note tone="success">
          <p>{said}</p>
        </Note>
      ) : null}
      <Filter
        label="Status"
        options={[...ACCESS_STATUSES.filter(([key]) => key !== 'requested'), ['all', 'All']]}
        value={url.status}
        all="Requested"
        onPick={(next) => set({ status: next })}
      />
      <DataTable
        caption="Access requests"
        noun="request"
        columns={columns}
        rows={list.data?.items}
        rowKey={(r) => r.access_id}
        loading={list.isFetching}
        error={list.error}
        retry={() => list.refetch()}
        paging={keyset.paging(list.data?.next)}
        empty="No request waits."
      />
    </Page>
  );
}

function Decide({ row, done }: { row: Row; done: (words: string) => void }) {
  const decision = useRef<'approve' | 'decline'>('approve');
  const form = useForm(v.object({ comment: check.optionalLongText() }), async ({ comment }) => {
    const what = decision.current;
    if (what === 'decline' && !comment)
      return { comment: 'Say why, so that the person knows what to mend.' };
    await ok(
      api.POST('/api/v1/desk/access-requests/{access_id}/decision', {
        params: { path: { access_id: row.access_id }, header: ifMatch(row.version) },
        body: { decision: what, ...(comment ? { comment } : {}) },
      }),
    );
    const who = `${row.first_name} ${row.last_name}, ${row.name}`;
    done(
      what === 'approve'
        ? `Approved: ${who}. The access code goes out by letter.`
        : `Declined: ${who}.`,
    );
    return undefined;
  });
  return (
    <Page title="Decide an access request" narrow>
      <Facts
        items={[
          ['User', `${row.first_name} ${row.last_name}`],
          ['User ID', <Id>{row.user_id}</Id>],
          ['E-mail address', row.email],
          ['Provider account', row.name],
          ['PTAN', row.ptan],
          ['NPI', row.npi],
          ['TIN ends in', row.tin_last5],
          ['Line of business', wordsOf(LINES_OF_BUSINESS, row.line_of_business)],
          ['State', row.state],
          ['Functions asked for', functionWords(row.functions_requested)],
          ['Check or EFT', row.check_number && <Id>{row.check_number}</Id>],
          ['Amount', money(row.check_amount)],
          ['Issued on', date(row.check_issued_on)],
          ['The letter goes to', addressOf(row.billing_address)],
          ['Asked', instant(row.created_at)],
        ]}
      />
      <form noValidate onSubmit={form.onSubmit}>
        <ErrorSummary form={form} />
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
            onClick={() => {
              decision.current = 'approve';
            }}
          >
            Approve
          </button>
          <button
            type="submit"
            class="ds-c-button"
            onClick={() => {
              decision.current = 'decline';
            }}
          >
            Decline
          </button>
          <button type="button" class="ds-c-button ds-c-button--ghost" onClick={() => done('')}>
            Back to the list
          </button>
        </div>
      </form>
    </Page>
  );
}
