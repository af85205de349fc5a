// The parts of a redetermination that the office and the contractor's analyst both see.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import type { Schemas } from '../../api/client';
import { Facts, Id, Note } from '../../ui/bits';
import { type Column, DataTable } from '../../ui/data-table';
import { date, fileSize, instant, phone } from '../../ui/format';
import { appealEvent, appealOutcome, AppealStatus, linesWords } from './words';

type Appeal = Schemas['Appeal'];

export function Decision({ appeal }: { appeal: Appeal }) {
  if (!appeal.outcome) return null;
  return (
    <section class="c-panel" aria-labelledby="decision">
      <h2 id="decision">Decision: {appealOutcome(appeal.outcome)}</h2>
      <p class="c-quiet">{instant(appeal.decided_at)}</p>
      <p class="c-text">{appeal.rationale}</p>
    </section>
  );
}

interface AppealFactsProps {
  appeal: Appeal;
  claimLink: ComponentChildren;
  /** How the due date is shown; the date alone by default. */
  due?: ComponentChildren;
}

export function AppealFacts({ appeal, claimLink, due }: AppealFactsProps) {
  return (
    <>
      <Facts
        items={[
          ['Confirmation number', <Id copy="confirmation number">{appeal.confirmation_no}</Id>],
          ['Status', <AppealStatus status={appeal.status} />],
          ['Claim', claimLink],
          ['Appealed', linesWords(appeal.line_nos)],
          ['Filed', instant(appeal.filed_at)],
          ['Date of initial determination notice', date(appeal.notice_on)],
          ['Last day to file', date(appeal.deadline_on)],
          appeal.decided_at ? null : ['Decision due', due ?? date(appeal.decision_due_on)],
          ['Requester', appeal.requester_name],
          ['Telephone number', phone(appeal.requester_phone)],
        ]}
      />
      <h2>I do not agree with the determination because</h2>
      <p class="c-text">{appeal.reason}</p>
      <Part heading="Additional information" text={appeal.additional_information} />
      <Part heading="Reason for filing late" text={appeal.late_reason} />
    </>
  );
}

function Part({ heading, text }: { heading: string; text: string | null }) {
  return text ? (
    <>
      <h2>{heading}</h2>
      <p class="c-text">{text}</p>
    </>
  ) : null;
}

interface AttachmentsProps {
  appeal: Appeal;
  /** A link that opens a file; without it the list shows only the names. */
  open?: (file: Schemas['Attachment']) => ComponentChildren;
}

export function Attachments({ appeal, open }: AttachmentsProps) {
  const columns: Column<Schemas['Attachment']>[] = [
    { key: 'name', label: 'File', rowHeader: true, cell: (f) => open?.(f) ?? f.file_name },
    { key: 'pages', label: 'Pages', numeric: true, cell: (f) => f.pages },
    { key: 'size', label: 'Size', numeric: true, cell: (f) => fileSize(Number(f.bytes)) },
    { key: 'at', label: 'Received', cell: (f) => instant(f.created_at) },
    { key: 'sha', label: 'SHA-256', cell: (f) => <Id>{f.sha256}</Id> },
  ];
  return (
    <>
      <h2>Attachments</h2>
      {appeal.attachments.length ? (
        <DataTable
          caption="Attachments"
          noun="file"
          columns={columns}
          rows={appeal.attachments}
          rowKey={(f) => f.attachment_id}
        />
      ) : (
        <Note>
          <p>No files were attached.</p>
        </Note>
      )}
    </>
  );
}

const EVENTS: Column<Schemas['AppealEvent']>[] = [
  { key: 'at', label: 'Date and time', rowHeader: true, cell: (e) => instant(e.at) },
  { key: 'action', label: 'Event', cell: (e) => appealEvent(e.action) },
  { key: 'by', label: 'By', cell: (e) => e.by },
  { key: 'words', label: 'Note', cell: (e) => e.words },
];

export function AppealHistory({ appeal }: { appeal: Appeal }) {
  return (
    <>
      <h2>History</h2>
      <DataTable
        caption="History"
        noun="entry"
        nouns="entries"
        columns={EVENTS}
        rows={appeal.events}
        rowKey={(e) => e.at + e.action}
      />
    </>
  );
}

export const dueWords = (appeal: Appeal): string =>
  `The contractor will decide within 60 days, by ${date(appeal.decision_due_on)}.`;
