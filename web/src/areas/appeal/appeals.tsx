// The redeterminations of the chosen provider account.
// SPDX-License-Identifier: Apache-2.0
import { api, ok, type Schemas } from '../../api/client';
import { PrintButton } from '../../ui/bits';
import type { Column } from '../../ui/data-table';
import { Filter } from '../../ui/filter';
import { date, instant } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import { AccountScreen } from '../provider_account/account-screen';
import {
  appealOutcome,
  APPEAL_STATUSES,
  AppealStatus,
  ConfirmationNo,
  isAppealStatus,
} from './words';

type Row = Schemas['AppealSummary'];

const TITLE = 'Redeterminations';

export default function Appeals() {
  return (
    <AccountScreen title={TITLE} needs="claims">
      {(account) => <AppealsOf account={account} />}
    </AccountScreen>
  );
}

function AppealsOf({ account }: { account: string }) {
  const { q, set } = useUrlState();
  const status = isAppealStatus(q.status) ? q.status : undefined;
  const list = useList({
    key: ['appeals', account],
    filter: { status },
    find: (query) =>
      ok(
        api.GET('/api/v1/provider-accounts/{provider_account_id}/redeterminations', {
          params: { path: { provider_account_id: account }, query },
        }),
      ),
  });
  const base = `/provider-accounts/${account}`;
  const columns: Column<Row>[] = [
    {
      key: 'no',
      label: 'Confirmation number',
      rowHeader: true,
      cell: (a) => (
        <a href={`${base}/redeterminations/${a.appeal_id}`}>
          <ConfirmationNo>{a.confirmation_no}</ConfirmationNo>
        </a>
      ),
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
    { key: 'outcome', label: 'Outcome', cell: (a) => (a.outcome ? appealOutcome(a.outcome) : '') },
    {
      key: 'due',
      label: 'Decision',
      cell: (a) => (a.decided_at ? instant(a.decided_at) : `Due ${date(a.decision_due_on)}`),
    },
  ];
  return (
    <Page
      title={TITLE}
      actions={<PrintButton />}
      lead="To file a redetermination, open the denied claim. It shows whether you can appeal and until when."
    >
      <Filter
        label="Status"
        options={APPEAL_STATUSES}
        value={status}
        onPick={(next) => set({ status: next })}
      />
      <List
        list={list}
        csv={{ path: `/api/v1${base}/redeterminations`, fileName: 'redeterminations.csv' }}
        caption="Redeterminations"
        noun="redetermination"
        columns={columns}
        rowKey={(a) => a.appeal_id}
        empty={
          <>
            You have not filed any redeterminations.{' '}
            <a href={`${base}/claims?status=denied`}>See denied claims</a>
          </>
        }
      />
    </Page>
  );
}
