// Who is logged in, and what is owed next. One query, shared by every screen.
// SPDX-License-Identifier: Apache-2.0
import { type QueryClient, useQuery } from '@tanstack/preact-query';
import { api, ok, type Schemas, session } from '../../api/client';
import { ApiError } from '../../api/problem';
import { setTimeZone } from '../../ui/format';

export type Me = Schemas['Session'];

export const SESSION = ['session'];

/** Set while a log-in may exist, so that a visitor's first page asks nothing that can only be refused. */
const HINT = 'connex-session';

async function load(): Promise<Me | null> {
  if (!localStorage.getItem(HINT)) return null;
  try {
    const me = await ok(api.GET('/api/v1/session'));
    session.expiresAt = Date.parse(me.expires_at);
    setTimeZone(me.time_zone); // before anything that shows a time is drawn
    session.onChange();
    session.warnMs = me.warning_minutes * 60_000;
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      localStorage.removeItem(HINT);
      session.expiresAt = 0;
      return null;
    }
    throw error;
  }
}

export const useSession = () => useQuery({ queryKey: SESSION, queryFn: load, staleTime: 60_000 });

/** Who still owes a step (e-mail, code, password) may use nothing else. */
export const complete = (me: Me | null | undefined): me is Me => me?.next === 'home';

/** After the password was right: who is it, and what is owed. */
export async function begin(client: QueryClient): Promise<void> {
  localStorage.setItem(HINT, 'yes');
  await client.refetchQueries({ queryKey: SESSION });
}

/** Asks the server when the session ends, without moving that end: another tab may have moved it. */
export const recheck = (client: QueryClient): Promise<Me | null> =>
  client.fetchQuery({ queryKey: SESSION, queryFn: load, staleTime: 0 });

/** Keeps the session; reading who is logged in does not. */
export async function extend(): Promise<void> {
  const { expires_at } = await ok(api.POST('/api/v1/session/extension'));
  session.expiresAt = Date.parse(expires_at);
  session.onChange();
}

/** Nobody is logged in any more: everything that was shown leaves memory. (Not clear(): the shell watches the session.) */
export function forget(client: QueryClient): void {
  session.expiresAt = 0;
  setTimeZone(undefined);
  void client.cancelQueries({ queryKey: SESSION }); // an answer still under way would log in again
  client.setQueryData(SESSION, null);
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });
}

/** Ends the session; what was on the screen leaves memory even when the server cannot be reached. */
export async function logOut(client: QueryClient): Promise<void> {
  try {
    await ok(api.DELETE('/api/v1/session'));
  } finally {
    localStorage.removeItem(HINT);
    forget(client);
  }
}
