// Filing a redetermination, step 1: the form.
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Field, Submit } from '../../ui/fields';
import { type FieldErrors, type FormState, readForm, useForm } from '../../ui/form';
import { date, daysLeft, money, period, phone } from '../../ui/format';
import { Upload } from '../../ui/upload';
import { ATTACHMENT_TYPES, errorsOfFiles } from '../attachment/attachment';
import { serviceOf } from '../claim/claim-parts';
import { useSession } from '../session/session';
import { type Draft, draftOf, keepDraft } from './draft';
import type { Filing } from './file-appeal';

type Claim = Schemas['Claim'];

const schemaOf = (late: boolean) =>
  v.pipe(
    v.object({
      extent: v.optional(v.picklist(['claim', 'lines']), 'claim'),
      line_nos: v.array(v.pipe(v.string(), v.transform(Number))),
      requester_name: check.required('Enter the requester’s full name.'),
      requester_phone: check.phone('Enter the requester’s telephone number.'),
      reason: check.longText('Enter why you do not agree with the determination.'),
      additional_information: check.optionalLongText(),
      late_reason: late
        ? check.longText(
            'Enter why you are filing late. The contractor decides whether there is good cause.',
          )
        : check.optionalLongText(),
    }),
    v.forward(
      v.partialCheck(
        [['extent'], ['line_nos']],
        (form) => form.extent !== 'lines' || form.line_nos.length > 0,
        'Select at least one line, or choose the whole claim.',
      ),
      ['line_nos'],
    ),
  );

interface FillProps {
  claim: Claim;
  action: Schemas['PossibleAction'];
  files: File[];
  setFiles: (files: File[]) => void;
  /** Errors that the server found. */
  errors: FieldErrors;
  next: (filing: Filing) => void;
}

export function FillStep({ claim, action, files, setFiles, errors, next }: FillProps) {
  const requester = useRequester();
  const draft = draftOf(claim.claim_id);
  const late = (action.days_left ?? 0) < 0;
  const box = useRef<HTMLFormElement>(null);
  const form = useForm(
    schemaOf(late),
    ({ extent, line_nos, ...rest }) => {
      const wrong = errorsOfFiles(files);
      if (Object.keys(wrong).length) return wrong;
      // without line numbers the whole claim is appealed
      next({ ...rest, claim_id: claim.claim_id, ...(extent === 'lines' ? { line_nos } : {}) });
      return undefined;
    },
    { lists: ['line_nos'] },
  );
  const shown = form.attempt ? form : { ...form, errors };
  const keep = () => {
    const { line_nos, extent, ...values } = readForm(box.current!, ['line_nos']);
    keepDraft(claim.claim_id, {
      values: values as Record<string, string>,
      lines: line_nos as string[],
      extent: extent === 'lines' ? 'lines' : 'claim',
      files,
    });
  };
  if (!requester.ready)
    return (
      <p class="c-loading" role="status">
        Loading…
      </p>
    );
  return (
    <form
      noValidate
      onSubmit={form.onSubmit}
      onInput={keep}
      onChange={keep}
      ref={box}
      class="c-page--narrow"
    >
      <ErrorSummary form={shown} />
      <ClaimFacts claim={claim} action={action} late={late} />
      <Extent form={shown} claim={claim} draft={draft} />
      <Requester form={shown} was={{ ...requester.values, ...draft?.values }} />
      <Reasons form={shown} was={draft?.values ?? {}} late={late} />
      <Upload
        form={shown}
        name="attachment_ids"
        label="Supporting documents (optional)"
        accept={ATTACHMENT_TYPES}
        files={files}
        setFiles={setFiles}
        hint="Up to 20 PDF files of up to 50 MB each, such as medical records, orders, or the notice. You can also drop files here."
      />
      <div class="c-actions">
        <Submit form={form}>Continue to review</Submit>
      </div>
    </form>
  );
}

/** The person at the screen, as the first values of the requester's fields. */
function useRequester() {
  const me = useSession().data!;
  const profile = useQuery({
    queryKey: ['profile'],
    queryFn: () => ok(api.GET('/api/v1/profile')),
  });
  return {
    ready: !profile.isPending,
    values: {
      requester_name: `${me.first_name} ${me.last_name}`,
      requester_phone: phone(profile.data?.work_phone ?? profile.data?.mobile_phone),
    },
  };
}

function ClaimFacts({
  claim,
  action,
  late,
}: Pick<FillProps, 'claim' | 'action'> & { late: boolean }) {
  return (
    <>
      <Facts
        items={[
          ['Claim', claim.control_no],
          ['Service dates', period(claim.from_on, claim.through_on)],
          ['Charge', money(claim.charge)],
          ['Paid', money(claim.paid)],
          [
            'Last day to file',
            action.deadline_on && `${date(action.deadline_on)}, ${daysLeft(action.days_left ?? 0)}`,
          ],
          ['Rule', action.rule],
        ]}
      />
      {late ? (
        <Note tone="warn">
          <p>
            The last day to file has passed. The contractor accepts a late request only for good
            cause (42 CFR 405.942(b)).
          </p>
        </Note>
      ) : null}
    </>
  );
}

interface PartProps {
  form: FormState;
  was: Record<string, string>;
}

function Extent({
  form,
  claim,
  draft,
}: {
  form: FormState;
  claim: Claim;
  draft: Draft | undefined;
}) {
  const [extent, setExtent] = useState(draft?.extent ?? 'claim');
  return (
    <>
      <Choices
        form={form}
        type="radio"
        name="extent"
        label="What are you appealing?"
        values={[extent]}
        onPick={(value) => setExtent(value as Draft['extent'])}
        options={[
          ['claim', 'The whole claim'],
          ['lines', 'Only some lines'],
        ]}
      />
      {extent === 'lines' ? (
        <Choices
          form={form}
          type="checkbox"
          name="line_nos"
          label="Lines"
          hint="Select each line that you do not agree with."
          values={draft?.lines}
          options={claim.lines.map(
            (line) =>
              [
                String(line.line_no),
                `Line ${line.line_no}: ${serviceOf(line)}`,
                `${period(line.from_on, line.through_on)}, charge ${money(line.charge)}, paid ${money(line.paid) || 'nothing'}`,
              ] as const,
          )}
        />
      ) : null}
    </>
  );
}

function Requester({ form, was }: PartProps) {
  return (
    <>
      <Field
        form={form}
        name="requester_name"
        label="Requester’s full name"
        value={was.requester_name}
        autoComplete="name"
      />
      <Field
        form={form}
        name="requester_phone"
        label="Requester’s telephone number"
        type="tel"
        value={was.requester_phone}
        autoComplete="tel"
        size="medium"
        hint="Include the area code, such as (317) 555‑0142."
      />
    </>
  );
}

function Reasons({ form, was, late }: PartProps & { late: boolean }) {
  return (
    <>
      <Field
        form={form}
        name="reason"
        label="I do not agree with the determination because"
        rows={6}
        value={was.reason}
        maxLength={4000}
      />
      <Field
        form={form}
        name="additional_information"
        label="Additional information Medicare should consider"
        optional
        rows={4}
        value={was.additional_information}
        maxLength={4000}
      />
      {late ? (
        <Field
          form={form}
          name="late_reason"
          label="Reason for filing late"
          rows={3}
          value={was.late_reason}
          maxLength={2000}
        />
      ) : null}
    </>
  );
}
