// The areas of the navigation and of the home page: what each is for, and who has it.
// SPDX-License-Identifier: Apache-2.0
import type { Me } from './session/session';

import type { FunctionName } from '../ui/choices';

export interface Area {
  name: string;
  label: string;
  words: string;
  href: string;
  is: (path: string) => boolean;
}

/** The provider account of an address, else the one chosen last. */
export const accountIdOf = (me: Me, path: string): string | undefined =>
  /^\/provider-accounts\/(\d+)/.exec(path)?.[1] ?? me.provider_account?.provider_account_id;

/** The address of a screen of a provider account; the chooser first when none is chosen yet. */
export function accountHref(me: Me, path: string, screen: string): string {
  const id = accountIdOf(me, path);
  return id ? `/provider-accounts/${id}/${screen}` : `/provider-accounts?then=${screen}`;
}

const under = (screen: string) => (path: string) =>
  new RegExp(`^/provider-accounts/\\d+/${screen}`).test(path);
const below = (start: string) => (path: string) => path === start || path.startsWith(`${start}/`);

export function areasOf(me: Me, path: string): Area[] {
  if (me.kind === 'analyst') {
    return [
      { name: 'home', label: 'Home', words: '', href: '/home', is: below('/home') },
      {
        name: 'worklist-access',
        label: 'Access requests',
        words: 'Approve or decline Local Security Officers',
        href: '/worklist/access-requests',
        is: below('/worklist/access-requests'),
      },
      {
        name: 'worklist-appeals',
        label: 'Redeterminations',
        words: 'Review and decide appeals',
        href: '/worklist/redeterminations',
        is: below('/worklist/redeterminations'),
      },
      {
        name: 'account',
        label: 'Manage account',
        words: 'Your profile and password',
        href: '/account',
        is: below('/account'),
      },
    ];
  }
  // an area whose function is not granted is left out (LSO-11); its address still says why
  const has = (name: FunctionName) =>
    (me.provider_account?.functions ?? me.functions).includes(name);
  const areas: (Area | false)[] = [
    { name: 'home', label: 'Home', words: '', href: '/home', is: below('/home') },
    has('eligibility') && {
      name: 'eligibility',
      label: 'Eligibility',
      words: 'What a patient’s Medicare covers on a day',
      href: accountHref(me, path, 'eligibility'),
      is: under('eligibility'),
    },
    has('claims') && {
      name: 'claim',
      label: 'Claims',
      words: 'Find a claim, see why it paid as it did',
      href: accountHref(me, path, 'claims'),
      is: under('claims'),
    },
    has('financials') && {
      name: 'remittance',
      label: 'Remittances',
      words: 'What was paid, claim by claim',
      href: accountHref(me, path, 'remittances'),
      is: under('remittances'),
    },
    has('claims') && {
      name: 'appeal',
      label: 'Redeterminations',
      words: 'What you filed, and how it was decided',
      href: accountHref(me, path, 'redeterminations'),
      is: under('redeterminations'),
    },
    {
      name: 'account',
      label: 'Manage account',
      words: 'Profile, password, provider access, tokens for scripts',
      href: '/account',
      is: below('/account'),
    },
    me.is_lso && {
      name: 'access',
      label: 'User management',
      words: 'Approve and change the access of your office',
      href: '/user-management',
      is: below('/user-management'),
    },
  ];
  return areas.filter((a): a is Area => !!a);
}
