// Eligibility of one patient on one day: one form, one page of answers. What was pasted is cleaned; the answer opens with
// what it means, in plain words, then the panels. Nothing of it goes into the address.
// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Id, Note, PrintButton, Status } from '../../ui/bits';
import * as check from '../../ui/checks';
import { ErrorSummary } from '../../ui/error-summary';
import { DateField, Field, Submit } from '../../ui/fields';
import { useForm } from '../../ui/form';
import { date, instant, longDate, money, period, phone } from '../../ui/format';
import { Page } from '../../ui/page';
import { AccountScreen } from '../provider-account/account-screen';

type Answer = Schemas['Eligibility'];
type Coverage = Schemas['Coverage'];

const schema = v.object({
  mbi: check.medicareNumber(),
  last_name: check.required(
    'Enter the last name: at least its first six letters, or the whole name when it is shorter.',
  ),
  first_name: check.required('Enter the first name, or its first letter.'),
  birth_on: check.date('Enter the date of birth.'),
  on: check.optionalDate(),
});

const TITLE = 'Eligibility';

export default function Eligibility() {
  return (
    <AccountScreen title={TITLE} needs="eligibility">
      {(account) => <EligibilityOf account={account} />}
    </AccountScreen>
  );
}

function EligibilityOf({ account }: { account: string }) {
  const [round, setRound] = useState(0);
  const [answer, setAnswer] = useState<Answer>();
  const result = useRef<HTMLElement>(null);
  const form = useForm(schema, async (body) => {
    setAnswer(undefined);
    setAnswer(
      await ok(
        api.POST('/api/v1/provider-accounts/{provider_account_id}/eligibility-lookups', {
          params: { path: { provider_account_id: account } },
          body,
        }),
      ),
    );
  });
  useEffect(() => {
    result.current?.focus();
  }, [answer]);

  return (
    <Page title={TITLE} actions={answer?.found ? <PrintButton /> : undefined}>
      <form noValidate onSubmit={form.onSubmit} key={round} class="c-no-print">
        <ErrorSummary form={form} />
        <div class="c-columns c-columns--narrow">
          <Field
            form={form}
            name="mbi"
            label="Medicare Number (MBI)"
            hint="From the card; blanks and dashes do not matter"
          />
          <Field
            form={form}
            name="last_name"
            label="Last name"
            hint="At least the first six letters, as on the card"
          />
          <Field
            form={form}
            name="first_name"
            label="First name"
            hint="At least the first letter"
          />
          <DateField form={form} name="birth_on" label="Date of birth" />
          <DateField
            form={form}
            name="on"
            label="Date of service"
            optional
            hint="Today when left empty; such as 03/07/2026"
          />
        </div>
        <div class="c-actions">
          <Submit form={form} busy="Looking up…">
            Look up
          </Submit>
          <button
            type="button"
            class="ds-c-button"
            onClick={() => {
              setRound(round + 1);
              setAnswer(undefined);
              form.setErrors({});
            }}
          >
            Next patient
          </button>
        </div>
      </form>
      {answer ? (
        <section ref={result} tabIndex={-1} aria-labelledby="answer" class="c-answer">
          {answer.found && answer.beneficiary ? (
            <Found answer={answer} />
          ) : (
            <NotFound answer={answer} />
          )}
        </section>
      ) : null}
    </Page>
  );
}

function NotFound({ answer }: { answer: Answer }) {
  return (
    <>
      <h2 id="answer">No match</h2>
      <Note tone="warn">
        <p>
          {answer.reason?.words ??
            'Nobody matches these four entries. Compare them with the card and look up again.'}
        </p>
      </Note>
    </>
  );
}

function Found({ answer }: { answer: Answer }) {
  const person = answer.beneficiary!;
  const kinds = [...new Set(answer.coverage.map((c) => c.kind))];
  return (
    <>
      <h2 id="answer">
        {person.first_name} {person.last_name} on {longDate(answer.on)}
      </h2>
      {answer.alerts.map((alert) => (
        <Note key={alert.kind + alert.words} tone="warn">
          <p>{alert.words}</p>
        </Note>
      ))}
      <div class="c-panel">
        <h3>Beneficiary</h3>
        <Facts
          items={[
            ['Medicare Number', <Id copy="Medicare Number">{person.mbi}</Id>],
            ['This number ended on', person.mbi_ended_on && date(person.mbi_ended_on)],
            ['Date of birth', date(person.birth_on)],
            ['Date of death', person.death_on && date(person.death_on)],
            ['Sex', person.sex && ({ F: 'Female', M: 'Male' }[person.sex] ?? 'Unknown')],
            ['Lives in', [person.city, person.state].filter(Boolean).join(', ')],
          ]}
        />
      </div>
      <div class="c-columns">
        {kinds.map((kind) => (
          <Panel key={kind} rows={answer.coverage.filter((c) => c.kind === kind)} />
        ))}
      </div>
      {answer.as_of ? <p class="c-quiet">Data as of {instant(answer.as_of)}.</p> : null}
    </>
  );
}

/** One kind of coverage with its periods, those of the date asked about first. */
function Panel({ rows }: { rows: Coverage[] }) {
  const ordered = [...rows].sort((a, b) => Number(b.active) - Number(a.active));
  return (
    <div class="c-panel">
      <h3>{ordered[0]!.words}</h3>
      {ordered.map((c, i) => (
        <div key={i} class="c-coverage">
          <p>
            <Status tone={c.active ? 'good' : 'plain'}>
              {c.active ? 'On this date' : 'Not on this date'}
            </Status>
          </p>
          <Facts
            wide
            items={[
              ['Period', c.from || c.to ? `${period(c.from, c.to)}${c.to ? '' : ', open'}` : null],
              ['Amount', c.amount && money(c.amount)],
              ['Remaining', c.remaining && money(c.remaining)],
              ['Plan or insurer', c.payer_name],
              ['Plan or payer number', c.payer_id && <Id>{c.payer_id}</Id>],
              ['Policy', c.policy && <Id>{c.policy}</Id>],
              ['Details', c.detail],
              ['Telephone', phone(c.phone)],
            ]}
          />
        </div>
      ))}
    </div>
  );
}
