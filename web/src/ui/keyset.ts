// Keyset paging: the server gives a mark ("next") with each page; we remember the marks of the pages seen, so that
// Previous works. The marks stay in memory: they may hold values of the rows.
// SPDX-License-Identifier: Apache-2.0
import { useRef, useState } from 'preact/hooks';
import type { Paging } from './data-table';

/**
 * @param question what the list depends on (filters, sort order, page size); another question starts at page 1 again
 */
export function useKeyset(question: unknown, limit: number, setLimit: (limit: number) => void) {
  const words = JSON.stringify(question);
  const asked = useRef(words);
  const [marks, setMarks] = useState<string[]>([]);
  const now = asked.current === words ? marks : [];
  if (asked.current !== words) {
    asked.current = words;
    if (marks.length) setMarks([]);
  }
  return {
    after: now.at(-1),
    paging: (next: string | null | undefined): Paging => ({
      limit,
      setLimit,
      page: now.length + 1,
      next: next ? () => setMarks([...now, next]) : undefined,
      previous: now.length ? () => setMarks(now.slice(0, -1)) : undefined,
    }),
  };
}
