import { type EntityListPage, readEntityList } from '../../../database/audit-queries/index.ts';
import { type ListFormat, listFormats, listHead, listLine } from '../../../export/listed-entity.ts';
import { type NamedList, namedLists } from '../../../export/named-lists.ts';
import type { PageContext } from '../../environment.ts';
import { sendWhole } from '../../lists/download.ts';
import { notFound } from '../../refusals.ts';

/** Entities that a statement looks at. */
const size = 1_000;

const types = { csv: 'text/csv', json: 'application/x-ndjson', tsv: 'text/tab-separated-values' } as const;

/** Sends a list for the archive's staff, as `export` writes it, page after page. */
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
  return sendWhole(c, textsOf(list, format, first));

  async function* textsOf(list: NamedList, format: ListFormat, first: EntityListPage): AsyncGenerator<string> {
    yield listHead(format, list);
    for (let page = first; ; page = await read(page.next)) {
      yield page.entities.map((entity) => listLine(format, entity, sites, list)).join('');
      if (page.next === null) return;
    }
  }
}
