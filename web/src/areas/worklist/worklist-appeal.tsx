// One redetermination before the analyst: the request, its evidence, the claim; take it, decide it.
// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/preact-query';
import { useRoute } from 'preact-iso';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ifMatch, ok, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Facts, Note, PrintButton, Status, Waiting } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Field, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { date, daysLeft } from '../../ui/format';
import { Page } from '../../ui/page';
import { LINES_OF_BUSINESS, wordsOf } from '../account/choices';
import { AppealFacts, AppealHistory, Attachments, Decision } from '../appeal/appeal-parts';
import { APPEAL_OUTCOME, ConfirmationNo } from '../appeal/words';
import { ClaimHeader, ClaimHistory, ClaimLines } from '../claim/claim-parts';
import { useSession } from '../session/session';
import { NotAnalyst } from './worklist';

type Case = Schemas['DeskAppeal'];
type Outcome = Schemas['AppealOutcome'];

export default function WorklistAppeal() {
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
      crumbs={[['/worklist/redeterminations', 'Redeterminations to decide']]}
      actions={it ? <PrintButton /> : undefined}
    >
      <Waiting query={query} />
      {it ? (
        <>
          <Facts
            items={[
              ['Provider', it.provider_account.name],
              ['NPI', it.provider_account.npi],
              ['PTAN', it.provider_account.ptan],
              [
                'Line of business',
                `${wordsOf(LINES_OF_BUSINESS, it.provider_account.line_of_business)}, ${it.provider_account.state}`,
              ],
              ['Analyst', it.assigned_to ?? 'Nobody yet'],
              it.appeal.outcome
                ? null
                : [
                    'Decide by',
                    <>
                      {date(it.appeal.decision_due_on)}{' '}
                      <Status
                        tone={it.days_left < 0 ? 'bad' : it.days_left <= 14 ? 'wait' : 'plain'}
                      >
                        {daysLeft(it.days_left)}
                      </Status>
                    </>,
                  ],
            ]}
          />
          <Decision appeal={it.appeal} />
          <AppealFacts
            appeal={it.appeal}
            claimLink={<span class="c-id">{it.appeal.control_no}</span>}
          />
          <Attachments
            appeal={it.appeal}
            open={(file) => (
              <a
                href={`/api/v1/desk/redeterminations/${id}/attachments/${file.attachment_id}`}
                download={file.file_name}
              >
                {file.file_name}
              </a>
            )}
          />
          <h2>The claim</h2>
          <ClaimHeader claim={it.claim} />
          <ClaimLines claim={it.claim} />
          <ClaimHistory claim={it.claim} />
          <AppealHistory appeal={it.appeal} />
          <Deciding it={it} />
        </>
      ) : null}
    </Page>
  );
}

function Deciding({ it }: { it: Case }) {
  const client = useQueryClient();
  const [fault, setFault] = useState<unknown>();
  const id = it.appeal.appeal_id;
  const params = { path: { appeal_id: id }, header: ifMatch(it.version) };
  const keep = (next: Case) => {
    client.setQueryData(['desk-appeal', id], next);
    for (const name of ['desk-appeals', 'home']) client.invalidateQueries({ queryKey: [name] });
  };
  if (it.appeal.outcome || it.appeal.status === 'withdrawn') return null;
  const take = () =>
    ok(api.POST('/api/v1/desk/redeterminations/{appeal_id}/taking', { params })).then((next) => {
      setFault(undefined);
      keep(next);
    }, setFault);
  return (
    <section class="c-panel c-no-print" aria-labelledby="decide">
      <h2 id="decide">Decide</h2>
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
          <p>
            <button
              type="button"
              class="ds-c-button ds-c-button--small"
              onClick={() => client.refetchQueries({ queryKey: ['desk-appeal', id] })}
            >
              Load it again
            </button>
          </p>
        </Note>
      ) : null}
      {it.appeal.status === 'received' ? (
        <p>
          <button type="button" class="ds-c-button" onClick={take}>
            Take this case
          </button>
        </p>
      ) : null}
      <DecisionForm params={params} done={keep} />
    </section>
  );
}

const schema = v.object({
  outcome: check.chosen<Outcome>('Choose the outcome.'),
  rationale: check.longText('Write the reasons; the office reads them.'),
});

function DecisionForm({
  params,
  done,
}: {
  params: { path: { appeal_id: string }; header: { 'If-Match': string } };
  done: (next: Case) => void;
}) {
  const form = useForm(schema, async (body) => {
    done(
      await ok(api.POST('/api/v1/desk/redeterminations/{appeal_id}/decision', { params, body })),
    );
    window.scrollTo(0, 0);
  });
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <Choices
        form={form}
        type="radio"
        name="outcome"
        label="Outcome"
        options={Object.entries(APPEAL_OUTCOME).map(([key, label]) => [key, label] as const)}
      />
      <Field
        form={form}
        name="rationale"
        label="Reasons"
        rows={8}
        maxLength={8000}
        hint="In plain words, with the rule or policy that decides. The office sees this text."
      />
      <div class="c-actions">
        <Submit form={form} busy="Deciding…">
          Decide
        </Submit>
      </div>
    </form>
  );
}
