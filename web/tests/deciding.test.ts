// The request in the address is found in its list, on any page of it.
// SPDX-License-Identifier: Apache-2.0
import { expect, test, vi } from 'vitest';
import { findRow } from '../src/areas/access/deciding';

const all = Array.from({ length: 250 }, (_, i) => ({ access_id: String(i + 1) }));
const find = vi.fn(async ({ limit, after }: { limit: number; after: string | undefined }) => {
  const start = Number(after ?? 0);
  const end = start + limit;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : null };
});

test.each([
  ['1', 1],
  ['100', 1],
  ['101', 2],
  ['250', 3],
])('number %s is found with %i questions', async (id, questions) => {
  find.mockClear();
  expect(await findRow(find, id)).toEqual({ access_id: id });
  expect(find).toHaveBeenCalledTimes(questions);
});

test('what is not in the list is not there', async () => {
  expect(await findRow(find, '251')).toBeNull();
});
