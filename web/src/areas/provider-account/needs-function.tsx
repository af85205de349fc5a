// Says before a form is filled in that the chosen provider account does not include its function (FN-01). The server
// decides all the same.
// SPDX-License-Identifier: Apache-2.0
import { Note } from '../../ui/bits';
import { FUNCTIONS, type FunctionName } from '../../ui/choices';
import { useSession } from '../session/session';
import { useAccountId } from './account';

/** The chosen provider account when it is known to lack the function: then nothing is asked of the server. */
export function useLacking(name: FunctionName) {
  const account = useSession().data?.provider_account;
  const id = useAccountId();
  return account && account.provider_account_id === id && !account.functions.includes(name)
    ? account
    : undefined;
}

export function NeedsFunction({ name }: { name: FunctionName }) {
  const account = useLacking(name);
  if (!account) return null;
  const words = FUNCTIONS.find(([key]) => key === name)![1];
  return (
    <Note tone="warn" heading={`${words} is not among your functions here`}>
      <p>
        Your access to {account.name} does not include it. Your Local Security Officer can add it,
        or you can <a href="/provider-accounts">choose another provider account</a>.
      </p>
    </Note>
  );
}
