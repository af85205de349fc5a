// Taking a redetermination and deciding it.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ifMatch, ok, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Note } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, Field, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { APPEAL_OUTCOMES } from '../appeal/words';

type Case = Schemas['DeskAppeal'];

export function DecideAppeal({ it }: { it: Case }) {
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  const id = it.appeal.appeal_id;
  const params = { path: { appeal_id: id }, header: ifMatch(it.version) };
  const keep = (next: Case) => {
    client.setQueryData(['desk-appeal', id], next);
    for (const name of ['desk-appeals', 'home']) client.invalidateQueries({ queryKey: [name] });
  };
  if (it.appeal.outcome || it.appeal.status === 'withdrawn') return null;
  const take = () =>
    ok(api.POST('/api/v1/desk/redeterminations/{appeal_id}/taking', { params })).then((next) => {
      setError(undefined);
      keep(next);
    }, setError);
  return (
    <section class="c-panel c-no-print" aria-labelledby="decide">
      <h2 id="decide">Decide</h2>
      {error ? (
        <Note tone="error">
          <p>{words(error)}</p>
          <p>
            <button
              type="button"
              class="ds-c-button ds-c-button--small"
              onClick={() => client.refetchQueries({ queryKey: ['desk-appeal', id] })}
            >
              Reload
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
  outcome: check.chosen<Schemas['AppealOutcome']>('Choose the outcome.'),
  rationale: check.longText('Enter the reasons. The office reads them.'),
});

interface DecisionFormProps {
  params: { path: { appeal_id: string }; header: { 'If-Match': string } };
  done: (next: Case) => void;
}

function DecisionForm({ params, done }: DecisionFormProps) {
  const form = useForm(schema, async (body) => {
    done(
      await ok(api.POST('/api/v1/desk/redeterminations/{appeal_id}/decision', { params, body })),
    );
    window.scrollTo(0, 0);
  });
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      <Choices form={form} type="radio" name="outcome" label="Outcome" options={APPEAL_OUTCOMES} />
      <Field
        form={form}
        name="rationale"
        label="Reasons"
        rows={8}
        maxLength={8000}
        hint="Use plain words, and name the rule or policy that applies. The office sees this text."
      />
      <div class="c-actions">
        <Submit form={form} busy="Deciding…">
          Decide
        </Submit>
      </div>
    </form>
  );
}
