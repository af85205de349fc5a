// Manage account: tokens for scripts, each limited to chosen functions and provider accounts.
// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from '@tanstack/preact-query';
import type { TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, ok, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Ask, Id, Note, Status } from '../../ui/bits';
import { functionWords } from '../../ui/choices';
import type { Column } from '../../ui/data-table';
import { instant } from '../../ui/format';
import { List, useList } from '../../ui/list';
import { Page } from '../../ui/page';
import { ManageAccount } from '../profile/manage-account';
import { NewToken, type NewSecret } from './new-token';

type Token = Schemas['Token'];

export default function Tokens() {
  const client = useQueryClient();
  const list = useList({
    key: ['tokens'],
    filter: {},
    find: (query) => ok(api.GET('/api/v1/tokens', { params: { query } })),
  });
  const [made, setMade] = useState<NewSecret>();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const [error, setError] = useState<unknown>();
  const reload = () => client.invalidateQueries({ queryKey: ['tokens'] });
  const start = () => {
    setMade(undefined);
    setMaking(true);
  };
  return (
    <ManageAccount>
      <Page
        title="Tokens for scripts"
        lead="A script sends a token as “Authorization: Bearer”. It can do what you can do, but only with the functions and provider accounts that you choose here. Every use is recorded under your name."
      >
        {made ? <Made made={made} done={() => setMade(undefined)} /> : null}
        {error ? (
          <Note tone="error">
            <p>{words(error)}</p>
          </Note>
        ) : null}
        {making ? (
          <NewToken
            done={(token) => {
              setMade(token);
              setMaking(false);
              void reload();
            }}
            cancel={() => setMaking(false)}
          />
        ) : (
          <p>
            <button type="button" class="ds-c-button ds-c-button--solid" onClick={start}>
              Create a token
            </button>
          </p>
        )}
        <List
          list={list}
          csv={{ path: '/api/v1/tokens', fileName: 'tokens.csv' }}
          caption="My tokens"
          noun="token"
          columns={columnsOf(setRevoking)}
          rowKey={(t) => t.token_id}
          empty="You have no tokens."
        />
        <Revoke
          token={revoking}
          close={() => setRevoking(undefined)}
          done={(problem) => {
            setError(problem);
            return reload();
          }}
        />
      </Page>
    </ManageAccount>
  );
}

const columnsOf = (revoke: (token: Token) => void): Column<Token>[] => [
  { key: 'name', label: 'Name', rowHeader: true, cell: (t) => t.name },
  { key: 'state', label: 'Status', cell: (t) => <TokenStatus token={t} /> },
  { key: 'beginning', label: 'Starts with', cell: (t) => <Id>{t.beginning}</Id> },
  { key: 'functions', label: 'Functions', cell: (t) => functionWords(t.functions) },
  {
    key: 'accounts',
    label: 'Provider accounts',
    cell: (t) => t.provider_accounts.map((p) => p.name).join('; '),
  },
  { key: 'until', label: 'Expires', cell: (t) => instant(t.expires_at) },
  {
    key: 'used',
    label: 'Last used',
    cell: (t) => (t.last_used_at ? instant(t.last_used_at) : 'Never'),
  },
  {
    key: 'do',
    label: 'Revoke',
    cell: (t) =>
      active(t) ? (
        <button type="button" class="ds-c-button ds-c-button--small" onClick={() => revoke(t)}>
          Revoke<span class="ds-u-visibility--screen-reader"> {t.name}</span>
        </button>
      ) : (
        ''
      ),
  },
];

const active = (t: Token) => !t.revoked_at && Date.parse(t.expires_at) > Date.now();

function TokenStatus({ token }: { token: Token }) {
  if (token.revoked_at) return <Status tone="bad">Revoked</Status>;
  return active(token) ? (
    <Status tone="good">Active</Status>
  ) : (
    <Status tone="plain">Expired</Status>
  );
}

interface RevokeProps {
  /** The token to revoke; none while the dialog is closed. */
  token: Token | undefined;
  close: () => void;
  /** Called after the answer, with the error if there was one. */
  done: (error: unknown) => Promise<unknown>;
}

function Revoke({ token, close, done }: RevokeProps) {
  const revoke = async ({ currentTarget }: TargetedEvent<HTMLElement>) => {
    const path = { token_id: token!.token_id };
    // Close the dialog before the next drawing, so that focus is back in the table when the row changes.
    currentTarget.closest('dialog')?.close();
    close();
    let problem: unknown;
    try {
      await ok(api.DELETE('/api/v1/tokens/{token_id}', { params: { path } }));
    } catch (error) {
      problem = error;
    }
    await done(problem);
  };
  return (
    <Ask
      open={!!token}
      heading={`Revoke ${token?.name ?? 'the token'}?`}
      close={close}
      actions={
        <>
          <button
            type="button"
            class="ds-c-button ds-c-button--solid ds-c-button--danger"
            onClick={revoke}
          >
            Revoke
          </button>{' '}
          <button type="button" class="ds-c-button" onClick={close}>
            Cancel
          </button>
        </>
      }
    >
      <p>Scripts that use this token will stop working immediately. You cannot undo this.</p>
    </Ask>
  );
}

interface MadeProps {
  made: NewSecret;
  done: () => void;
}

/** The secret of a new token, which is shown only once. */
export function Made({ made: { name, secret }, done }: MadeProps) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <section ref={box} tabIndex={-1} class="c-shown-once" aria-labelledby="made">
      <h2 id="made">{secret ? `Copy the token ${name} now` : `The token ${name} was lost`}</h2>
      {secret ? (
        <>
          <p>
            We show it only once. Keep it as safe as a password: anyone who has it can act in your
            name.
          </p>
          <p>
            <Id copy="token">{secret}</Id>
          </p>
        </>
      ) : (
        <p>
          It was created, but the connection failed before we could show it, and we show it only
          once. Revoke it and create another.
        </p>
      )}
      <button type="button" class="ds-c-button" onClick={done}>
        {secret ? 'I have copied it' : 'Close'}
      </button>
    </section>
  );
}
