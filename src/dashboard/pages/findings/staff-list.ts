import { stream } from 'hono/streaming';
import { readEntityList, type EntityListPage } from '../../../database/audit-queries/index.ts';
import { listFormats, listHead, listLine } from '../../../export/listed-entity.ts';
import { namedLists } from '../../../export/named-lists.ts';
import type { PageContext } from '../../environment.ts';
import { notFound } from '../../refusals.ts';

/** Entities that a statement looks at. */
const size = 1_000;

const types = { csv: 'text/csv', json: 'application/x-ndjson', tsv: 'text/tab-separated-values' } as const;

/**
 * Sends a list for the archive's staff, as `export` writes it, page after page. Where reading fails in the middle the
 * connection is cut, so that nobody takes the part for the whole.
 */
export async function staffListFile(c: PageContext): Promise<Response> {
  const [name, ending] = (c.req.param('file') ?? '').split('.');
  const list = namedLists.find((each) => each.name === name);
  const format = listFormats.find((each) => each === ending);
  if (list === undefined || format === undefined) {
    throw notFound(
      `There are the lists ${namedLists.map((each) => each.name).join(', ')}, each as ${listFormats.join(', ')}.`,
    );
  }
  const { musicbrainz, archive } = c.var.parts.config();
  const sites = { musicbrainz: musicbrainz.url, archive: archive.url };
  const read = (afterId: number): Promise<EntityListPage> =>
    c.var.read((q) => readEntityList(q, list.filter, { size, afterId }));
  const first = await read(0);
  c.header('content-type', `${types[format]}; charset=utf-8`);
  c.header('content-disposition', `attachment; filename="${list.name}.${format}"`);
  return stream(
    c,
    async (out) => {
      await out.write(listHead(format));
      for (let page = first; !out.aborted; page = await read(page.next)) {
        await out.write(page.entities.map((entity) => listLine(format, entity, sites)).join(''));
        if (page.next === null) return;
      }
    },
    async (error, out) => {
      c.var.parts.log.error({ error, path: c.req.path }, 'download broken off');
      await out.close().catch(() => undefined);
      throw error;
    },
  );
}
