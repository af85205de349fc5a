// Home: what needs attention first, then what the person can do. The last log-in is shown at the top (AC-9).
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { attentionOf, navigationOf } from '..';
import { api, ok } from '../../api/client';
import { Note, Waiting } from '../../ui/bits';
import { count, date, daysLeft, daysUntil, instant } from '../../ui/format';
import { Page } from '../../ui/page';
import type { Attention, AttentionItem } from '../area';
import { type Me, useSession } from '../session/session';

export default function Home() {
  const me = useSession().data!;
  const { path } = useLocation();
  const home = useQuery({
    queryKey: ['home'],
    queryFn: () => ok(api.GET('/api/v1/home')),
    staleTime: 0,
  });
  const items = home.data?.attention;
  return (
    <Page title="Home" heading={`Welcome, ${me.first_name} ${me.last_name}`}>
      <LastLogIn me={me} />
      <h2 id="attention">Needs your attention</h2>
      <Waiting query={home} />
      {items && !items.length ? (
        <Note>
          <p>Nothing needs your attention now.</p>
        </Note>
      ) : null}
      {items?.length ? (
        <ul class="c-attention" role="list" aria-labelledby="attention">
          {groupsOf(items).map((group) => (
            <Group key={group[0]!.kind} items={group} />
          ))}
        </ul>
      ) : null}
      <h2 id="entries">What would you like to do?</h2>
      <ul class="c-areas" role="list" aria-labelledby="entries">
        {navigationOf(me, path).map(({ href, label, words }) =>
          words ? (
            <li key={href}>
              <a href={href}>
                <strong>{label}</strong>
                {words}
              </a>
            </li>
          ) : null,
        )}
      </ul>
    </Page>
  );
}

function LastLogIn({ me }: { me: Me }) {
  if (!me.previous_login_at) return <p class="c-quiet">This is your first log-in.</p>;
  return (
    <p class="c-quiet">
      Last log-in: {instant(me.previous_login_at)}.{' '}
      {me.previous_failures > 0 ? (
        <strong>
          {count(me.previous_failures, 'failed attempt', 'failed attempts')} to log in since then.
          If this was not you, <a href="/account/password">change your password</a>.
        </strong>
      ) : (
        'No failed attempts since then.'
      )}
    </p>
  );
}

const RANKS: Attention['rank'][] = ['deadline', 'request', 'news'];
const SHOWN = 4;

/** The items by kind: deadlines first, news last; the nearest date first in each kind. */
export function groupsOf(items: AttentionItem[]): AttentionItem[][] {
  const rankOf = (kind: AttentionItem['kind']) => RANKS.indexOf(attentionOf(kind)?.rank ?? 'news');
  return [...new Set(items.map((item) => item.kind))]
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map((kind) =>
      items
        .filter((item) => item.kind === kind)
        .sort((a, b) => (a.due_on ?? '9999').localeCompare(b.due_on ?? '9999')),
    );
}

const keyOf = (item: AttentionItem) =>
  `${item.kind} ${item.provider_account_id} ${item.subject_id}`;

/** The first items of a kind, and a button that shows the rest. */
function Group({ items }: { items: AttentionItem[] }) {
  const [all, setAll] = useState(items.length <= SHOWN + 1);
  const shown = all ? items : items.slice(0, SHOWN);
  return (
    <>
      {shown.map((item) => (
        <Item key={keyOf(item)} item={item} />
      ))}
      {all ? null : (
        <li class="c-attention__more">
          <button
            type="button"
            class="ds-c-button ds-c-button--ghost ds-c-button--small"
            onClick={() => setAll(true)}
          >
            Show {(items.length - SHOWN).toLocaleString('en-US')} more{' '}
            {attentionOf(items[0]!.kind)?.more ?? 'items'}
          </button>
        </li>
      )}
    </>
  );
}

function Item({ item }: { item: AttentionItem }) {
  const left = item.due_on ? daysUntil(item.due_on) : undefined;
  const attention = attentionOf(item.kind);
  return (
    <li class={left !== undefined && left <= 7 ? 'is-urgent' : undefined}>
      <div class="c-attention__main">
        <p>{attention ? <a href={attention.href(item)}>{item.words}</a> : item.words}</p>
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
