import type { HttpBindings } from '@hono/node-server';
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
 * transaction lasts longer than one.
 *
 * @param pages the first of which was read before anything is sent, so that a bad filter is answered with a page
 */
export async function download<Row>(
  c: PageContext,
  kind: 'csv' | 'json',
  form: DownloadForm<Row>,
  pages: AsyncGenerator<readonly Row[]>,
): Promise<Response> {
  const first = await pages.next();
  c.header('content-type', kind === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8');
  c.header('content-disposition', `attachment; filename="${form.name}.${kind === 'csv' ? 'csv' : 'jsonl'}"`);
  const write = (rows: readonly Row[]): string =>
    rows
      .map((row) => (kind === 'csv' ? csvLine(form.columns.map(([, value]) => value(row))) : jsonLine(form.json(row))))
      .join('');
  async function* texts(): AsyncGenerator<string> {
    if (kind === 'csv') yield csvLine(form.columns.map(([title]) => title));
    if (first.done !== true) yield write(first.value);
    for await (const rows of pages) yield write(rows);
  }
  return sendWhole(c, texts());
}

/**
 * Sends texts as they are made, no faster than they are taken. Where making one fails, that is logged and the connection
 * is cut: an end like any other would have the reader take the part for the whole.
 */
export function sendWhole(c: PageContext, texts: AsyncIterable<string>): Response {
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
