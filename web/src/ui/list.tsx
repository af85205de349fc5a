// One list screen, whole: which page of rows the server is asked for, the table that shows it, and its download. A screen
// adds its columns, what it filters by, and the call that finds the rows.
// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { save } from '../api/client';
import { words } from '../api/problem';
import { Note } from './bits';
import { DataTable, type DataTableProps, pageSize } from './data-table';
import { useKeyset } from './keyset';
import { type UrlPatch, urlWith, useUrlState } from './url-state';

/** What the server is asked for besides the filter. */
interface Turn {
  limit: number;
  /** The mark of the page before; none on the first page. */
  after: string | undefined;
}

interface Found<Row> {
  items: Row[];
  next?: string | null;
}

interface Asked<Row, Filter> {
  /** Names the list in the cache of answers, with what it belongs to, such as a provider account. */
  key: readonly string[];
  /** What narrows the list; another filter starts at the first page again. */
  filter: Filter;
  find: (question: Filter & Turn) => Promise<Found<Row>>;
}

/** A page of a list. The page size stands in the address; the last rows stay on the screen while the next are on their way. */
export function useList<Row, Filter extends object>({ key, filter, find }: Asked<Row, Filter>) {
  const { q, set } = useUrlState();
  const limit = pageSize(q.limit);
  const keyset = useKeyset({ key, filter, limit }, limit, (n) => set({ limit: n }, true));
  const question = { ...filter, limit, after: keyset.after };
  const answer = useQuery({
    queryKey: [...key, question],
    queryFn: () => find(question),
    placeholderData: keepPreviousData,
  });
  return { answer, filter, paging: keyset.paging(answer.data?.next) };
}

/** Where all rows that match the filter can be had as CSV, not only those of the page. */
interface Csv {
  path: string;
  fileName: string;
  /** The filter goes in the body of a POST, as the list's own search does: it may hold numbers of a person. */
  post?: boolean;
}

type OwnProps<Row> = Pick<
  DataTableProps<Row>,
  'caption' | 'columns' | 'rowKey' | 'noun' | 'nouns' | 'empty'
>;

interface ListProps<Row> extends OwnProps<Row> {
  list: ReturnType<typeof useList<Row, object>>;
  csv?: Csv;
}

/** The table of a list with its loading, its faults, its paging and its download. */
export function List<Row>({ list: { answer, filter, paging }, csv, ...table }: ListProps<Row>) {
  const [fault, setFault] = useState<unknown>();
  return (
    <>
      {fault ? (
        <Note tone="error">
          <p>{words(fault)}</p>
        </Note>
      ) : null}
      <DataTable
        {...table}
        rows={answer.data?.items}
        loading={answer.isFetching}
        error={answer.error}
        retry={() => answer.refetch()}
        paging={paging}
        tools={csv ? <CsvButton {...csv} filter={filter} onDone={setFault} /> : undefined}
      />
    </>
  );
}

/** @param onDone called with the fault of a download, or with undefined when it went well */
function CsvButton({
  path,
  fileName,
  post,
  filter,
  onDone,
}: Csv & { filter: object; onDone: (fault: unknown) => void }) {
  const download = () => {
    const asked = post
      ? save(
          path,
          {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', Accept: 'text/csv' },
            body: JSON.stringify(filter),
          },
          fileName,
        )
      : save(urlWith(path, {}, filter as UrlPatch), { headers: { Accept: 'text/csv' } }, fileName);
    void asked.then(() => onDone(undefined), onDone);
  };
  return (
    <button type="button" class="ds-c-button ds-c-button--small" onClick={download}>
      Download all as CSV
    </button>
  );
}
