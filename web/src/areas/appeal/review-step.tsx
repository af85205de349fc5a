// Filing a redetermination, step 2: review, and sending the files and the form.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, idempotent, ok, type Schemas } from '../../api/client';
import { Facts } from '../../ui/bits';
import { ErrorSummary } from '../../ui/error-summary';
import { Submit } from '../../ui/fields';
import { errorsOfProblem, type FieldErrors, useForm, useIdempotencyKey } from '../../ui/form';
import { fileSize, phone } from '../../ui/format';
import { sendFiles } from '../attachment/attachment';
import { dropDraft } from './draft';
import type { Filing } from './file-appeal';
import { linesWords } from './words';

interface ReviewProps {
  claim: Schemas['Claim'];
  account: string;
  filing: Filing;
  files: File[];
  back: (errors?: FieldErrors) => void;
}

/** The fields of the first step: an error in one of them leads back there. */
const FIELDS = [
  'line_nos',
  'requester_name',
  'requester_phone',
  'reason',
  'additional_information',
  'late_reason',
  'attachment_ids',
];

export function ReviewStep({ claim, account, filing, files, back }: ReviewProps) {
  const key = useIdempotencyKey();
  const client = useQueryClient();
  const { route } = useLocation();
  const [said, say] = useState('Sending…');
  const send = async () => {
    const ids = await sendFiles(account, files, say);
    const body = { ...filing, ...(ids.length ? { attachment_ids: ids } : {}) };
    say('Filing…');
    return ok(
      api.POST('/api/v1/provider-accounts/{provider_account_id}/redeterminations', {
        params: { path: { provider_account_id: account }, header: idempotent(key(body)) },
        body,
      }),
    );
  };
  const form = useForm(v.object({}), async () => {
    try {
      const { appeal_id } = await send();
      dropDraft(claim.claim_id);
      for (const name of ['claim', 'appeals', 'home'])
        client.invalidateQueries({ queryKey: [name] });
      route(`/provider-accounts/${account}/redeterminations/${appeal_id}?filed=yes`);
      return undefined;
    } catch (error) {
      const errors = errorsOfProblem(error);
      if (!Object.keys(errors).some((name) => FIELDS.includes(name))) return errors;
      back(errors);
      return undefined;
    }
  });
  return (
    <form noValidate onSubmit={form.onSubmit} class="c-page--narrow">
      <ErrorSummary form={form} />
      <div class="c-panel">
        <FilingFacts claim={claim} filing={filing} files={files} />
      </div>
      <p>
        The contractor receives your redetermination as soon as you file it. You can file only one
        for each claim.
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

const text = (words: string | undefined) => words && <span class="c-text">{words}</span>;

function FilingFacts({ claim, filing, files }: Pick<ReviewProps, 'claim' | 'filing' | 'files'>) {
  return (
    <Facts
      wide
      items={[
        ['Claim', claim.control_no],
        ['Appealed', linesWords(filing.line_nos)],
        ['Requester', `${filing.requester_name}, ${phone(filing.requester_phone)}`],
        ['I do not agree with the determination because', text(filing.reason)],
        ['Additional information', text(filing.additional_information)],
        ['Reason for filing late', text(filing.late_reason)],
        [
          'Supporting documents',
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
  );
}
