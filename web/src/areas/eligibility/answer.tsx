// The answer to an eligibility lookup: what it means in plain words, then the panels of coverage.
// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from '../../api/client';
import { Facts, Id, Note, Status } from '../../ui/bits';
import { date, instant, money, period, phone } from '../../ui/format';

type Eligibility = Schemas['Eligibility'];
type Coverage = Schemas['Coverage'];

export function Answer({ answer }: { answer: Eligibility }) {
  return answer.found && answer.beneficiary ? (
    <Found answer={answer} person={answer.beneficiary} />
  ) : (
    <NotFound answer={answer} />
  );
}

function NotFound({ answer }: { answer: Eligibility }) {
  return (
    <>
      <h2 id="answer">No match</h2>
      <Note tone="warn">
        <p>
          {answer.reason?.words ??
            'No beneficiary matches these entries. Compare them with the card and look up again.'}
        </p>
      </Note>
    </>
  );
}

interface FoundProps {
  answer: Eligibility;
  person: NonNullable<Eligibility['beneficiary']>;
}

function Found({ answer, person }: FoundProps) {
  const kinds = [...new Set(answer.coverage.map((c) => c.kind))];
  return (
    <>
      <h2 id="answer">
        {person.first_name} {person.last_name} on {date(answer.on)}
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
            ['Number ended on', person.mbi_ended_on && date(person.mbi_ended_on)],
            ['Date of birth', date(person.birth_on)],
            ['Date of death', person.death_on && date(person.death_on)],
            ['Sex', person.sex && ({ F: 'Female', M: 'Male' }[person.sex] ?? 'Unknown')],
            ['City and state', [person.city, person.state].filter(Boolean).join(', ')],
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

/** One kind of coverage with its periods; those in effect on the date come first. */
function Panel({ rows }: { rows: Coverage[] }) {
  const ordered = [...rows].sort((a, b) => Number(b.active) - Number(a.active));
  return (
    <div class="c-panel">
      <h3>{ordered[0]!.words}</h3>
      {ordered.map((c, i) => (
        <div key={i} class="c-coverage">
          <p>
            <Status tone={c.active ? 'good' : 'plain'}>
              {c.active ? 'In effect on this date' : 'Not in effect on this date'}
            </Status>
          </p>
          <Facts
            wide
            items={[
              ['Period', periodOf(c)],
              ['Amount', c.amount && money(c.amount)],
              ['Remaining', c.remaining && money(c.remaining)],
              ['Plan or insurer', c.payer_name],
              ['Plan or payer number', c.payer_id && <Id>{c.payer_id}</Id>],
              ['Policy number', c.policy && <Id>{c.policy}</Id>],
              ['Details', c.detail],
              ['Telephone number', phone(c.phone)],
            ]}
          />
        </div>
      ))}
    </div>
  );
}

const periodOf = ({ from, to }: Coverage) =>
  from || to ? `${period(from, to)}${to ? '' : ', no end date'}` : null;
