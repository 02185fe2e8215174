import type { HttpBindings } from '@hono/node-server';
import type { FieldTable, FilterOf } from '../../database/lists/fields.ts';
import { type Column, type List, readList } from '../../database/lists/list.ts';
import type { ListPage } from '../../database/lists/walk.ts';
import { headOf, lineOf } from '../../export/csv.ts';
import type { PageContext } from '../environment.ts';
import { addressWith, readListAddress } from '../forms/parameters.ts';

/** A list as a file. */
export interface ListFile<Row> {
  readonly name: string;
  readonly type: string;
  /** Its first line, where it has one that is no row. */
  readonly head: string;
  readonly line: (row: Row) => string;
}

/** A list as CSV, or as JSON lines. */
export function fileOf<Row>(
  form: 'csv' | 'json',
  { name, columns }: { readonly name: string; readonly columns: readonly Column<Row>[] },
): ListFile<Row> {
  const line = (row: Row): string => lineOf(form, columns, row);
  return form === 'csv'
    ? { name: `${name}.csv`, type: 'text/csv', head: headOf(columns), line }
    : { name: `${name}.jsonl`, type: 'application/x-ndjson', head: '', line };
}

/**
 * Sends all rows of a list, page after page as they are read: memory stays that of one page, and no statement or
 * transaction lasts longer than one.
 *
 * @param pages the first of which was read before anything is sent, so that a bad filter is answered with a page
 */
export async function download<Row>(
  c: PageContext,
  { name, type, head, line }: ListFile<Row>,
  pages: AsyncGenerator<readonly Row[]>,
): Promise<Response> {
  const first = await pages.next();
  c.header('content-type', `${type}; charset=utf-8`);
  c.header('content-disposition', `attachment; filename="${name}"`);
  const write = (rows: readonly Row[]): string => rows.map(line).join('');
  async function* texts(): AsyncGenerator<string> {
    yield head;
    if (first.done !== true) yield write(first.value);
    for await (const rows of pages) yield write(rows);
  }
  return sendWhole(c, texts());
}

/** Rows that a page of a file has. */
const filePage = 2_000;

/** Answers with a list as a file, with the filter of its page: `/events.csv?…`. */
export function listFile<Row extends object, Fields extends FieldTable>(
  list: List<Row, Fields>,
  form: 'csv' | 'json',
): (c: PageContext) => Promise<Response> {
  return (c) => {
    const { filter, after } = readListAddress(c, list);
    return download(c, fileOf(form, list), listPages(c, list, filter, after));
  };
}

/** The pages of a file. */
export async function* listPages<Row extends object, Fields extends FieldTable>(
  c: PageContext,
  list: List<Row, Fields>,
  filter: FilterOf<Fields>,
  from: string | null = null,
): AsyncGenerator<readonly Row[]> {
  const { scanRows } = c.var.parts.config().dashboard;
  const look = Math.max(scanRows, filePage);
  for (let after = from, isFirst = true; isFirst || after !== null; isFirst = false) {
    const page: ListPage<Row> = await c.var.read((q) => readList(q, list, filter, { limit: filePage, look, after }));
    yield page.rows;
    after = page.next;
  }
}

/**
 * Sends texts as they are made, no faster than they are taken. Where making one fails, that is logged and the connection
 * is cut: an end like any other would have the reader take the part for the whole.
 */
function sendWhole(c: PageContext, texts: AsyncIterable<string>): Response {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      for await (const text of texts) yield encoder.encode(text);
    } catch (error) {
      c.var.parts.log.error({ error, path: c.req.path }, 'download broken off');
      const { outgoing } = c.env as Partial<HttpBindings>;
      // Cut here, and not by the body's error: that one the adaptor would write to standard error, past the log.
      if (outgoing === undefined) throw error;
      outgoing.destroy();
    }
  }
  return c.body(ReadableStream.from(bytes()));
}

const encoder = new TextEncoder();

/** Leads to everything that the filter matches, as files for programs. */
export function Downloads({ c }: { readonly c: PageContext }) {
  return (
    <p class="downloads">
      All of this list as{' '}
      <a href={addressWith(c, { after: null }, `${c.req.path}.csv`)} download>
        CSV
      </a>{' '}
      or{' '}
      <a href={addressWith(c, { after: null }, `${c.req.path}.json`)} download>
        JSON lines
      </a>
    </p>
  );
}
