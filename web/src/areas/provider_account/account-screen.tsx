// Says, before a form is filled in, that the person does not have its function for the chosen provider account (FN-01). The
// server checks this too.
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
  /** The page. It starts again for another provider account, and is not shown without the function. */
  children: (account: string) => ComponentChildren;
}

/** A page of the provider account in the address that needs a function. */
export function AccountScreen({ title, needs, children }: AccountScreenProps) {
  const id = useAccountId();
  const chosen = useSession().data?.provider_account;
  if (chosen?.provider_account_id === id && !chosen.functions.includes(needs))
    return (
      <Page title={title}>
        <Note tone="warn" heading={`You do not have the ${wordsOf(needs)} function here`}>
          <p>
            Your access to {chosen.name} does not include it. Your Local Security Officer can add
            it. You can also <a href="/provider-accounts">choose another provider account</a>.
          </p>
        </Note>
      </Page>
    );
  return <Fragment key={id}>{children(id)}</Fragment>;
}

const wordsOf = (name: FunctionName) => FUNCTIONS.find(([key]) => key === name)![1];
