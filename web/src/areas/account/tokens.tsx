// Manage account: tokens for scripts, each for chosen functions and provider accounts. The secret is shown once.
// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from '@tanstack/preact-query';
import type { TargetedEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { api, ok, type Schemas } from '../../api/client';
import { words } from '../../api/problem';
import { Ask, Id, Note, Status, Waiting } from '../../ui/bits';
import * as check from '../../ui/checks';
import { FUNCTIONS, type FunctionName, functionWords } from '../../ui/choices';
import { type Column, DataTable } from '../../ui/data-table';
import { ErrorSummary } from '../../ui/error-summary';
import { Choices, DateField, Field, Submit } from '../../ui/fields';
import { StepHeading } from '../../ui/focus';
import { useForm } from '../../ui/form';
import { date, instant } from '../../ui/format';
import { Page } from '../../ui/page';

type Token = Schemas['Token'];

const DAYS = 90;
const inDays = (n: number) => date(new Date(Date.now() + n * 86_400_000).toISOString());

export function Tokens() {
  const client = useQueryClient();
  const list = useQuery({ queryKey: ['tokens'], queryFn: () => ok(api.GET('/api/v1/tokens')) });
  const [made, setMade] = useState<{ name: string; secret: string }>();
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const [fault, setFault] = useState<unknown>();
  const reload = () => client.invalidateQueries({ queryKey: ['tokens'] });

  const revoke = async ({ currentTarget }: TargetedEvent<HTMLElement>) => {
    const { token_id } = revoking!;
    // at once, not with the next drawing: focus is back in the table before the server's answer changes the row
    currentTarget.closest('dialog')?.close();
    setRevoking(undefined);
    try {
      await ok(api.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id } } }));
      setFault(undefined);
    } catch (error) {
      setFault(error);
    }
    await reload();
  };

  const columns: Column<Token>[] = [
    { key: 'name', label: 'Name', rowHeader: true, cell: (t) => t.name },
    { key: 'state', label: 'State', cell: (t) => <TokenState token={t} /> },
    { key: 'beginning', label: 'Begins with', cell: (t) => <Id>{t.beginning}</Id> },
    { key: 'functions', label: 'Functions', cell: (t) => functionWords(t.functions) },
    {
      key: 'accounts',
      label: 'Provider accounts',
      cell: (t) => t.provider_accounts.map((p) => p.name).join('; '),
    },
    { key: 'until', label: 'Until', cell: (t) => instant(t.expires_at) },
    {
      key: 'used',
      label: 'Last used',
      cell: (t) => (t.last_used_at ? instant(t.last_used_at) : 'Never'),
    },
    {
      key: 'do',
      label: 'Revoke',
      cell: (t) =>
        live(t) ? (
          <button
            type="button"
            class="ds-c-button ds-c-button--small"
            onClick={() => setRevoking(t)}
          >
            Revoke<span class="ds-u-visibility--screen-reader"> {t.name}</span>
          </button>
        ) : (
          ''
        ),
    },
  ];
  return (
    <Page
      title="Tokens for scripts"
      lead="A script sends a token as “Authorization: Bearer”. It can do what you can do, limited to the functions and provider accounts you choose here; every use is recorded under your name."
    >
      {made ? <Made made={made} done={() => setMade(undefined)} /> : null}
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
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
          <button
            type="button"
            class="ds-c-button ds-c-button--solid"
            onClick={() => {
              setMade(undefined);
              setMaking(true);
            }}
          >
            Make a token
          </button>
        </p>
      )}
      <DataTable
        caption="My tokens"
        noun="token"
        columns={columns}
        rows={list.data?.items}
        rowKey={(t) => t.token_id}
        loading={list.isFetching}
        error={list.error}
        retry={() => list.refetch()}
        empty="You have no token."
      />
      <Ask
        open={!!revoking}
        heading={`Revoke ${revoking?.name ?? 'the token'}?`}
        close={() => setRevoking(undefined)}
        actions={
          <>
            <button
              type="button"
              class="ds-c-button ds-c-button--solid ds-c-button--danger"
              onClick={revoke}
            >
              Revoke
            </button>{' '}
            <button type="button" class="ds-c-button" onClick={() => setRevoking(undefined)}>
              Keep it
            </button>
          </>
        }
      >
        <p>Scripts that use this token stop working at once. This cannot be undone.</p>
      </Ask>
    </Page>
  );
}

const live = (t: Token) => !t.revoked_at && Date.parse(t.expires_at) > Date.now();

function TokenState({ token }: { token: Token }) {
  if (token.revoked_at) return <Status tone="bad">Revoked</Status>;
  return live(token) ? <Status tone="good">Live</Status> : <Status tone="plain">Ended</Status>;
}

function Made({ made, done }: { made: { name: string; secret: string }; done: () => void }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <section ref={box} tabIndex={-1} class="c-shown-once" aria-labelledby="made">
      <h2 id="made">Token {made.name}: copy it now</h2>
      <p>It is shown this once. Keep it like a password; whoever has it acts in your name.</p>
      <p>
        <Id copy="token">{made.secret}</Id>
      </p>
      <button type="button" class="ds-c-button" onClick={done}>
        I have copied it
      </button>
    </section>
  );
}

const schema = v.object({
  name: check.required('Give the token a name, such as the script’s.'),
  functions: check.some<FunctionName>('Tick at least one function.'),
  provider_account_ids: check.some<string>('Tick at least one provider account.'),
  expires_on: check.date('Enter the last day of the token.'),
});

function NewToken({
  done,
  cancel,
}: {
  done: (made: { name: string; secret: string }) => void;
  cancel: () => void;
}) {
  const accounts = useQuery({
    queryKey: ['provider-accounts', { limit: 100 }],
    queryFn: () => ok(api.GET('/api/v1/provider-accounts', { params: { query: { limit: 100 } } })),
  });
  const form = useForm(
    schema,
    async (body) => {
      const { secret } = await ok(api.POST('/api/v1/tokens', { body }));
      done({ name: body.name, secret });
    },
    { lists: ['functions', 'provider_account_ids'] },
  );
  if (!accounts.data) return <Waiting query={accounts} />;
  return (
    <form noValidate onSubmit={form.onSubmit} class="c-panel">
      <StepHeading>New token</StepHeading>
      <ErrorSummary form={form} />
      <Field
        form={form}
        name="name"
        label="Name"
        hint="What it is for, such as “nightly claim status”"
        maxLength={100}
      />
      <Choices form={form} type="checkbox" name="functions" label="Functions" options={FUNCTIONS} />
      <Choices
        form={form}
        type="checkbox"
        name="provider_account_ids"
        label="Provider accounts"
        options={accounts.data.items.map(
          (a) => [a.provider_account_id, a.name, `PTAN ${a.ptan}, NPI ${a.npi}`] as const,
        )}
      />
      <DateField
        form={form}
        name="expires_on"
        label="Last day"
        value={inDays(DAYS)}
        hint="Such as 03/31/2027"
      />
      <div class="c-actions">
        <Submit form={form}>Make the token</Submit>
        <button type="button" class="ds-c-button" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
