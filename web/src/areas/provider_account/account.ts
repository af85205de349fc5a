// The provider account that a page works for: the one in its address, which then stays chosen.
// SPDX-License-Identifier: Apache-2.0
import { type QueryClient, useQueryClient } from '@tanstack/preact-query';
import { useLocation, useRoute } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { api, ok, type Schemas } from '../../api/client';
import { type Me, SESSION } from '../session/session';
import { accountIdOf } from './address';

export type AccountSummary = Schemas['ProviderAccountSummary'];

/** Makes a provider account the chosen one, on the server and here. */
export async function choose(client: QueryClient, id: string): Promise<AccountSummary> {
  const account = await ok(
    api.PUT('/api/v1/profile/provider-account', { body: { provider_account_id: id } }),
  );
  client.setQueryData<Me | null>(SESSION, (me) => (me ? { ...me, provider_account: account } : me));
  return account;
}

/** Chooses the provider account for a person who has exactly one. Looks for it on each page until one is chosen. */
export function useOnlyAccount(me: Me): void {
  const { path } = useLocation();
  const client = useQueryClient();
  const undecided = me.kind === 'office' && !me.provider_account && !accountIdOf(me, path);
  useEffect(() => {
    if (!undecided) return;
    const query = { limit: 2 };
    client
      .fetchQuery({
        queryKey: ['provider-accounts', query],
        queryFn: () => ok(api.GET('/api/v1/provider-accounts', { params: { query } })),
      })
      .then(({ items: [only, another] }) =>
        only && !another ? choose(client, only.provider_account_id) : undefined,
      )
      .catch(() => undefined); // the person can still choose
  }, [undecided, path]);
}

/** Opening a page of another provider account chooses that account. */
export function useFollowAccount(me: Me): void {
  const { path } = useLocation();
  const client = useQueryClient();
  const wanted = me.kind === 'office' ? accountIdOf(me, path) : undefined;
  const chosen = me.provider_account?.provider_account_id;
  useEffect(() => {
    if (wanted && wanted !== chosen) choose(client, wanted).catch(() => undefined); // the page itself says what is wrong
  }, [wanted, chosen]);
}

/** The id in a page's address. */
export const useAccountId = (): string => useRoute().params.provider_account_id ?? '';

/** Where to go after a choice: the same page of the new account, never a record of the old one. */
export function after(id: string, query: Record<string, string | undefined>): string {
  if (query.then && /^[a-z-]+$/.test(query.then)) return `/provider-accounts/${id}/${query.then}`;
  const back = query.back ?? '';
  const screen = /^\/provider-accounts\/\d+\/([a-z-]+)/.exec(back)?.[1];
  if (screen) return `/provider-accounts/${id}/${screen}`;
  return /^\/[a-z]/.test(back) && !back.startsWith('/provider-accounts') ? back : '/home';
}
