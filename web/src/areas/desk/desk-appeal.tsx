// A redetermination at the contractor's desk: the request, its documents, the claim, and the decision.
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, PrintButton, Waiting } from '../../ui/bits';
import { LINES_OF_BUSINESS, wordsOf } from '../../ui/choices';
import { Page } from '../../ui/page';
import { AppealFacts, AppealHistory, Attachments, Decision } from '../appeal/appeal-parts';
import { ConfirmationNo } from '../appeal/words';
import { ClaimHeader, ClaimHistory, ClaimLines } from '../claim/claim-parts';
import { useSession } from '../session/session';
import { DecideAppeal } from './decide-appeal';
import { Due } from './due';
import { NotAnalyst } from './not-analyst';

export default function DeskAppealPage() {
  const id = useRoute().params.appeal_id ?? '';
  const analyst = useSession().data?.kind === 'analyst';
  const query = useQuery({
    queryKey: ['desk-appeal', id],
    enabled: analyst,
    queryFn: () =>
      ok(
        api.GET('/api/v1/desk/redeterminations/{appeal_id}', {
          params: { path: { appeal_id: id } },
        }),
      ),
  });
  if (!analyst) return <NotAnalyst />;
  const it = query.data;
  return (
    <Page
      title="Redetermination"
      heading={
        it ? (
          <>
            Redetermination <ConfirmationNo>{it.appeal.confirmation_no}</ConfirmationNo>
          </>
        ) : (
          'Redetermination'
        )
      }
      crumbs={[['/desk/redeterminations', 'Redeterminations to decide']]}
      actions={it ? <PrintButton /> : undefined}
    >
      <Waiting query={query} />
      {it ? <Parts it={it} /> : null}
    </Page>
  );
}

function Parts({ it }: { it: Schemas['DeskAppeal'] }) {
  const account = it.provider_account;
  return (
    <>
      <Facts
        items={[
          ['Provider', account.name],
          ['NPI', account.npi],
          ['PTAN', account.ptan],
          [
            'Line of business',
            `${wordsOf(LINES_OF_BUSINESS, account.line_of_business)}, ${account.state}`,
          ],
          ['Analyst', it.assigned_to ?? 'Not assigned'],
        ]}
      />
      <Decision appeal={it.appeal} />
      <AppealFacts
        appeal={it.appeal}
        claimLink={<span class="c-id">{it.appeal.control_no}</span>}
        due={<Due on={it.appeal.decision_due_on} days={it.days_left} />}
      />
      <Attachments
        appeal={it.appeal}
        open={(file) => (
          <a
            href={`/api/v1/desk/redeterminations/${it.appeal.appeal_id}/attachments/${file.attachment_id}`}
            download={file.file_name}
          >
            {file.file_name}
          </a>
        )}
      />
      <h2>Claim</h2>
      <ClaimHeader claim={it.claim} />
      <ClaimLines claim={it.claim} />
      <ClaimHistory claim={it.claim} />
      <AppealHistory appeal={it.appeal} />
      <DecideAppeal it={it} />
    </>
  );
}
