// A remittance: its payment, its claims, and the provider-level adjustments.
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Id, PrintButton, Status, Waiting } from '../../ui/bits';
import { type Column, DataTable } from '../../ui/data-table';
import { date, money } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { useAccountId } from '../provider_account/account';
import { methodWords } from './words';

type Remittance = Schemas['Remittance'];
type Claim = Schemas['RemittanceClaim'];

export default function RemittancePage() {
  const account = useAccountId();
  const path = {
    provider_account_id: account,
    remittance_id: useRoute().params.remittance_id ?? '',
  };
  const query = useQuery({
    queryKey: ['remittance', path],
    queryFn: () =>
      ok(
        api.GET('/api/v1/provider-accounts/{provider_account_id}/remittances/{remittance_id}', {
          params: { path },
        }),
      ),
  });
  const it = query.data;
  const base = `/provider-accounts/${account}`;
  return (
    <Page
      title="Remittance"
      heading={
        it ? (
          <>
            Remittance <span class="c-id c-id--heading">{it.payment_number}</span>
          </>
        ) : (
          'Remittance'
        )
      }
      crumbs={[[`${base}/remittances`, 'Remittances']]}
      actions={it ? <PrintButton /> : undefined}
    >
      <Waiting query={query} />
      {it ? (
        <>
          <Payment of={it} />
          <Claims path={path} base={base} />
          <Adjustments of={it} />
        </>
      ) : null}
    </Page>
  );
}

function Payment({ of: it }: { of: Remittance }) {
  return (
    <Facts
      items={[
        ['Amount', money(it.amount)],
        ['Method', methodWords(it.method)],
        ['Paid on', date(it.paid_on)],
        ['Produced on', date(it.produced_on)],
        ['Payer', it.payer_name],
        ['Payee', it.payee_name],
        ['Payee’s NPI', it.payee_npi && <Id>{it.payee_npi}</Id>],
        [
          'Balance',
          it.balanced ? (
            <Status tone="good">Balances</Status>
          ) : (
            <Status tone="wait">Off by {money(it.difference)}</Status>
          ),
        ],
      ]}
    />
  );
}

interface ClaimsProps {
  path: { provider_account_id: string; remittance_id: string };
  base: string;
}

function Claims({ path, base }: ClaimsProps) {
  const list = useList({
    key: ['remittance-claims', path.provider_account_id, path.remittance_id],
    filter: {},
    find: (query) =>
      ok(
        api.GET(
          '/api/v1/provider-accounts/{provider_account_id}/remittances/{remittance_id}/claims',
          { params: { path, query } },
        ),
      ),
  });
  const columns: Column<Claim>[] = [
    {
      key: 'no',
      label: 'Claim number',
      rowHeader: true,
      cell: (c) => (
        <a href={`${base}/claims/${c.claim_id}`}>
          <span class="c-id c-id--link">{c.control_no}</span>
        </a>
      ),
    },
    { key: 'patient', label: 'Patient', cell: (c) => c.patient_name },
    { key: 'status', label: 'What happened', cell: (c) => c.clp_status_words },
    { key: 'charge', label: 'Charge', numeric: true, cell: (c) => money(c.charge) },
    {
      key: 'patient_owes',
      label: 'Patient owes',
      numeric: true,
      cell: (c) => money(c.patient_responsibility),
    },
    { key: 'paid', label: 'Paid', numeric: true, cell: (c) => money(c.paid) },
  ];
  return (
    <>
      <h2>Claims</h2>
      <List
        list={list}
        csv={{
          path: `/api/v1${base}/remittances/${path.remittance_id}/claims`,
          fileName: 'remittance-claims.csv',
        }}
        caption="Claims of the remittance"
        noun="claim"
        columns={columns}
        rowKey={(c) => `${c.claim_id} ${c.clp_status} ${c.paid}`}
        empty="This remittance has no claims."
      />
    </>
  );
}

const ADJUSTMENTS: Column<Remittance['provider_adjustments'][number]>[] = [
  { key: 'code', label: 'Code', rowHeader: true, cell: (a) => <Id>{a.reason_code}</Id> },
  { key: 'reference', label: 'Reference', cell: (a) => <Id>{a.reference}</Id> },
  { key: 'amount', label: 'Amount', numeric: true, cell: (a) => money(a.amount) },
];

function Adjustments({ of: it }: { of: Remittance }) {
  if (!it.provider_adjustments.length) return null;
  return (
    <>
      <h2>Provider-level adjustments</h2>
      <p class="c-quiet">A positive amount reduces the payment.</p>
      <DataTable
        caption="Provider-level adjustments"
        noun="adjustment"
        columns={ADJUSTMENTS}
        rows={it.provider_adjustments}
        rowKey={(a) => `${a.reason_code} ${a.reference} ${a.amount}`}
      />
    </>
  );
}
