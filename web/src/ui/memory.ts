// What a tab keeps in memory for a person besides answers of the API: text that is not sent yet, numbers that were searched
// for. A module that keeps such data registers it here, so that all of it is dropped at Log out and when another person logs
// in. The end of a session drops nothing: a person who logs in again can continue.
// SPDX-License-Identifier: Apache-2.0

interface Kept {
  forget: () => void;
  /** Whether something would be lost with the tab. Closing the tab then asks first. */
  unsent?: () => boolean;
}

const all: Kept[] = [];
let owner = ''; // the user ID of the last person who logged in

export function keeps(kept: Kept): void {
  all.push(kept);
}

function forgetAll(): void {
  for (const kept of all) kept.forget();
}

/** For Log out. Before a log-in nothing belongs to a person, so a registration that is being typed stays. */
export function forgetPerson(): void {
  if (owner) forgetAll();
  owner = '';
}

/** Says whose memory it is from now on. Returns true when it was another person's. */
export function belongTo(userId: string): boolean {
  const former = owner;
  owner = userId;
  if (former === userId) return false;
  forgetAll();
  return former !== '';
}

addEventListener('beforeunload', (event) => {
  if (all.some((kept) => kept.unsent?.())) event.preventDefault();
});
