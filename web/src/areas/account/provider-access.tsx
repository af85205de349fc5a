// Manage account: the provider accounts I asked for, what I may do there, the CSN where I am the LSO, and the history with
// every reason given.
// SPDX-License-Identifier: Apache-2.0
import { useLocation } from 'preact-iso';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Id, LinkButton, Note } from '../../ui/bits';
import { functionWords } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { date, instant } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { ACCESS_EVENT, AccessStatus } from '../access/words';
import { LINES_OF_BUSINESS, wordsOf } from './choices';

export type Access = Schemas['Access'];

const COLUMNS: Column<Access>[] = [
  {
    key: 'name',
    label: 'Provider',
    rowHeader: true,
    cell: (a) => (
      <>
        {a.name}
        <br />
        <span class="c-quiet">{[a.city, a.state].filter(Boolean).join(', ')}</span>
      </>
    ),
  },
  {
    key: 'status',
    label: 'Status',
    cell: (a) => (
      <>
        <AccessStatus status={a.status} />
        {a.comment ? <p class="c-comment">{a.comment}</p> : null}
        <History access={a} />
      </>
    ),
  },
  {
    key: 'ids',
    label: 'PTAN, NPI, TIN end',
    cell: (a) => (
      <>
        <Id>{a.ptan}</Id>
        <br />
        <Id>{a.npi}</Id>
        <br />
        <Id>{a.tin_last5}</Id>
      </>
    ),
  },
  {
    key: 'lob',
    label: 'Line of business',
    cell: (a) => wordsOf(LINES_OF_BUSINESS, a.line_of_business),
  },
  { key: 'functions', label: 'Functions', cell: (a) => rights(a) },
  {
    key: 'csn',
    label: 'CSN',
    cell: (a) => (a.csn ? <Id copy={`CSN of ${a.name}`}>{a.csn}</Id> : ''),
  },
  { key: 'updated', label: 'Last change', cell: (a) => date(a.updated_at.slice(0, 10)) },
  {
    key: 'do',
    label: 'Next',
    cell: (a) =>
      a.status === 'awaiting_code' ? (
        <LinkButton small href={`/account/access-code?access=${a.access_id}`}>
          Enter access code
        </LinkButton>
      ) : (
        ''
      ),
  },
];

/** What was granted, or what was asked for while nothing is. */
export function rights(
  a: Pick<Access, 'status' | 'lso' | 'functions' | 'lso_requested' | 'functions_requested'>,
): string {
  const granted = a.status === 'approved';
  const words = functionWords(granted ? a.functions : a.functions_requested);
  const officer = (granted ? a.lso : a.lso_requested) ? ', Local Security Officer' : '';
  return granted ? words + officer : `asked for: ${words}${officer}`;
}

export function ProviderAccess() {
  const { query: url } = useLocation();
  const list = useList({
    key: ['access'],
    filter: {},
    find: (query) => ok(api.GET('/api/v1/access', { params: { query } })),
  });
  return (
    <Page
      title="My provider access"
      actions={
        <LinkButton solid href="/account/request-access">
          Request access
        </LinkButton>
      }
    >
      {url.done === 'requested' ? (
        <Note tone="success" heading="Your request is sent">
          <p>
            The Local Security Officer of the provider account, or the contractor where you will be
            the first, decides it. You get mail.
          </p>
        </Note>
      ) : null}
      {url.done === 'active' ? (
        <Note tone="success" heading="You are the Local Security Officer now">
          <p>
            The CSN of the provider account stands in the table. Give it to the people of your
            office; they need it to ask for access.
          </p>
        </Note>
      ) : null}
      <List
        list={list}
        caption="My provider access"
        noun="provider account"
        columns={COLUMNS}
        rowKey={(a) => a.access_id}
        empty={
          <>
            You have asked for no provider account yet.{' '}
            <a href="/account/request-access">Request access</a>
          </>
        }
      />
    </Page>
  );
}

function History({ access }: { access: Access }) {
  return (
    <details class="c-more">
      <summary>
        History
        <span class="ds-u-visibility--screen-reader">
          {' '}
          of {access.name}, PTAN {access.ptan}
        </span>
      </summary>
      <Facts
        wide
        items={access.events.map(
          (e) =>
            [
              `${instant(e.at)}${e.by ? `, ${e.by}` : ''}`,
              [
                ACCESS_EVENT[e.action],
                e.functions.length ? functionWords(e.functions) : '',
                e.lso ? 'Local Security Officer' : '',
                e.comment,
              ]
                .filter(Boolean)
                .join(': '),
            ] as const,
        )}
      />
    </details>
  );
}
