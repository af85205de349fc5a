// The parts of a claim that the office and the contractor's analyst both see: header, lines with their adjustments and
// remarks, and history.
// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from '../../api/client';
import { Facts, Id, Status } from '../../ui/bits';
import { type Column, DataTable } from '../../ui/data-table';
import { LINES_OF_BUSINESS, wordsOf } from '../../ui/choices';
import { date, money, period } from '../../ui/format';
import { stateFor } from '../../ui/states';
import { CLAIM_STATUS } from './words';

type Claim = Schemas['Claim'];
type Line = Schemas['ClaimLine'];

export function ClaimStatus({ status }: { status: Claim['status'] }) {
  const [words, tone] = stateFor(CLAIM_STATUS, status);
  return <Status tone={tone}>{words}</Status>;
}

export function ClaimHeader({ claim }: { claim: Claim }) {
  return (
    <Facts
      items={[
        [
          'Status',
          <>
            <ClaimStatus status={claim.status} />
            {claim.status_on ? ` since ${date(claim.status_on)}` : ''}
          </>,
        ],
        ['Patient', [claim.patient_first_name, claim.patient_last_name].filter(Boolean).join(' ')],
        ['Medicare Number', claim.mbi && <Id copy="Medicare Number">{claim.mbi}</Id>],
        ['Claim number', <Id copy="claim number">{claim.control_no}</Id>],
        [
          'Your patient account number',
          claim.patient_control_no && <Id>{claim.patient_control_no}</Id>,
        ],
        ['Service dates', period(claim.from_on, claim.through_on)],
        ['Received', date(claim.received_on)],
        ['Finalized', date(claim.finalized_on)],
        ['Charge', money(claim.charge)],
        ['Paid', money(claim.paid)],
        ['Patient owes', money(claim.patient_responsibility)],
        ['Line of business', wordsOf(LINES_OF_BUSINESS, claim.line_of_business)],
        ['Type of bill', claim.bill_type],
        ['Facility', claim.facility],
        ['DRG', claim.drg],
        ['Diagnoses', claim.diagnoses.join(', ')],
      ]}
    />
  );
}

/** The procedure with its modifiers, and the revenue code. */
export const serviceOf = (line: Line): string =>
  [
    line.procedure_code && [line.procedure_code, ...line.modifiers].join('-'),
    line.revenue_code && `revenue code ${line.revenue_code}`,
  ]
    .filter(Boolean)
    .join(', ');

const LINE_COLUMNS: Column<Line>[] = [
  { key: 'no', label: 'Line', rowHeader: true, cell: (l) => l.line_no },
  { key: 'service', label: 'Service', cell: serviceOf },
  { key: 'date', label: 'Date', cell: (l) => period(l.from_on, l.through_on) },
  { key: 'place', label: 'Place of service', cell: (l) => l.place_of_service },
  {
    key: 'units',
    label: 'Units',
    numeric: true,
    cell: (l) => (l.units?.includes('.') ? l.units.replace(/\.?0+$/, '') : l.units),
  },
  { key: 'charge', label: 'Charge', numeric: true, cell: (l) => money(l.charge) },
  { key: 'allowed', label: 'Allowed', numeric: true, cell: (l) => money(l.allowed) },
  { key: 'paid', label: 'Paid', numeric: true, cell: (l) => money(l.paid) },
];

export function ClaimLines({ claim }: { claim: Claim }) {
  return (
    <>
      <h2>Lines</h2>
      <DataTable
        caption="Lines of the claim"
        noun="line"
        columns={LINE_COLUMNS}
        rows={claim.lines}
        rowKey={(l) => String(l.line_no)}
        empty="No lines are on file for this claim yet."
      />
      <Reasons claim={claim} />
    </>
  );
}

interface Reason {
  key: string;
  where: string;
  code: string;
  words: string;
  amount: string | null;
}

/** Every adjustment and remark of the claim in one list, with its code and what the code means. */
export function reasonsOf(claim: Pick<Claim, 'adjustments' | 'remarks' | 'lines'>): Reason[] {
  const of = (where: string, part: Pick<Line, 'adjustments' | 'remarks'>): Reason[] => [
    ...part.adjustments.map((a, i) => ({
      key: `${where} a${i}`,
      where,
      code: `${a.group_code}-${a.reason_code}`,
      amount: a.amount,
      words: [a.reason_words, a.group_words && `(${a.group_words})`].filter(Boolean).join(' '),
    })),
    ...part.remarks.map((r, i) => ({
      key: `${where} r${i}`,
      where,
      code: r.code,
      amount: null,
      words: r.words ?? '',
    })),
  ];
  return [
    ...of('Claim', claim),
    ...claim.lines.flatMap((line) => of(`Line ${line.line_no}`, line)),
  ];
}

const REASON_COLUMNS: Column<Reason>[] = [
  { key: 'where', label: 'Applies to', rowHeader: true, cell: (r) => r.where },
  { key: 'code', label: 'Code', cell: (r) => <Id>{r.code}</Id> },
  {
    key: 'words',
    label: 'What it means',
    cell: (r) => r.words || 'We have no description for this code.',
  },
  { key: 'amount', label: 'Amount', numeric: true, cell: (r) => money(r.amount) },
];

function Reasons({ claim }: { claim: Claim }) {
  const reasons = reasonsOf(claim);
  if (!reasons.length) return null;
  return (
    <>
      <h2>Why Medicare paid this amount</h2>
      <DataTable
        caption="Adjustments and remarks"
        noun="reason"
        columns={REASON_COLUMNS}
        rows={reasons}
        rowKey={(r) => r.key}
      />
    </>
  );
}

const HISTORY: Column<Schemas['Adjudication']>[] = [
  { key: 'on', label: 'Date', rowHeader: true, cell: (a) => date(a.adjudicated_on) || 'No date' },
  {
    key: 'status',
    label: 'What happened',
    cell: (a) =>
      `${a.clp_status_words}${a.reverses_no ? `, reverses decision ${a.reverses_no}` : ''}`,
  },
  { key: 'service', label: 'Service dates', cell: (a) => period(a.from_on, a.through_on) },
  { key: 'payment', label: 'Check or EFT', cell: (a) => <Id>{a.payment_number}</Id> },
  { key: 'charge', label: 'Charge', numeric: true, cell: (a) => money(a.charge) },
  { key: 'paid', label: 'Paid', numeric: true, cell: (a) => money(a.paid) },
  {
    key: 'patient',
    label: 'Patient owes',
    numeric: true,
    cell: (a) => money(a.patient_responsibility),
  },
];

export function ClaimHistory({ claim }: { claim: Claim }) {
  if (!claim.adjudications.length) return null;
  return (
    <>
      <h2>Decisions on this claim</h2>
      <DataTable
        caption="Decisions, oldest first"
        noun="decision"
        columns={HISTORY}
        rows={claim.adjudications}
        rowKey={(a) => String(a.adjudication_no)}
      />
    </>
  );
}
