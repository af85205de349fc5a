// Home: what needs attention first, then the areas. Last log-in and failed tries stand on top (AC-9).
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { api, ok, type Schemas } from '../../api/client';
import { Note, Waiting } from '../../ui/bits';
import { count, date, daysLeft, daysUntil, instant } from '../../ui/format';
import { Page } from '../../ui/page';
import { areasOf } from '../areas';
import { useSession } from '../session/session';

type Item = Schemas['AttentionItem'];

/** Where an item leads. */
export function hrefOf(item: Item): string {
  const account = `/provider-accounts/${item.provider_account_id}`;
  const one = item.subject_id;
  switch (item.kind) {
    case 'access_to_decide':
      return '/user-management?status=requested';
    case 'access_code_to_enter':
      return one ? `/account/access-code?access=${one}` : '/account/provider-access';
    case 'access_decided':
      return '/account/provider-access';
    case 'appeal_decided':
      return `${account}/redeterminations${one ? `/${one}` : ''}`;
    case 'appeal_deadline':
      return one ? `${account}/claims/${one}` : `${account}/claims?status=denied`;
    case 'new_remittance':
      return `${account}/remittances${one ? `/${one}` : ''}`;
    case 'desk_access_request':
      return '/worklist/access-requests';
    case 'desk_redetermination':
      return one ? `/worklist/redeterminations/${one}` : '/worklist/redeterminations';
  }
}

export default function Home() {
  const me = useSession().data!;
  const { path } = useLocation();
  const home = useQuery({
    queryKey: ['home'],
    queryFn: () => ok(api.GET('/api/v1/home')),
    staleTime: 0,
  });
  const areas = areasOf(me, path).filter((area) => area.words);
  return (
    <Page title="Home" heading={`Welcome, ${me.first_name} ${me.last_name}`}>
      <p class="c-quiet">
        {me.previous_login_at
          ? `Last log-in: ${instant(me.previous_login_at)}.`
          : 'This is your first log-in.'}{' '}
        {!me.previous_login_at ? null : me.previous_failures > 0 ? (
          <strong>
            {count(me.previous_failures, 'failed try', 'failed tries')} to log in since then. If
            that was not you, <a href="/account/password">change your password</a>.
          </strong>
        ) : (
          'No failed tries since then.'
        )}
      </p>
      <h2 id="attention">Needs your attention</h2>
      <Waiting query={home} />
      {home.data && !home.data.attention.length ? (
        <Note>
          <p>Nothing waits for you now.</p>
        </Note>
      ) : null}
      {home.data?.attention.length ? (
        <ul class="c-attention" role="list" aria-labelledby="attention">
          {groupsOf(home.data.attention).map((group) => (
            <Group key={group[0]!.kind} items={group} />
          ))}
        </ul>
      ) : null}
      <h2 id="areas">What would you like to do?</h2>
      <ul class="c-areas" role="list" aria-labelledby="areas">
        {areas.map((area) => (
          <li key={area.name}>
            <a href={area.href}>
              <strong>{area.label}</strong>
              {area.words}
            </a>
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** Deadlines first, then what others wait for, then news. */
const ORDER: Item['kind'][] = [
  'appeal_deadline',
  'desk_redetermination',
  'desk_access_request',
  'access_to_decide',
  'access_code_to_enter',
  'appeal_decided',
  'access_decided',
  'new_remittance',
];
const SHOWN = 4;

/** Items by kind, in order; within a kind the nearest day first. */
export function groupsOf(items: Item[]): Item[][] {
  return ORDER.map((kind) =>
    items
      .filter((item) => item.kind === kind)
      .sort((a, b) => (a.due_on ?? '9999').localeCompare(b.due_on ?? '9999')),
  ).filter((group) => group.length);
}

const keyOf = (item: Item) => `${item.kind} ${item.provider_account_id} ${item.subject_id}`;

/** The first few of a kind; the rest of an office with many provider accounts is one step away. */
function Group({ items }: { items: Item[] }) {
  const [all, setAll] = useState(items.length <= SHOWN + 1);
  const shown = all ? items : items.slice(0, SHOWN);
  return (
    <>
      {shown.map((item) => (
        <Attention key={keyOf(item)} item={item} />
      ))}
      {all ? null : (
        <li class="c-attention__more">
          <button
            type="button"
            class="ds-c-button ds-c-button--ghost ds-c-button--small"
            onClick={() => setAll(true)}
          >
            {count(items.length - SHOWN, 'more', 'more')} like this: {MORE[items[0]!.kind]}
          </button>
        </li>
      )}
    </>
  );
}

const MORE: Record<Item['kind'], string> = {
  appeal_deadline: 'deadlines',
  desk_redetermination: 'redeterminations',
  desk_access_request: 'access requests',
  access_to_decide: 'requests',
  access_code_to_enter: 'access codes to enter',
  appeal_decided: 'decided redeterminations',
  access_decided: 'decided requests',
  new_remittance: 'remittances',
};

function Attention({ item }: { item: Item }) {
  const left = item.due_on ? daysUntil(item.due_on) : undefined;
  return (
    <li class={left !== undefined && left <= 7 ? 'is-urgent' : undefined}>
      <div class="c-attention__main">
        <p>
          <a href={hrefOf(item)}>{item.words}</a>
        </p>
        {item.provider_account_name ? <p class="c-quiet">{item.provider_account_name}</p> : null}
      </div>
      {item.due_on ? (
        <span>
          By {date(item.due_on)}, <strong>{daysLeft(left!)}</strong>
        </span>
      ) : null}
    </li>
  );
}
