// What every list gets from ui/list: its request to the server, its paging, its download, and the error of a download.
// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryClientProvider } from '@tanstack/preact-query';
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { LocationProvider } from 'preact-iso';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { List, useList } from '../src/ui/list';

const at = (path: string) => history.replaceState(null, '', new URL(path, 'http://localhost:3000'));
beforeEach(() => {
  at('/claims');
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockReturnValue(); // a browser saves the file; here it would leave the page
});
afterEach(cleanup);

interface Claim {
  no: string;
}
const columns = [{ key: 'no', label: 'Claim number', rowHeader: true, cell: (c: Claim) => c.no }];

/** Plays the server: 26 claims, and the requests that it received. */
const server = () => {
  const asked: object[] = [];
  return {
    asked,
    find: async (question: { limit: number; after: string | undefined }) => {
      asked.push(question);
      const from = Number(question.after ?? 0);
      return {
        items: Array.from({ length: Math.min(question.limit, 26 - from) }, (_, i) => ({
          no: `C${from + i + 1}`,
        })),
        next: from + question.limit < 26 ? String(from + question.limit) : null,
      };
    },
  };
};

interface ClaimsProps {
  find: ReturnType<typeof server>['find'];
  post?: boolean;
}
function Claims({ find, post }: ClaimsProps) {
  const list = useList({
    key: ['claims', '7'],
    filter: { status: 'denied', from: undefined },
    find,
  });
  return (
    <List
      list={list}
      csv={{ path: '/api/v1/claims', fileName: 'claims.csv', post }}
      caption="Claims"
      noun="claim"
      columns={columns}
      rowKey={(c) => c.no}
    />
  );
}
const show = (props: ClaimsProps) =>
  render(
    <QueryClientProvider
      client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
    >
      <LocationProvider>
        <Claims {...props} />
      </LocationProvider>
    </QueryClientProvider>,
  );

test('the request has the filter, the page size, and the cursor of the page before', async () => {
  const { asked, find } = server();
  show({ find });
  await screen.findByText('C25');
  expect(screen.getByRole('status').textContent).toBe('Claims 1 to 25');
  fireEvent.click(screen.getByText('Next page ›'));
  await screen.findByText('C26');
  expect(screen.getByRole('status').textContent, 'one is not many').toBe('Claim 26');
  expect(asked).toEqual([
    { status: 'denied', limit: 25 },
    { status: 'denied', limit: 25, after: '25' },
  ]);
});

test('the page size is the one in the address', async () => {
  at('/claims?limit=10');
  const { asked, find } = server();
  show({ find });
  await screen.findByText('C10');
  expect(asked).toEqual([{ status: 'denied', limit: 10 }]);
});

test('the download has the filter, in the address or in the body', async () => {
  const fetch = vi
    .spyOn(globalThis, 'fetch')
    .mockImplementation(async () => new Response('no\r\n'));
  const { find } = server();
  show({ find });
  fireEvent.click(await screen.findByText('Download all as CSV'));
  await waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
  expect(fetch.mock.calls[0]![0]).toBe('/api/v1/claims?status=denied');
  cleanup();
  show({ find, post: true });
  fireEvent.click(await screen.findByText('Download all as CSV'));
  await waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
  expect(fetch.mock.calls[1]).toMatchObject([
    '/api/v1/claims',
    { method: 'POST', body: '{"status":"denied"}', headers: { Accept: 'text/csv;bom=true' } },
  ]);
});

test('a download that is refused says why, and the list stays', async () => {
  const problem = {
    title: 'Too many',
    status: 422,
    detail: 'More than 10,000 rows. Narrow the days.',
  };
  const refusal = async () => new Response(JSON.stringify(problem), { status: 422 });
  vi.spyOn(globalThis, 'fetch').mockImplementation(refusal);
  show(server());
  await screen.findByText('C1');
  fireEvent.click(screen.getByText('Download all as CSV'));
  expect((await screen.findByRole('alert')).textContent).toContain('Narrow the days');
  expect(screen.getByText('C1')).toBeTruthy();
});

test('a list that failed to load has a button that loads it again', async () => {
  const { find } = server();
  const broken = vi.fn(find).mockRejectedValueOnce(new TypeError('Failed to fetch'));
  show({ find: broken });
  fireEvent.click(await screen.findByText('Try again'));
  await screen.findByText('C1');
});
