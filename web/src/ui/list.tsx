// A list: the request for a page of rows, the table that shows it, and its download. A page adds its columns, its filter, and
// the call that finds the rows.
// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { bodyOf, save } from '../api/client';
import { words } from '../api/problem';
import { Note } from './bits';
import { DataTable, type DataTableProps, pageSize } from './data-table';
import { useKeyset } from './keyset';
import { type UrlPatch, urlWith, useUrlState } from './url-state';

/** The part of a request that selects the page of rows. */
interface Turn {
  limit: number;
  /** The cursor from the previous page; none for the first page. */
  after: string | undefined;
}

interface Found<Row> {
  items: Row[];
  next?: string | null;
}

interface Asked<Row, Filter> {
  /** The name of the list in the cache of answers, and what it belongs to, such as a provider account. */
  key: readonly string[];
  /** A different filter starts at the first page. */
  filter: Filter;
  find: (question: Filter & Turn) => Promise<Found<Row>>;
}

/** A page of a list. The page size is in the address. The rows stay on the screen while the next ones load. */
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

/** CSV with a byte order mark, without which some spreadsheet programs misread letters beyond ASCII. */
const CSV = { Accept: 'text/csv;bom=true' };

/** Where to download all rows that match the filter as CSV. */
interface Csv {
  path: string;
  fileName: string;
  /** Sends the filter in the body of a POST, because it may hold numbers of a person. */
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

/** The table of a list, with its errors, paging, and download. */
export function List<Row>({ list: { answer, filter, paging }, csv, ...table }: ListProps<Row>) {
  const [error, setError] = useState<unknown>();
  return (
    <>
      {error ? (
        <Note tone="error">
          <p>{words(error)}</p>
        </Note>
      ) : null}
      <DataTable
        {...table}
        rows={answer.data?.items}
        loading={answer.isFetching}
        error={answer.error}
        retry={() => answer.refetch()}
        paging={paging}
        tools={csv ? <CsvButton {...csv} filter={filter} onDone={setError} /> : undefined}
      />
    </>
  );
}

interface CsvButtonProps extends Csv {
  filter: object;
  /** Called with the error of a download, or with undefined after a success. */
  onDone: (error: unknown) => void;
}

function CsvButton({ path, fileName, post, filter, onDone }: CsvButtonProps) {
  const download = () => {
    const asked = post
      ? save(
          path,
          {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', ...CSV },
            body: bodyOf(filter),
          },
          fileName,
        )
      : save(urlWith(path, {}, filter as UrlPatch), { headers: CSV }, fileName);
    void asked.then(() => onDone(undefined), onDone);
  };
  return (
    <button type="button" class="ds-c-button ds-c-button--small" onClick={download}>
      Download all as CSV
    </button>
  );
}
