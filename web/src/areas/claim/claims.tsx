// Claim search. Days and status stand in the address; numbers of a person or a claim are kept in memory only, so that Back
// from a claim finds the same list.
// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok, type Schemas } from '../../api/client';
import { Id, PrintButton, Status } from '../../ui/bits';
import * as check from '../../ui/checks';
import * as clean from '../../ui/clean';
import type { Column } from '../../ui/data-table';
import { ErrorSummary } from '../../ui/error-summary';
import { DateField, Field, SelectField, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { date, money, period } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { keeps } from '../../ui/memory';
import { Page } from '../../ui/page';
import { useUrlState } from '../../ui/url-state';
import { AccountScreen } from '../provider-account/account-screen';
import { CLAIM_STATUS, CLAIM_STATUSES, isClaimStatus } from './words';

type Claim = Schemas['ClaimSummary'];
type Numbers = Pick<Schemas['ClaimSearch'], 'mbi' | 'control_no' | 'patient_control_no'>;

/** The last search of each provider account. */
const numbersOf = new Map<string, Numbers>();
keeps({ forget: () => numbersOf.clear() });

const anyIdentifier = v.pipe(
  v.optional(v.string(), ''),
  v.transform((s) => clean.identifier(s) || undefined),
);
const schema = v.pipe(
  v.object({
    mbi: v.pipe(
      anyIdentifier,
      v.check(
        (m) => !m || /^[0-9A-Z]{11}$/.test(m),
        'A Medicare Number has 11 letters and digits. Check the card, or leave this empty.',
      ),
    ),
    control_no: anyIdentifier,
    patient_control_no: check.optional(),
    from: check.optionalDate(),
    to: check.optionalDate(),
    status: v.optional(v.string(), ''),
  }),
  v.forward(v.partialCheck([['from'], ['to']], check.daysInOrder, check.DAYS_TURNED), ['to']),
);

const TITLE = 'Claims';

export default function Claims() {
  return (
    <AccountScreen title={TITLE} needs="claims">
      {(account) => <ClaimsOf account={account} />}
    </AccountScreen>
  );
}

function ClaimsOf({ account }: { account: string }) {
  const { q, set } = useUrlState();
  const [numbers, setNumbers] = useState<Numbers>(numbersOf.get(account) ?? {});
  const [round, setRound] = useState(0);
  const filter = {
    ...numbers,
    from: clean.date(q.from ?? '') ?? undefined,
    to: clean.date(q.to ?? '') ?? undefined,
    status: isClaimStatus(q.status) ? q.status : undefined,
  };
  const list = useList({
    key: ['claims', account],
    filter,
    find: (body) =>
      ok(
        api.POST('/api/v1/provider-accounts/{provider_account_id}/claim-searches', {
          params: { path: { provider_account_id: account } },
          body,
        }),
      ),
  });

  const keep = (next: Numbers) => {
    numbersOf.set(account, next);
    setNumbers(next);
  };
  const form = useForm(schema, ({ from, to, status, ...rest }) => {
    keep(rest);
    set({ from, to, status });
  });
  const reset = () => {
    keep({});
    set({ from: undefined, to: undefined, status: undefined });
    form.setErrors({});
    setRound(round + 1);
  };

  return (
    <Page title={TITLE} actions={<PrintButton />}>
      <form noValidate onSubmit={form.onSubmit} key={round} class="c-no-print">
        <ErrorSummary form={form} />
        <div class="c-columns c-columns--narrow">
          <Field
            form={form}
            name="mbi"
            label="Medicare Number (MBI)"
            optional="quiet"
            value={numbers.mbi}
          />
          <Field
            form={form}
            name="control_no"
            label="Claim number (ICN or DCN)"
            optional="quiet"
            value={numbers.control_no}
          />
          <Field
            form={form}
            name="patient_control_no"
            label="Your patient account number"
            optional="quiet"
            value={numbers.patient_control_no}
          />
          <DateField
            form={form}
            name="from"
            label="Service from"
            optional="quiet"
            value={date(filter.from)}
            hint="Such as 01/31/2026"
          />
          <DateField
            form={form}
            name="to"
            label="Service to"
            optional="quiet"
            value={date(filter.to)}
            hint="Such as 02/28/2026"
          />
          <SelectField
            form={form}
            name="status"
            label="Status"
            optional="quiet"
            options={CLAIM_STATUSES}
            value={filter.status}
            empty="All"
          />
        </div>
        <div class="c-actions">
          <Submit form={form}>Search</Submit>
          <button type="button" class="ds-c-button" onClick={reset}>
            Reset
          </button>
        </div>
      </form>
      <List
        list={list}
        csv={{
          path: `/api/v1/provider-accounts/${account}/claim-searches`,
          fileName: 'claims.csv',
          post: true,
        }}
        caption="Claims found"
        noun="claim"
        columns={columnsOf(account)}
        rowKey={(c) => c.claim_id}
        empty="No claim matches. Widen the days, or take a filter out. A claim appears two to three business days after it was sent."
      />
    </Page>
  );
}

const columnsOf = (account: string): Column<Claim>[] => [
  {
    key: 'control_no',
    label: 'Claim number',
    rowHeader: true,
    cell: (c) => (
      <a href={`/provider-accounts/${account}/claims/${c.claim_id}`}>
        <span class="c-id c-id--link">{c.control_no}</span>
      </a>
    ),
  },
  { key: 'patient', label: 'Patient', cell: (c) => c.patient_name },
  { key: 'mbi', label: 'Medicare Number', cell: (c) => <Id>{c.mbi}</Id> },
  { key: 'service', label: 'Service', cell: (c) => period(c.from_on, c.through_on) },
  {
    key: 'status',
    label: 'Status',
    cell: (c) => <Status tone={CLAIM_STATUS[c.status][1]}>{CLAIM_STATUS[c.status][0]}</Status>,
  },
  { key: 'status_on', label: 'Since', cell: (c) => date(c.status_on) },
  { key: 'charge', label: 'Charge', numeric: true, cell: (c) => money(c.charge) },
  { key: 'paid', label: 'Paid', numeric: true, cell: (c) => money(c.paid) },
];
