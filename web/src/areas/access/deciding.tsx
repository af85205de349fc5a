// What the Local Security Officer's and the contractor's decisions on access share: the cells that show the person and the
// provider account, the way from the list to a decision and back, and the form of a decision.
// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/preact-query';
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useState } from 'preact/hooks';
import { Id, Note, Waiting } from '../../ui/bits';
import { ErrorSummary } from '../../ui/error-summary';
import { Field } from '../../ui/fields';
import type { FormState } from '../../ui/form';
import { Page } from '../../ui/page';
import { urlWith } from '../../ui/url-state';

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

/** @param tin whether to show the last digits of the TIN, which the contractor compares with its records */
export function AccountCell({ row, tin }: { row: Account; tin?: boolean }) {
  return (
    <>
      {row.name}
      <br />
      <span class="c-quiet">
        PTAN&nbsp;{row.ptan}, NPI&nbsp;{row.npi}
        {tin ? `, TIN ending ${row.tin_last5}` : ''}
      </span>
    </>
  );
}

interface PickProps {
  row: Person & Account;
  /** Whether this is the main button. */
  solid?: boolean;
  onPick: () => void;
  children: string;
}

/** The button of a row, with the row's name for screen readers. */
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

interface Turn {
  limit: number;
  after: string | undefined;
}
interface Requests<Row> {
  /** The name of the list in the cache of answers. It and home are loaded again after a decision. */
  list: string;
  /** The address of the list; the address of a request is below it. */
  path: string;
  /** The request in the address, if any. */
  access_id: string | undefined;
  /** The rows that the list shows. */
  rows: Row[] | undefined;
  /** One page of the list without a filter, to look for a request that is not in the rows. */
  find: (turn: Turn) => Promise<{ items: Row[]; next?: string | null }>;
}

/** Looks through the list for a row; null when it is not there. */
export async function findRow<Row extends { access_id: string }>(
  find: Requests<Row>['find'],
  access_id: string,
): Promise<Row | null> {
  let after: string | undefined;
  for (;;) {
    const { items, next } = await find({ limit: 100, after });
    const row = items.find((item) => item.access_id === access_id);
    if (row || !next) return row ?? null;
    after = next;
  }
}

/** The request in the address, and the message about the last decision. */
export function useDeciding<Row extends { access_id: string }>({
  list,
  path,
  access_id = '',
  rows,
  find,
}: Requests<Row>) {
  const client = useQueryClient();
  const { query, route } = useLocation();
  const [said, setSaid] = useState('');
  // Read once and kept while the form is open, so that the decision carries the version that the person has seen.
  const row = useQuery<Row | null>({
    queryKey: ['deciding', list, access_id],
    enabled: access_id !== '',
    queryFn: () => findRow(find, access_id),
    initialData: () => rows?.find((item) => item.access_id === access_id),
    staleTime: Infinity,
    gcTime: 0,
  });
  useEffect(() => {
    if (access_id) setSaid('');
  }, [access_id]);
  const home = urlWith(path, query, {}); // with the filters of the list
  return {
    row,
    home,
    pick: (one: Row) => route(urlWith(`${path}/${one.access_id}`, query, {})),
    done: (words: string) => {
      setSaid(words);
      for (const name of [list, 'home']) void client.invalidateQueries({ queryKey: [name] });
      route(home);
    },
    note: said ? (
      <Note tone="success">
        <p>{said}</p>
      </Note>
    ) : null,
  };
}

interface DecidingProps<Row> {
  deciding: Pick<ReturnType<typeof useDeciding<Row & { access_id: string }>>, 'row' | 'home'>;
  /** The title of the list. */
  list: string;
  title: (row: Row | null | undefined) => string;
  /** Whether the row can be decided. */
  open: (row: Row) => boolean;
  children: (row: Row) => ComponentChildren;
}

/** The page of a request. It says so when there is nothing to decide, such as after a decision and Back. */
export function Deciding<Row>({ deciding, list, title, open, children }: DecidingProps<Row>) {
  const { row, home } = deciding;
  return (
    <Page title={title(row.data)} narrow crumbs={[[home, list]]}>
      <Waiting query={row} />
      {row.data && open(row.data) ? children(row.data) : null}
      {row.data === null || (row.data && !open(row.data)) ? (
        <Note tone="warn" heading="There is nothing to decide here">
          <p>
            This request has already been decided, or it is not one that you can decide. See{' '}
            <a href={home}>{list}</a>.
          </p>
        </Note>
      ) : null}
    </Page>
  );
}

interface DecisionFormProps<Decision> {
  form: FormState & { onSubmit: (event: Event) => void };
  /** Holds the decision of the button that was pressed. */
  decision: { current: Decision };
  yes: readonly [decision: Decision, label: string];
  no: readonly [decision: Decision, label: string];
  back: () => void;
  children?: ComponentChildren;
}

/** The form of a decision: its fields, the comment to the user, and a button for each decision. */
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
        optional="quiet"
        rows={3}
        maxLength={500}
        hint="Required if you decline"
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
