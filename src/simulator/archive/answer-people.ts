import { indexFileName, itemName, thumbnailFileName } from '../../domain/documents/file-names.ts';
import { type EntityKey, type EntityType, projects } from '../../domain/entity.ts';
import type { WebService } from './answer-tasks.ts';
import { type Answer, emptyAnswer, htmlAnswer, pageAnswer, redirectAnswer } from './answer.ts';
import type { ArchiveState } from './archive-state.ts';
import { escapeXml } from '../musicbrainz/xml.ts';

/** What the simulator's sites for people are made from. */
export interface PeoplesSites {
  readonly webService: WebService;
  readonly archive: ArchiveState;
}

/**
 * What links and pictures of the operators' pages lead to, beside the archive's own pages: an entity, its edits or one edit at
 * MusicBrainz, an entity's art and its front. No program of ours asks for these. Null where there is nothing of the kind at an
 * address.
 */
export async function answerPerson(url: URL, { webService, archive }: PeoplesSites): Promise<Answer | null> {
  // Every browser asks for it automatically.
  if (url.pathname === '/favicon.ico') return emptyAnswer(204);
  const [, site, what = '', id = '', size] =
    /^\/(mb|caa|eaa)\/(release|event|edit)\/([0-9a-f-]{1,36})(?:\/edits|\/front-(250|500|1200))?$/.exec(url.pathname) ??
    [];
  if (site === undefined) return null;
  if (site === 'mb') {
    return what === 'edit'
      ? page(200, `Edit ${id}`)
      : entityPage({ entityType: what as EntityType, gid: id }, webService);
  }
  // As the real ones do.
  const art = Object.values(projects).find(({ name, entityType }) => name === site && entityType === what);
  if (art === undefined) return null;
  const file = size === undefined ? indexFileName : frontOf(archive, id, Number(size));
  return file === null ? htmlAnswer(404, '404 Not Found') : redirectAnswer(307, `/download/${itemName(id)}/${file}`);
}

/** The thumbnail of what the item's index calls the front; null where it calls none so, or there is no index to be read. */
function frontOf(archive: ArchiveState, gid: string, size: number): string | null {
  const index = archive.find(itemName(gid))?.files.get(indexFileName);
  if (index === undefined) return null;
  try {
    const { images } = JSON.parse(index.content.bytes.toString()) as { images: { id: number; front: boolean }[] };
    const front = images.find((image) => image.front);
    return front === undefined ? null : thumbnailFileName(gid, front.id, size);
  } catch {
    return null;
  }
}

async function entityPage({ entityType, gid }: EntityKey, webService: WebService): Promise<Answer> {
  const url = `/ws/2/${entityType}/${gid}?inc=${projects[entityType].webServiceInc}`;
  const { status, body } = await webService({ method: 'GET', url });
  if (status !== 200) return page(status, `${entityType} ${gid}: ${status === 404 ? 'not found' : 'no answer'}`);
  const xml = body.toString();
  const [, name = ''] = /<(?:title|name)>([^<]*)</.exec(xml) ?? [];
  const artist = /<artist [^>]*><name>([^<]*)</.exec(xml)?.[1];
  // Texts of the XML are escaped already.
  return page(200, artist === undefined ? name : `${name} by ${artist}`, `<pre>${escapeXml(xml)}</pre>`);
}

/** @param title and content: HTML */
function page(status: number, title: string, content = ''): Answer {
  return pageAnswer(
    status,
    `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${title}</title></head>\n<body>\n` +
      `<p>This is the simulated MusicBrainz.</p>\n<h1>${title}</h1>\n${content}\n</body>\n</html>\n`,
  );
}
