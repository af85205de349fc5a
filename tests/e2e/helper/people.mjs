// Users, provider accounts, and claims with the names that the browser tests show; tests/support/ creates them.
// SPDX-License-Identifier: Apache-2.0
import { randomInt } from 'node:crypto';
import { ALL, digits, grantAccess, letters, makeProviderAccount, makeUser as makePerson, newCsn } from '../../support/people.mjs';

export { makeDeniedClaim, newMbi } from '../../support/claims.mjs';
export { ALL, newCsn, newUserId } from '../../support/people.mjs';
export const password = 'correct horse battery staple';

/** A provider account with a check of ten days ago. Without a CSN it has no LSO yet. */
export const makeAccount = ({ csn = '' } = {}) => makeProviderAccount({ csn, name: `Alder Gate Family Practice ${letters(3)}`, ptan: `ME${digits(7)}`,
  check_number: `88${digits(7)}`, amount: `${randomInt(1000, 9999)}.${digits(2)}` });

/** A user with a verified address who gets the day's code by mail. */
export const makeUser = (more = {}) => makePerson({ last_name: 'Personne', code: null, domain: 'e2e.example', ...more });

/** Access that is approved already. */
export const grant = (user, account, functions = ALL, lso = false) => grantAccess(user, account, { functions, lso });

/** An office: a provider account with a CSN, and one person of it. */
export function makeOffice(functions = ALL, lso = false) {
  const account = makeAccount({ csn: newCsn() });
  const user = makeUser();
  grant(user, account, functions, lso);
  return { account, user, base: `/provider-accounts/${account.provider_account_id}` };
}
