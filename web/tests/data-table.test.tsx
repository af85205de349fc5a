// The table of all lists: caption, scopes, aria-sort, status line, keyset paging, page size.
// SPDX-License-Identifier: Apache-2.0
import { cleanup, fireEvent, render, screen } from '@testing-library/preact';
import { useState } from 'preact/hooks';
import { afterEach, expect, test, vi } from 'vitest';
import { DataTable, pageSize } from '../src/ui/data-table';
import { useKeyset } from '../src/ui/keyset';

afterEach(cleanup);

interface Claim {
  no: string;
  charge: string;
}
const columns = [
  { key: 'no', label: 'Claim number', rowHeader: true, cell: (c: Claim) => c.no },
  { key: 'charge', label: 'Charge', sort: 'charge', numeric: true, cell: (c: Claim) => c.charge },
];

/** Plays the server: 30 claims, and the cursor is the number of the last one shown. */
const page = (after: string | undefined, limit: number) => {
  const from = Number(after ?? 0);
  const items = Array.from({ length: Math.min(limit, 30 - from) }, (_, i) => ({
    no: `C${from + i + 1}`,
    charge: '1.00',
  }));
  return { items, next: from + limit < 30 ? String(from + limit) : null };
};

function List({ setSort = () => {}, sort }: { setSort?: (s: string) => void; sort?: string }) {
  const [limit, setLimit] = useState(25);
  const { after, paging } = useKeyset({ limit }, limit, setLimit);
  const answer = page(after, limit);
  return (
    <DataTable
      caption="Claims"
      noun="claim"
      columns={columns}
      rows={answer.items}
      rowKey={(c) => c.no}
      total={30}
      sort={sort}
      setSort={setSort}
      paging={paging(answer.next)}
    />
  );
}

test('25 rows, then the rest, then back', () => {
  render(<List />);
  expect(screen.getAllByRole('row')).toHaveLength(26);
  expect(screen.getByRole('status').textContent).toBe('1 to 25 of 30 claims');
  expect(screen.queryByText('‹ Previous page')).toBeNull();
  fireEvent.click(screen.getByText('Next page ›'));
  expect(screen.getByRole('status').textContent).toBe('26 to 30 of 30 claims');
  expect(screen.queryByText('Next page ›')).toBeNull();
  fireEvent.click(screen.getByText('‹ Previous page'));
  expect(screen.getByRole('status').textContent).toBe('1 to 25 of 30 claims');
});

test('another page size starts at the first page', () => {
  render(<List />);
  fireEvent.click(screen.getByText('Next page ›'));
  fireEvent.change(screen.getByLabelText('Rows per page'), { target: { value: '10' } });
  expect(screen.getByRole('status').textContent).toBe('1 to 10 of 30 claims');
});

test('a header sorts, says how, and reverses the order', () => {
  const setSort = vi.fn();
  const { rerender } = render(<List setSort={setSort} sort="charge" />);
  const head = () =>
    screen.getAllByRole('columnheader').find((h) => h.textContent?.startsWith('Charge'))!;
  expect(head().getAttribute('aria-sort')).toBe('ascending');
  fireEvent.click(head().querySelector('button')!);
  expect(setSort).toHaveBeenCalledWith('-charge');
  rerender(<List setSort={setSort} sort="-charge" />);
  expect(head().getAttribute('aria-sort')).toBe('descending');
  expect(head().className).toContain('c-num');
});

test('a real table: caption, column and row headers', () => {
  render(<List />);
  expect(document.querySelector('caption')?.textContent).toBe('Claims');
  expect(document.querySelectorAll('th[scope=col]')).toHaveLength(2);
  expect(document.querySelectorAll('tbody th[scope=row]')).toHaveLength(25);
});

test('a page size that is not ours falls back to 25', () => {
  expect([pageSize('100'), pageSize('7'), pageSize(undefined), pageSize('1e9')]).toEqual([
    100, 25, 25, 25,
  ]);
});
