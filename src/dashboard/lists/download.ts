import { stream } from 'hono/streaming';
import { csvLine, type CsvValue } from '../../export/csv.ts';
import { jsonLine } from '../../export/json-lines.ts';
import type { PageContext } from '../environment.ts';

/** How a list is written as a file. */
export interface DownloadForm<Row> {
  /** The file's name without its ending. */
  readonly name: string;
  readonly columns: readonly (readonly [title: string, value: (row: Row) => CsvValue])[];
  /** A row as a program reads it. */
  readonly json: (row: Row) => unknown;
}

/**
 * Sends all rows of a list, page after page as they are read: memory stays that of one page, and no statement or
 * transaction lasts longer than one. Where reading fails in the middle the connection is cut, so that nobody takes the
 * part for the whole.
 *
 * @param pages the first of which was read before anything is sent, so that a bad filter is answered with a page
 */
export async function download<Row>(
  c: PageContext,
  kind: 'csv' | 'json',
  form: DownloadForm<Row>,
  pages: AsyncIterable<readonly Row[]>,
): Promise<Response> {
  const iterator = pages[Symbol.asyncIterator]();
  const first = await iterator.next();
  c.header('content-type', kind === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8');
  c.header('content-disposition', `attachment; filename="${form.name}.${kind === 'csv' ? 'csv' : 'jsonl'}"`);
  return stream(
    c,
    async (out) => {
      if (kind === 'csv') await out.write(csvLine(form.columns.map(([title]) => title)));
      for (let page = first; page.done !== true && !out.aborted; page = await iterator.next()) {
        const lines = page.value.map((row) =>
          kind === 'csv' ? csvLine(form.columns.map(([, value]) => value(row))) : jsonLine(form.json(row)),
        );
        await out.write(lines.join(''));
      }
    },
    async (error, out) => {
      c.var.parts.log.error({ error, path: c.req.path }, 'download broken off');
      // Cuts the connection: a reader sees that the file is not whole.
      await out.close().catch(() => undefined);
      throw error;
    },
  );
}

/** The pages of a list that is read by its cursor. */
export async function* allPages<Row, Cursor>(
  read: (after: Cursor | null) => Promise<{ readonly rows: readonly Row[]; readonly next: Cursor | null }>,
): AsyncGenerator<readonly Row[]> {
  let after: Cursor | null = null;
  do {
    const page: { readonly rows: readonly Row[]; readonly next: Cursor | null } = await read(after);
    yield page.rows;
    after = page.next;
  } while (after !== null);
}
