// Who is logged in, and what is owed next. One query, shared by every screen.
// SPDX-License-Identifier: Apache-2.0
import { type QueryClient, useQuery } from '@tanstack/preact-query';
import { api, ok, type Schemas, session } from '../../api/client';
import { ApiError } from '../../api/problem';
import { setTimeZone } from '../../ui/format';
import { belongTo, forgetPerson } from '../../ui/memory';

export type Me = Schemas['Session'];

export const SESSION = ['session'];

/**
 * Set while a log-in may exist, so that a visitor's first page asks nothing that can only be refused; another value with each
 * log-in, empty after a session that ended, taken out at Log out. Tabs of one browser share it, and hear of each change.
 */
const HINT = 'connex-session';

async function load({ client }: { client: QueryClient }): Promise<Me | null> {
  if (!localStorage.getItem(HINT)) return null;
  try {
    const me = await ok(api.GET('/api/v1/session'));
    if (belongTo(me.user_id)) dropAnswers(client);
    session.expiresAt = Date.parse(me.expires_at);
    setTimeZone(me.time_zone); // before anything that shows a time is drawn
    session.onChange();
    session.warnMs = me.warning_minutes * 60_000;
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      markEnded();
      session.expiresAt = 0;
      return null;
    }
    throw error;
  }
}

export const useSession = () => useQuery({ queryKey: SESSION, queryFn: load, staleTime: 60_000 });

/** Who still owes a step (e-mail, code, password) may use nothing else. */
export const complete = (me: Me | null | undefined): me is Me => me?.next === 'home';

/** After the password or a code was right: who is it, and what is owed. Other tabs ask the same. */
export async function begin(client: QueryClient): Promise<void> {
  localStorage.setItem(HINT, `since ${Date.now()}`);
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

/** The server said that the session is over: so it is in every tab. */
function markEnded(): void {
  if (localStorage.getItem(HINT)) localStorage.setItem(HINT, '');
}

/** Answers of the API leave memory. (Not clear(): the shell watches the session.) */
const dropAnswers = (client: QueryClient): void =>
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });

/** Nobody is logged in any more: everything that was shown leaves memory. What was typed waits for its person (ui/memory). */
export function forget(client: QueryClient): void {
  session.expiresAt = 0;
  setTimeZone(undefined);
  void client.cancelQueries({ queryKey: SESSION }); // an answer still under way would log in again
  client.setQueryData(SESSION, null);
  dropAnswers(client);
}

/** Ends the session; what was on the screen and what was typed leave memory even when the server cannot be reached. */
export async function logOut(client: QueryClient): Promise<void> {
  try {
    await ok(api.DELETE('/api/v1/session'));
  } finally {
    localStorage.removeItem(HINT);
    forgetPerson();
    forget(client);
  }
}

const AWAY_MS = 60_000;

/**
 * Follows the session where this tab does not act itself: another tab logs out or in, or nobody looked here for a while.
 * @param check asks the server again, without moving the session's end
 * @param onEnd called when nobody is logged in any more
 * @returns stops following
 */
export function follow(check: () => Promise<unknown>, onEnd: () => void): () => void {
  const heed = (hint: string | null) => {
    if (hint) return void check().catch(() => undefined); // unreachable: the clock still ends it (ui/session-warning)
    if (hint === null) forgetPerson();
    onEnd();
  };
  const onStorage = ({ key, newValue }: StorageEvent) => {
    if (key === HINT || key === null) heed(newValue); // no key: all was cleared
  };
  let left = Date.now();
  const onVisible = () => {
    if (document.visibilityState === 'hidden') {
      left = Date.now();
      return;
    }
    const hint = localStorage.getItem(HINT);
    if (hint ? Date.now() - left >= AWAY_MS : session.expiresAt) heed(hint);
  };
  session.onLost = () => {
    markEnded();
    onEnd();
  };
  addEventListener('storage', onStorage);
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    session.onLost = () => {};
    removeEventListener('storage', onStorage);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
