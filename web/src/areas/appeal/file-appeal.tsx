// Filing a redetermination (42 CFR 405.944): fill in, check, send. The confirmation number comes at once.
// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/preact-query';
import { useLocation, useRoute } from 'preact-iso';
import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Note, Progress, Waiting } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Field, Submit } from '../../ui/fields';
import {
  faultsOfProblem,
  readForm,
  useForm,
  useIdempotencyKey,
  type FieldErrors,
} from '../../ui/form';
import { date, daysLeft, fileSize, money, period, phone } from '../../ui/format';
import { Page } from '../../ui/page';
import { Upload } from '../../ui/upload';
import { serviceOf } from '../claim/claim-parts';
import { useClaim } from '../claim/claim';
import { useAccountId } from '../provider-account/account';
import { useSession } from '../session/session';
import { ATTACHMENT_TYPES, draftOf, dropDraft, faultsOfFiles, keepDraft, storeAll } from './draft';
import { ConfirmationNo, linesWords } from './words';

type Claim = Schemas['Claim'];
type Body = Omit<Schemas['AppealNew'], 'attachment_ids'>;

const STEPS = ['Fill in', 'Check', 'Sent'] as const;

export default function FileAppeal() {
  const account = useAccountId();
  const query = useClaim(account, useRoute().params.claim_id ?? '');
  const claim = query.data;
  const base = `/provider-accounts/${account}`;
  const crumbs: [string, string][] = [[`${base}/claims`, 'Claims']];
  if (claim) crumbs.push([`${base}/claims/${claim.claim_id}`, claim.control_no]);
  const action = claim?.possible_actions.find((a) => a.action === 'redetermination');
  const [checking, setChecking] = useState<Body>();
  return (
    <Page
      title={checking ? 'Check your redetermination' : 'File a redetermination'}
      step={checking ? 'check' : 'fill'}
      crumbs={crumbs}
    >
      <Waiting query={query} />
      {claim && (!action?.allowed || claim.appeal) ? (
        <CannotFile claim={claim} base={base} words={action?.words} />
      ) : null}
      {claim && action?.allowed && !claim.appeal ? (
        <Filing
          claim={claim}
          account={account}
          action={action}
          checking={checking}
          setChecking={setChecking}
        />
      ) : null}
    </Page>
  );
}

function CannotFile({ claim, base, words }: { claim: Claim; base: string; words?: string }) {
  if (claim.appeal) {
    return (
      <Note tone="warn" heading="A redetermination was already filed for this claim">
        <p>
          See{' '}
          <a href={`${base}/redeterminations/${claim.appeal.appeal_id}`}>
            <ConfirmationNo>{claim.appeal.confirmation_no}</ConfirmationNo>
          </a>
          . One is filed for each claim.
        </p>
      </Note>
    );
  }
  return (
    <Note tone="warn" heading="A redetermination cannot be filed for this claim now">
      <p>{words ?? 'The claim’s page says what can be done.'}</p>
    </Note>
  );
}

function Filing({
  claim,
  account,
  action,
  checking,
  setChecking,
}: {
  claim: Claim;
  account: string;
  action: Schemas['PossibleAction'];
  /** What is being checked before it is sent; undefined while it is filled in. */
  checking: Body | undefined;
  setChecking: (body: Body | undefined) => void;
}) {
  const [faults, setFaults] = useState<FieldErrors>({});
  const [files, setFilesState] = useState<File[]>(draftOf(claim.claim_id)?.files ?? []);
  const late = (action.days_left ?? 0) < 0;
  const setFiles = (next: File[]) => {
    setFilesState(next);
    const draft = draftOf(claim.claim_id);
    keepDraft(claim.claim_id, { values: {}, extent: 'claim', lines: [], ...draft, files: next });
  };
  return (
    <>
      <Progress steps={STEPS} at={checking ? 1 : 0} label="Steps to file a redetermination" />
      {checking ? (
        <CheckStep
          claim={claim}
          account={account}
          body={checking}
          files={files}
          back={(errors) => {
            setFaults(errors ?? {});
            setChecking(undefined);
          }}
        />
      ) : (
        <FillStep
          claim={claim}
          action={action}
          late={late}
          files={files}
          setFiles={setFiles}
          faults={faults}
          next={(body) => {
            setFaults({});
            setChecking(body);
          }}
        />
      )}
    </>
  );
}

function useRequester() {
  const me = useSession().data!;
  const profile = useQuery({
    queryKey: ['profile'],
    queryFn: () => ok(api.GET('/api/v1/profile')),
  });
  return {
    ready: !profile.isPending,
    name: `${me.first_name} ${me.last_name}`,
    phone: phone(profile.data?.work_phone ?? profile.data?.mobile_phone),
  };
}

const schemaOf = (late: boolean) =>
  v.pipe(
    v.object({
      extent: v.optional(v.picklist(['claim', 'lines']), 'claim'),
      line_nos: v.array(v.pipe(v.string(), v.transform(Number))),
      requester_name: check.required('Enter the full name of the person who asks.'),
      requester_phone: check.phone('Enter a telephone number for questions.'),
      reason: check.longText('Say why you do not agree with the decision.'),
      additional_information: check.optionalLongText(),
      late_reason: late
        ? check.longText(
            'Say why the request comes after the last day: the contractor weighs good cause.',
          )
        : check.optionalLongText(),
    }),
    v.forward(
      v.partialCheck(
        [['extent'], ['line_nos']],
        (form) => form.extent !== 'lines' || form.line_nos.length > 0,
        'Tick at least one line, or choose the whole claim.',
      ),
      ['line_nos'],
    ),
  );

interface FillProps {
  claim: Claim;
  action: Schemas['PossibleAction'];
  late: boolean;
  files: File[];
  setFiles: (files: File[]) => void;
  faults: FieldErrors;
  next: (body: Body) => void;
}

function FillStep({ claim, action, late, files, setFiles, faults, next }: FillProps) {
  const requester = useRequester();
  const draft = draftOf(claim.claim_id);
  const was = draft?.values ?? {};
  const [extent, setExtent] = useState(draft?.extent ?? 'claim');
  const box = useRef<HTMLFormElement>(null);
  const form = useForm(
    schemaOf(late),
    ({ extent: what, line_nos, ...rest }) => {
      const wrong = faultsOfFiles(files);
      if (Object.keys(wrong).length) return wrong;
      next({ ...rest, claim_id: claim.claim_id, ...(what === 'lines' ? { line_nos } : {}) }); // no lines: the whole claim
      return undefined;
    },
    { lists: ['line_nos'] },
  );
  const shown = form.attempt ? form : { ...form, errors: faults };
  const keep = () => {
    const { line_nos, extent: what, ...values } = readForm(box.current!, ['line_nos']);
    keepDraft(claim.claim_id, {
      values: values as Record<string, string>,
      lines: line_nos as string[],
      extent: what === 'lines' ? 'lines' : 'claim',
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
      <Facts
        items={[
          ['Claim', claim.control_no],
          ['Service', period(claim.from_on, claim.through_on)],
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
            The last day has passed. The contractor accepts a late request only for good cause (42
            CFR 405.942(b)).
          </p>
        </Note>
      ) : null}
      <Choices
        form={shown}
        type="radio"
        name="extent"
        label="What do you appeal?"
        values={[extent]}
        onPick={(value) => setExtent(value as 'claim' | 'lines')}
        options={[
          ['claim', 'The whole claim'],
          ['lines', 'Only some lines'],
        ]}
      />
      {extent === 'lines' ? (
        <Choices
          form={shown}
          type="checkbox"
          name="line_nos"
          label="Lines"
          hint="Tick each line you do not agree with."
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
      <Field
        form={shown}
        name="requester_name"
        label="Requester’s full name"
        value={was.requester_name ?? requester.name}
        autoComplete="name"
      />
      <Field
        form={shown}
        name="requester_phone"
        label="Requester’s telephone"
        type="tel"
        value={was.requester_phone ?? requester.phone}
        autoComplete="tel"
        size="medium"
        hint="With area code, such as (317) 555-0142"
      />
      <Field
        form={shown}
        name="reason"
        label="I do not agree with the determination because"
        rows={6}
        value={was.reason}
        maxLength={4000}
      />
      <Field
        form={shown}
        name="additional_information"
        label="Additional information Medicare should consider"
        optional
        rows={4}
        value={was.additional_information}
        maxLength={4000}
      />
      {late ? (
        <Field
          form={shown}
          name="late_reason"
          label="Why the request comes late"
          rows={3}
          value={was.late_reason}
          maxLength={2000}
        />
      ) : null}
      <Upload
        form={shown}
        name="attachment_ids"
        label="Evidence (optional)"
        accept={ATTACHMENT_TYPES}
        files={files}
        setFiles={setFiles}
        hint="PDF files, each up to 50 MB, up to 20. Medical records, orders, the notice; you can drop them here."
      />
      <div class="c-actions">
        <Submit form={form}>Check before sending</Submit>
      </div>
    </form>
  );
}

interface CheckProps {
  claim: Claim;
  account: string;
  body: Body;
  files: File[];
  back: (faults?: FieldErrors) => void;
}

const FILL_FIELDS = [
  'line_nos',
  'requester_name',
  'requester_phone',
  'reason',
  'additional_information',
  'late_reason',
  'attachment_ids',
];

function CheckStep({ claim, account, body, files, back }: CheckProps) {
  const key = useIdempotencyKey();
  const client = useQueryClient();
  const { route } = useLocation();
  const [said, setSaid] = useState('Sending…');
  const base = `/provider-accounts/${account}`;
  const form = useForm(v.object({}), async () => {
    try {
      const ids = await storeAll(account, files, setSaid);
      const whole = { ...body, ...(ids.length ? { attachment_ids: ids } : {}) };
      setSaid('Filing…');
      const appeal = await ok(
        api.POST('/api/v1/provider-accounts/{provider_account_id}/redeterminations', {
          params: {
            path: { provider_account_id: account },
            header: { 'Idempotency-Key': key(whole) },
          },
          body: whole,
        }),
      );
      dropDraft(claim.claim_id);
      for (const name of ['claim', 'appeals', 'home'])
        client.invalidateQueries({ queryKey: [name] });
      route(`${base}/redeterminations/${appeal.appeal_id}?filed=yes`);
      return undefined;
    } catch (error) {
      const faults = faultsOfProblem(error);
      if (Object.keys(faults).some((name) => FILL_FIELDS.includes(name))) {
        back(faults);
        return undefined;
      }
      return faults;
    }
  });
  return (
    <form noValidate onSubmit={form.onSubmit} class="c-page--narrow">
      <ErrorSummary form={form} />
      <div class="c-panel">
        <Facts
          wide
          items={[
            ['Claim', claim.control_no],
            ['What is appealed', linesWords(body.line_nos)],
            ['Requester', `${body.requester_name}, ${phone(body.requester_phone)}`],
            [
              'I do not agree with the determination because',
              <span class="c-text">{body.reason}</span>,
            ],
            [
              'Additional information',
              body.additional_information && (
                <span class="c-text">{body.additional_information}</span>
              ),
            ],
            [
              'Why the request comes late',
              body.late_reason && <span class="c-text">{body.late_reason}</span>,
            ],
            [
              'Evidence',
              files.length ? (
                <ul class="c-reasons">
                  {files.map((f) => (
                    <li key={f.name + f.size}>
                      {f.name}, {fileSize(f.size)}
                    </li>
                  ))}
                </ul>
              ) : (
                'None'
              ),
            ],
          ]}
        />
      </div>
      <p>
        When you file it, the redetermination is received by the contractor at this moment. One can
        be filed for each claim.
      </p>
      <div class="c-actions">
        <button type="button" class="ds-c-button" onClick={() => back()}>
          Back
        </button>
        <Submit form={form} busy={said}>
          File the redetermination
        </Submit>
      </div>
    </form>
  );
}
