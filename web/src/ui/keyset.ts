// Keyset paging. The server gives a cursor ("next") with each page; the cursors of visited pages are remembered for Previous.
// They stay in memory, because they may hold values of the rows.
// SPDX-License-Identifier: Apache-2.0
import { useRef, useState } from 'preact/hooks';
import type { Paging } from './data-table';

/**
 * @param question what the list depends on (filters, sort order, page size); a different one starts at page 1
 */
export function useKeyset(question: unknown, limit: number, setLimit: (limit: number) => void) {
  const words = JSON.stringify(question);
  const asked = useRef(words);
  const [cursors, setCursors] = useState<string[]>([]);
  const now = asked.current === words ? cursors : [];
  if (asked.current !== words) {
    asked.current = words;
    if (cursors.length) setCursors([]);
  }
  return {
    after: now.at(-1),
    paging: (next: string | null | undefined): Paging => ({
      limit,
      setLimit,
      page: now.length + 1,
      next: next ? () => setCursors([...now, next]) : undefined,
      previous: now.length ? () => setCursors(now.slice(0, -1)) : undefined,
    }),
  };
}
