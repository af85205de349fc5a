// What the two desks that decide requests for access share (the Local Security Officer's and the contractor's): the cells
// that say who asks and for what, the way from the list to a decision and back, and the form's end.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Id, Note } from '../../ui/bits';
import { ErrorSummary } from '../../ui/error-summary';
import { Field } from '../../ui/fields';
import type { FormState } from '../../ui/form';

interface Person {
  user_id: string;
  first_name: string;
  last_name: string;
}
interface Account {
  name: string;
  ptan: string;
  npi: string;
  tin_last5: string;
}

export const nameOf = (row: Person) => `${row.first_name} ${row.last_name}`;

export function PersonCell({ row }: { row: Person }) {
  return (
    <>
      {nameOf(row)}
      <br />
      <Id>{row.user_id}</Id>
    </>
  );
}

/** @param tin whether the end of the TIN is shown too, for who compares it with a paper */
export function AccountCell({ row, tin }: { row: Account; tin?: boolean }) {
  return (
    <>
      {row.name}
      <br />
      <span class="c-quiet">
        PTAN&nbsp;{row.ptan}, NPI&nbsp;{row.npi}
        {tin ? `, TIN ends in ${row.tin_last5}` : ''}
      </span>
    </>
  );
}

interface PickProps {
  row: Person & Account;
  /** The button that most people look for. */
  solid?: boolean;
  onPick: () => void;
  children: string;
}

/** The button of a row, which says to a screen reader whose row it is. */
export function PickButton({ row, solid, onPick, children }: PickProps) {
  return (
    <button
      type="button"
      class={`ds-c-button ds-c-button--small${solid ? ' ds-c-button--solid' : ''}`}
      onClick={onPick}
    >
      {children}
      <span class="ds-u-visibility--screen-reader">
        {' '}
        {nameOf(row)}, {row.name}
      </span>
    </button>
  );
}

/**
 * Which row is being decided, if any, and what was said about the last one.
 * @param list the name of the list in the cache of answers: it and home are asked for anew after a decision
 */
export function useDeciding<Row>(list: string) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Row>();
  const [said, setSaid] = useState('');
  return {
    chosen,
    pick: (row: Row) => {
      setSaid('');
      setChosen(row);
    },
    done: (words: string) => {
      setChosen(undefined);
      setSaid(words);
      for (const name of [list, 'home']) void client.invalidateQueries({ queryKey: [name] });
    },
    note: said ? (
      <Note tone="success">
        <p>{said}</p>
      </Note>
    ) : null,
  };
}

interface DecisionFormProps<Decision> {
  form: FormState & { onSubmit: (event: Event) => void };
  /** Holds the decision of the button that was pressed when the form is sent. */
  decision: { current: Decision };
  yes: readonly [decision: Decision, label: string];
  no: readonly [decision: Decision, label: string];
  back: () => void;
  children?: ComponentChildren;
}

/** The form of a decision: its own fields, the comment to the user, and a button for each way it can go. */
export function DecisionForm<Decision>({
  form,
  decision,
  yes,
  no,
  back,
  children,
}: DecisionFormProps<Decision>) {
  const press = (what: Decision) => () => {
    decision.current = what;
  };
  return (
    <form noValidate onSubmit={form.onSubmit}>
      <ErrorSummary form={form} />
      {children}
      <Field
        form={form}
        name="comment"
        label="Comment to the user"
        optional
        rows={3}
        maxLength={500}
        hint="Needed to decline."
      />
      <div class="c-actions">
        <button type="submit" class="ds-c-button ds-c-button--solid" onClick={press(yes[0])}>
          {yes[1]}
        </button>
        <button type="submit" class="ds-c-button" onClick={press(no[0])}>
          {no[1]}
        </button>
        <button type="button" class="ds-c-button ds-c-button--ghost" onClick={back}>
          Back to the list
        </button>
      </div>
    </form>
  );
}
