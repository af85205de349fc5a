// The chosen provider account, in the header of every page.
// SPDX-License-Identifier: Apache-2.0
import { useLocation } from 'preact-iso';
import type { Me } from '../session/session';
import { useFollowAccount, useOnlyAccount } from './account';

export function Chosen({ me }: { me: Me }) {
  useFollowAccount(me);
  useOnlyAccount(me);
  const { path } = useLocation();
  const account = me.provider_account;
  if (me.kind !== 'office') return null;
  if (!account) return <a href="/provider-accounts">Choose a provider account</a>;
  return (
    <>
      <strong>{account.name}</strong>
      <span>
        PTAN {account.ptan} · NPI {account.npi}{' '}
      </span>
      <a href={`/provider-accounts?back=${encodeURIComponent(path)}`}>
        Change<span class="ds-u-visibility--screen-reader"> provider account</span>
      </a>
    </>
  );
}
