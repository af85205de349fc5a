// Redeterminations of the chosen provider account.
// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { api, ok, save, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Note, PrintButton } from '../../ui/bits';
import { type Column, DataTable, pageSize } from '../../ui/data-table';
import { Filter } from '../../ui/filter';
import { date, instant } from '../../ui/format';
import { useKeyset } from '../../ui/keyset';
import { Page } from '../../ui/page';
import { urlWith, useUrlState } from '../../ui/url-state';
import { useAccountId } from '../provider-account/account';
import { NeedsFunction, useLacking } from '../provider-account/needs-function';
import { APPEAL_OUTCOME, APPEAL_STATUSES, AppealStatus, isAppealStatus } from './words';

type Row = Schemas['AppealSummary'];

export default function Appeals() {
  const account = useAccountId();
  const { q, set } = useUrlState();
  const lacking = useLacking('claims');
  const [fault, setFault] = useState<unknown>();
  const limit = pageSize(q.limit);
  const status = isAppealStatus(q.status) ? q.status : undefined;
  const keyset = useKeyset({ account, status, limit }, limit, (n) => set({ limit: n }, true));
  const params = {
    path: { provider_account_id: account },
    query: { status, limit, after: keyset.after },
  };
  const list = useQuery({
    enabled: !lacking,
    queryKey: ['appeals', params],
    queryFn: () =>
      ok(api.GET('/api/v1/provider-accounts/{provider_account_id}/redeterminations', { params })),
    placeholderData: keepPreviousData,
  });
  if (lacking)
    return (
      <Page title="Redeterminations">
        <NeedsFunction name="claims" />
      </Page>
    );
  const base = `/provider-accounts/${account}`;
  const columns: Column<Row>[] = [
    {
      key: 'no',
      label: 'Confirmation number',
      rowHeader: true,
      cell: (a) => <a href={`${base}/redeterminations/${a.appeal_id}`}>{a.confirmation_no}</a>,
    },
    {
      key: 'claim',
      label: 'Claim',
      cell: (a) => (
        <a href={`${base}/claims/${a.claim_id}`}>
          <span class="c-id c-id--link">{a.control_no}</span>
        </a>
      ),
    },
    { key: 'filed', label: 'Filed', cell: (a) => instant(a.filed_at) },
    { key: 'status', label: 'Status', cell: (a) => <AppealStatus status={a.status} /> },
    { key: 'outcome', label: 'Outcome', cell: (a) => (a.outcome ? APPEAL_OUTCOME[a.outcome] : '') },
    {
      key: 'due',
      label: 'Decision',
      cell: (a) => (a.decided_at ? instant(a.decided_at) : `due by ${date(a.decision_due_on)}`),
    },
  ];
  const csv = () =>
    save(
      urlWith(`/api/v1${base}/redeterminations`, {}, { status }),
      { headers: { Accept: 'text/csv' } },
      'redeterminations.csv',
    ).then(() => setFault(undefined), setFault);

  return (
    <Page
      title="Redeterminations"
      actions={<PrintButton />}
      lead="To file one, open the denied claim; the claim says whether it can be appealed and until when."
    >
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
        </Note>
      ) : null}
      <Filter
        label="Status"
        options={APPEAL_STATUSES}
        value={status}
        onPick={(next) => set({ status: next })}
      />
      <DataTable
        caption="Redeterminations"
        noun="redetermination"
        columns={columns}
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
        empty={
          <>
            Nothing was filed here yet. <a href={`${base}/claims?status=denied`}>Denied claims</a>
          </>
        }
      />
    </Page>
  );
}
