// Addresses below a provider account.
// SPDX-License-Identifier: Apache-2.0
import type { FunctionName } from '../../ui/choices';
import type { Entry } from '../area';
import type { Me } from '../session/session';

/** The provider account of an address, or the one chosen last. */
export const accountIdOf = (me: Me, path: string): string | undefined =>
  /^\/provider-accounts\/(\d+)/.exec(path)?.[1] ?? me.provider_account?.provider_account_id;

/** The address of a page of a provider account; the page that chooses one when none is chosen yet. */
export function accountHref(me: Me, path: string, screen: string): string {
  const id = accountIdOf(me, path);
  return id ? `/provider-accounts/${id}/${screen}` : `/provider-accounts?then=${screen}`;
}

interface AccountEntry {
  label: string;
  words: string;
  screen: string;
  needs: FunctionName;
}

/**
 * The navigation entry of a page of the provider account. It is left out when the person does not have its function (LSO-11);
 * the page itself still says why.
 */
export function accountEntry(me: Me, path: string, entry: AccountEntry): Entry[] {
  const functions = me.provider_account?.functions ?? me.functions;
  if (me.kind !== 'office' || !functions.includes(entry.needs)) return [];
  const own = new RegExp(`^/provider-accounts/\\d+/${entry.screen}`);
  return [
    {
      label: entry.label,
      words: entry.words,
      href: accountHref(me, path, entry.screen),
      is: (at) => own.test(at),
    },
  ];
}

/** A page of the provider account that an item of the home page is about; if it is about several, the page to choose one. */
export const accountOf = (item: { provider_account_id: string | null }, page: string): string =>
  item.provider_account_id
    ? `/provider-accounts/${item.provider_account_id}${page}`
    : '/provider-accounts';
