// What a request leaves out. The API takes null only where the contract says so, and an empty text only for free text: a
// member that has no value is not sent.
// SPDX-License-Identifier: Apache-2.0

/** The members that have a value. A null is kept: it is sent on purpose, to clear a field. */
export function withoutBlanks<T extends object>(members: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== ''),
  ) as Partial<T>;
}
