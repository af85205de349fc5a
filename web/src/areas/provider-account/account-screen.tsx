// Says before a form is filled in that the chosen provider account does not include its function (FN-01). The server
// decides all the same.
// SPDX-License-Identifier: Apache-2.0
import { type ComponentChildren, Fragment } from 'preact';
import { Note } from '../../ui/bits';
import { FUNCTIONS, type FunctionName } from '../../ui/choices';
import { Page } from '../../ui/page';
import { useSession } from '../session/session';
import { useAccountId } from './account';

interface AccountScreenProps {
  title: string;
  needs: FunctionName;
  /** The screen; it begins anew with another provider account, and is not begun at all without the function. */
  children: (account: string) => ComponentChildren;
}

/** A screen of the provider account in the address that needs one of its functions. */
export function AccountScreen({ title, needs, children }: AccountScreenProps) {
  const id = useAccountId();
  const chosen = useSession().data?.provider_account;
  if (chosen?.provider_account_id === id && !chosen.functions.includes(needs))
    return (
      <Page title={title}>
        <Note tone="warn" heading={`${wordsOf(needs)} is not among your functions here`}>
          <p>
            Your access to {chosen.name} does not include it. Your Local Security Officer can add
            it, or you can <a href="/provider-accounts">choose another provider account</a>.
          </p>
        </Note>
      </Page>
    );
  return <Fragment key={id}>{children(id)}</Fragment>;
}

const wordsOf = (name: FunctionName) => FUNCTIONS.find(([key]) => key === name)![1];
