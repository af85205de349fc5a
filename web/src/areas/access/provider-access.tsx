// Manage account: the person's requests for access with their history, the functions granted, and the CSN for an LSO.
// SPDX-License-Identifier: Apache-2.0
import { useLocation } from 'preact-iso';
import { api, ok, type Schemas } from '../../api/client';
import { Facts, Id, LinkButton, Note } from '../../ui/bits';
import { functionWords, LINES_OF_BUSINESS, wordsOf } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { date, instant } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { ManageAccount } from '../profile/manage-account';
import { accessEvent, AccessStatus, rights } from './words';

type Access = Schemas['Access'];

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
    label: 'PTAN, NPI, TIN ending',
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
  { key: 'functions', label: 'Functions', cell: rights },
  {
    key: 'csn',
    label: 'CSN',
    cell: (a) => (a.csn ? <Id copy={`CSN for ${a.name}`}>{a.csn}</Id> : ''),
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

export default function ProviderAccess() {
  const { query: url } = useLocation();
  const list = useList({
    key: ['access'],
    filter: {},
    find: (query) => ok(api.GET('/api/v1/access', { params: { query } })),
  });
  return (
    <ManageAccount>
      <Page
        title="My provider access"
        actions={
          <LinkButton solid href="/account/request-access">
            Request access
          </LinkButton>
        }
      >
        {url.done === 'requested' ? (
          <Note tone="success" heading="Your request was sent">
            <p>
              The Local Security Officer for the provider account will decide it. If you asked to be
              the first Local Security Officer, the contractor will. You will get an e-mail.
            </p>
          </Note>
        ) : null}
        {url.done === 'active' ? (
          <Note tone="success" heading="You are now the Local Security Officer">
            <p>
              The table shows the CSN for the provider account. People in your office need it to
              request access.
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
              You have not requested access to a provider account yet.{' '}
              <a href="/account/request-access">Request access</a>
            </>
          }
        />
      </Page>
    </ManageAccount>
  );
}

function History({ access }: { access: Access }) {
  return (
    <details class="c-more">
      <summary>
        History
        <span class="ds-u-visibility--screen-reader">
          {' '}
          for {access.name}, PTAN {access.ptan}
        </span>
      </summary>
      <Facts
        wide
        items={access.events.map(
          (e) =>
            [
              `${instant(e.at)}${e.by ? `, ${e.by}` : ''}`,
              [
                accessEvent(e.action),
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
