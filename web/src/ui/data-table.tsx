// A table of rows from the server, with a caption and scopes, sort buttons with aria-sort, a status line, a page size, and
// buttons for the next and the previous page.
// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { words } from '../api/problem';
import { count } from './format';

export interface Column<Row> {
  key: string;
  label: string;
  /** The API's name for sorting by this column; without it the column cannot be sorted. */
  sort?: string;
  /** Aligns numbers and amounts to the right. */
  numeric?: boolean;
  /** Whether this cell is the row's header. */
  rowHeader?: boolean;
  cell: (row: Row) => ComponentChildren;
}

export interface Paging {
  limit: number;
  setLimit: (limit: number) => void;
  next?: () => void;
  previous?: () => void;
  /** The number of this page, from 1. */
  page: number;
}

export interface DataTableProps<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[] | undefined;
  rowKey: (row: Row) => string;
  noun: string;
  nouns?: string;
  total?: number | null;
  loading?: boolean;
  error?: unknown;
  retry?: () => void;
  empty?: ComponentChildren;
  /** The sort order: a column's `sort` name, or "-name" for descending. */
  sort?: string;
  setSort?: (sort: string) => void;
  paging?: Paging;
  tools?: ComponentChildren;
  captionHidden?: boolean;
}

export const PAGE_SIZES = [10, 25, 50, 100];

/** The page size in a query string; 25 when it is not one of ours. */
export const pageSize = (asked: string | undefined): number =>
  PAGE_SIZES.includes(Number(asked)) ? Number(asked) : 25;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, rows, noun, nouns, error, retry, empty, paging, tools } = props;
  const shown = rows?.length ?? 0;
  return (
    <section class="c-table" aria-label={caption}>
      <div class="c-table__bar">
        <p class="c-table__status" role="status">
          {statusOf(props)}
        </p>
        {tools ? <div class="c-table__tools">{tools}</div> : null}
      </div>
      {error ? (
        <div class="c-note c-note--error" role="alert">
          <p>{words(error)}</p>
          {retry ? (
            <button type="button" class="ds-c-button ds-c-button--small" onClick={retry}>
              Try again
            </button>
          ) : null}
        </div>
      ) : null}
      {!error && rows && !shown ? (
        <div class="c-note">
          <p>{empty ?? `No ${nouns ?? `${noun}s`} to show.`}</p>
        </div>
      ) : null}
      {shown ? <Grid {...props} rows={rows!} /> : null}
      {paging && (paging.page > 1 || paging.next || shown > PAGE_SIZES[0]!) ? (
        <Pagination {...paging} caption={caption} total={props.total ?? undefined} />
      ) : null}
    </section>
  );
}

/** What the table shows, such as "26 to 30 of 30 claims". */
function statusOf<Row>({
  rows,
  noun,
  nouns,
  total,
  loading,
  error,
  paging,
}: DataTableProps<Row>): string {
  if (error) return '';
  if (!rows) return loading ? 'Loading…' : '';
  const n = rows.length;
  if (!n) return '';
  if (!paging || (paging.page === 1 && !paging.next)) return count(n, noun, nouns);
  const first = (paging.page - 1) * paging.limit + 1;
  const last = (first + n - 1).toLocaleString('en-US');
  const range = n === 1 ? last : `${first.toLocaleString('en-US')} to ${last}`;
  const name = n === 1 ? noun : (nouns ?? `${noun}s`);
  return total === undefined || total === null
    ? `${name.charAt(0).toUpperCase()}${name.slice(1)} ${range}`
    : `${range} of ${count(total, noun, nouns)}`;
}

function Grid<Row>({
  caption,
  captionHidden,
  columns,
  rows,
  rowKey,
  loading,
  sort,
  setSort,
}: DataTableProps<Row> & { rows: Row[] }) {
  return (
    <div class="c-scroll" role="region" aria-label={`${caption}, table`} tabIndex={0}>
      <table
        class={`ds-c-table c-data${setSort ? '' : ' c-data--stacks'}`}
        aria-busy={loading ? 'true' : undefined}
      >
        <caption
          class={captionHidden === false ? 'ds-c-table__caption' : 'ds-u-visibility--screen-reader'}
        >
          {caption}
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sort={sort} setSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <BodyCell key={column.key} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** On a narrow screen a row becomes a card, and the style sheet shows each cell's data-label. */
function BodyCell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const rest = { class: column.numeric ? 'c-num' : undefined, 'data-label': column.label };
  const content = <div class="c-cell">{column.cell(row)}</div>;
  return column.rowHeader ? (
    <th scope="row" {...rest}>
      {content}
    </th>
  ) : (
    <td {...rest}>{content}</td>
  );
}

function HeadCell<Row>({
  column,
  sort,
  setSort,
}: {
  column: Column<Row>;
  sort?: string;
  setSort?: (sort: string) => void;
}) {
  const by = column.sort;
  const name = column.numeric ? 'c-num' : undefined;
  if (!by || !setSort)
    return (
      <th scope="col" class={name}>
        {column.label}
      </th>
    );
  const order = sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : undefined;
  return (
    <th scope="col" class={name} aria-sort={order}>
      <button
        type="button"
        class="c-sort"
        onClick={() => setSort(order === 'ascending' ? `-${by}` : by)}
      >
        {column.label}
        <span aria-hidden="true" class="c-sort__mark">
          {order === 'ascending' ? '▲' : order === 'descending' ? '▼' : '↕'}
        </span>
      </button>
    </th>
  );
}

function Pagination({
  limit,
  setLimit,
  next,
  previous,
  page,
  caption,
  total,
}: Paging & { caption: string; total?: number }) {
  const id = `rows-${caption.replace(/\W+/g, '-').toLowerCase()}`;
  const box = useRef<HTMLElement>(null);
  const last = useRef(page);
  useEffect(() => {
    // show the top of the new page
    if (last.current !== page) box.current?.closest('section')?.scrollIntoView({ block: 'start' });
    last.current = page;
  }, [page]);
  const pages = total === undefined ? undefined : Math.max(1, Math.ceil(total / limit));
  return (
    <nav class="c-pages" aria-label={`Pages of ${caption.toLowerCase()}`} ref={box}>
      <div class="c-pages__moves">
        {previous ? (
          <button type="button" class="ds-c-button ds-c-button--small" onClick={previous}>
            ‹ Previous page
          </button>
        ) : null}
        <span class="c-pages__at">
          Page {page}
          {pages ? ` of ${pages.toLocaleString('en-US')}` : ''}
        </span>
        {next ? (
          <button type="button" class="ds-c-button ds-c-button--small" onClick={next}>
            Next page ›
          </button>
        ) : null}
      </div>
      <div class="c-pages__size">
        <label for={id}>Rows per page</label>
        <select
          id={id}
          class="ds-c-field c-select c-select--small"
          onChange={(e) => setLimit(Number(e.currentTarget.value))}
        >
          {PAGE_SIZES.map((n) => (
            <option key={n} value={n} selected={n === limit}>
              {n}
            </option>
          ))}
        </select>
      </div>
    </nav>
  );
}
