// Filing a redetermination (42 CFR 405.944): fill in, review, send. The confirmation number comes with the answer.
// SPDX-License-Identifier: Apache-2.0
import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import type { Schemas } from '../../api/client';
import { Note, Progress, Waiting } from '../../ui/bits';
import type { FieldErrors } from '../../ui/form';
import { Page } from '../../ui/page';
import { useClaim } from '../claim/claim';
import { useAccountId } from '../provider_account/account';
import { draftOf, keepDraft } from './draft';
import { FillStep } from './fill-step';
import { ReviewStep } from './review-step';
import { ConfirmationNo } from './words';

type Claim = Schemas['Claim'];
/** The form's content as it is sent, but for its files. */
export type Filing = Omit<Schemas['AppealNew'], 'attachment_ids'>;

const STEPS = ['Fill in', 'Review', 'Sent'] as const;

export default function FileAppeal() {
  const account = useAccountId();
  const query = useClaim(account, useRoute().params.claim_id ?? '');
  const claim = query.data;
  const base = `/provider-accounts/${account}`;
  const crumbs: [string, string][] = [[`${base}/claims`, 'Claims']];
  if (claim) crumbs.push([`${base}/claims/${claim.claim_id}`, claim.control_no]);
  const action = claim?.possible_actions.find((a) => a.action === 'redetermination');
  const [filing, setFiling] = useState<Filing>();
  return (
    <Page
      title={filing ? 'Review your redetermination' : 'File a redetermination'}
      step={filing ? 'review' : 'fill'}
      crumbs={crumbs}
    >
      <Waiting query={query} />
      {claim && (!action?.allowed || claim.appeal) ? (
        <CannotFile claim={claim} base={base} words={action?.words} />
      ) : null}
      {claim && action?.allowed && !claim.appeal ? (
        <Steps
          claim={claim}
          account={account}
          action={action}
          filing={filing}
          setFiling={setFiling}
        />
      ) : null}
    </Page>
  );
}

interface CannotFileProps {
  claim: Claim;
  base: string;
  words?: string;
}

function CannotFile({ claim, base, words }: CannotFileProps) {
  if (claim.appeal) {
    return (
      <Note tone="warn" heading="A redetermination has already been filed for this claim">
        <p>
          See{' '}
          <a href={`${base}/redeterminations/${claim.appeal.appeal_id}`}>
            <ConfirmationNo>{claim.appeal.confirmation_no}</ConfirmationNo>
          </a>
          . You can file only one for each claim.
        </p>
      </Note>
    );
  }
  return (
    <Note tone="warn" heading="You cannot file a redetermination for this claim now">
      <p>{words ?? 'The claim’s page shows what you can do.'}</p>
    </Note>
  );
}

interface StepsProps {
  claim: Claim;
  account: string;
  action: Schemas['PossibleAction'];
  /** What is being reviewed before it is sent; undefined while the form is filled in. */
  filing: Filing | undefined;
  setFiling: (filing: Filing | undefined) => void;
}

function Steps({ claim, account, action, filing, setFiling }: StepsProps) {
  const [errors, setErrors] = useState<FieldErrors>({});
  const [files, setFilesState] = useState<File[]>(draftOf(claim.claim_id)?.files ?? []);
  const setFiles = (next: File[]) => {
    setFilesState(next);
    const draft = draftOf(claim.claim_id);
    keepDraft(claim.claim_id, { values: {}, extent: 'claim', lines: [], ...draft, files: next });
  };
  const move = (next: Filing | undefined, wrong: FieldErrors = {}) => {
    setErrors(wrong);
    setFiling(next);
  };
  return (
    <>
      <Progress steps={STEPS} at={filing ? 1 : 0} label="Steps to file a redetermination" />
      {filing ? (
        <ReviewStep
          claim={claim}
          account={account}
          filing={filing}
          files={files}
          back={(wrong) => move(undefined, wrong)}
        />
      ) : (
        <FillStep
          claim={claim}
          action={action}
          files={files}
          setFiles={setFiles}
          errors={errors}
          next={(body) => move(body)}
        />
      )}
    </>
  );
}
