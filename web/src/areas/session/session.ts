// Who is logged in, and the next step of the log-in. All pages share one query.
// SPDX-License-Identifier: Apache-2.0
import { type QueryClient, useQuery } from '@tanstack/preact-query';
import { api, ok, type Schemas, session } from '../../api/client';
import { ApiError } from '../../api/problem';
import { setTimeZone } from '../../ui/format';
import { belongTo, forgetPerson } from '../../ui/memory';

export type Me = Schemas['Session'];

export const SESSION = ['session'];

/**
 * A hint in localStorage that a session may exist, so that a visitor's first page sends no request that can only be refused.
 * Each log-in sets another value, the end of a session empties it, and Log out removes it. The tabs of a browser share it and
 * are told of each change.
 */
const HINT = 'connex-session';

async function load({ client }: { client: QueryClient }): Promise<Me | null> {
  if (!localStorage.getItem(HINT)) return null;
  try {
    const me = await ok(api.GET('/api/v1/session'));
    if (belongTo(me.user_id)) dropAnswers(client);
    session.expiresAt = Date.parse(me.expires_at);
    setTimeZone(me.time_zone); // before a time is shown
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

/** Whether all steps of the log-in (e-mail, code, password) are complete. */
export const complete = (me: Me | null | undefined): me is Me => me?.next === 'home';

/** Loads the session after the right password or code. Other tabs do the same. */
export async function begin(client: QueryClient): Promise<void> {
  localStorage.setItem(HINT, `since ${Date.now()}`);
  await client.refetchQueries({ queryKey: SESSION });
}

/** Asks the server when the session ends: another tab may have extended it. Asking does not extend it. */
export const recheck = (client: QueryClient): Promise<Me | null> =>
  client.fetchQuery({ queryKey: SESSION, queryFn: load, staleTime: 0 });

/** Extends the session. */
export async function extend(): Promise<void> {
  const { expires_at } = await ok(api.POST('/api/v1/session/extension'));
  session.expiresAt = Date.parse(expires_at);
  session.onChange();
}

/** Tells the other tabs that the server has ended the session. */
function markEnded(): void {
  if (localStorage.getItem(HINT)) localStorage.setItem(HINT, '');
}

/** Drops the answers of the API. (Not with clear(): the shell observes the session's query.) */
const dropAnswers = (client: QueryClient): void =>
  client.removeQueries({ predicate: (query) => query.queryKey[0] !== SESSION[0] });

/** Drops everything that was shown, after the end of a session. What was typed stays for its person (ui/memory.ts). */
export function forget(client: QueryClient): void {
  session.expiresAt = 0;
  setTimeZone(undefined);
  void client.cancelQueries({ queryKey: SESSION }); // an answer still under way would bring the session back
  client.setQueryData(SESSION, null);
  dropAnswers(client);
}

/** Ends the session. Drops what was shown and what was typed, even when the server cannot be reached. */
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
 * Follows what happens to the session outside this tab: another tab logs in or out, or the tab was hidden for a while.
 * @param check asks the server again, without extending the session
 * @param onEnd called when nobody is logged in any more
 * @returns a function that stops it
 */
export function follow(check: () => Promise<unknown>, onEnd: () => void): () => void {
  const heed = (hint: string | null) => {
    if (hint) return void check().catch(() => undefined); // when unreachable, the clock ends it (ui/session-warning.tsx)
    if (hint === null) forgetPerson();
    onEnd();
  };
  const onStorage = ({ key, newValue }: StorageEvent) => {
    if (key === HINT || key === null) heed(newValue); // no key: localStorage was cleared
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
