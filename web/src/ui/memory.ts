// What a tab keeps in memory of the person at it besides answers of the API: text that is not sent yet, numbers that were
// searched for. Whoever keeps such a thing names it here, so that all of it goes at once: at Log out, and when somebody else
// logs in. A session that ended takes nothing: who logs in again goes on where they were.
// SPDX-License-Identifier: Apache-2.0

interface Kept {
  forget: () => void;
  /** Whether something would be lost with the tab: closing it then asks first. */
  unsent?: () => boolean;
}

const all: Kept[] = [];
let owner = ''; // the user ID of who logged in last

export function keeps(kept: Kept): void {
  all.push(kept);
}

function forgetAll(): void {
  for (const kept of all) kept.forget();
}

/** At Log out. Before any log-in nothing belongs to a person: a registration that is being typed stays. */
export function forgetPerson(): void {
  if (owner) forgetAll();
  owner = '';
}

/** Says whose the memory is from now on; true when it was another person's. */
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
