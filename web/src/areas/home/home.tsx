// Home: what needs attention first, then the areas. Last log-in and failed tries stand on top (AC-9).
// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/preact-query';
import { useLocation } from 'preact-iso';
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
    case 'access_to_decide': return '/user-management?status=requested';
    case 'access_code_to_enter': return one ? `/account/access-code?access=${one}` : '/account/provider-access';
    case 'access_decided': return '/account/provider-access';
    case 'appeal_decided': return `${account}/redeterminations${one ? `/${one}` : ''}`;
    case 'appeal_deadline': return one ? `${account}/claims/${one}` : `${account}/claims?status=denied`;
    case 'new_remittance': return `${account}/remittances${one ? `/${one}` : ''}`;
    case 'desk_access_request': return '/worklist/access-requests';
    case 'desk_redetermination': return one ? `/worklist/redeterminations/${one}` : '/worklist/redeterminations';
  }
}

export default function Home() {
  const me = useSession().data!;
  const { path } = useLocation();
  const home = useQuery({ queryKey: ['home'], queryFn: () => ok(api.GET('/api/v1/home')), staleTime: 0 });
  const areas = areasOf(me, path).filter((area) => area.words);
  return (
    <Page title="Home" heading={`Welcome, ${me.first_name} ${me.last_name}`}>
      <p class="c-quiet">
        {me.previous_login_at ? `Last log-in: ${instant(me.previous_login_at)}.` : 'This is your first log-in.'}{' '}
        {me.previous_failures > 0
          ? <strong>{count(me.previous_failures, 'failed try', 'failed tries')} to log in since then. If that was not you, <a href="/account/password">change your password</a>.</strong>
          : 'No failed tries since then.'}
      </p>
      <h2 id="attention">Needs your attention</h2>
      <Waiting query={home} />
      {home.data && !home.data.attention.length ? <Note><p>Nothing waits for you now.</p></Note> : null}
      {home.data?.attention.length ? (
        <ul class="c-attention" role="list" aria-labelledby="attention">
          {home.data.attention.map((item) => <Attention key={`${item.kind} ${item.provider_account_id} ${item.subject_id}`} item={item} />)}
        </ul>
      ) : null}
      <h2 id="areas">What would you like to do?</h2>
      <ul class="c-areas" role="list" aria-labelledby="areas">
        {areas.map((area) => <li key={area.name}><a href={area.href}><strong>{area.label}</strong>{area.words}</a></li>)}
      </ul>
    </Page>
  );
}

function Attention({ item }: { item: Item }) {
  const left = item.due_on ? daysUntil(item.due_on) : undefined;
  return (
    <li class={left !== undefined && left <= 7 ? 'is-urgent' : undefined}>
      <div class="c-attention__main">
        <p><a href={hrefOf(item)}>{item.words}</a></p>
        {item.provider_account_name ? <p class="c-quiet">{item.provider_account_name}</p> : null}
      </div>
      {item.due_on ? <span>By {date(item.due_on)}, <strong>{daysLeft(left!)}</strong></span> : null}
    </li>
  );
}
