import type { Queryable } from '../../src/database/connection.ts';
import { readExpectedState } from '../../src/database/musicbrainz/expected-state.ts';
import { expectedIndexBytes } from '../../src/domain/documents/index-document.ts';
import type { EntityType } from '../../src/domain/entity.ts';
import type { SimulatorUrls } from '../../src/simulator/simulator.ts';

/** What the other daemon needs for its requests. */
export interface RequestSettings {
  readonly urls: SimulatorUrls;
  readonly keys: Readonly<Record<EntityType, { readonly access: string; readonly secret: string }>>;
}

export interface PickedEvent {
  readonly id: number;
  readonly entity_type: EntityType;
  readonly action: string;
  readonly message: Readonly<Record<string, unknown>>;
  /** With this attempt. */
  readonly attempts: number;
}

const collections = { release: 'coverartarchive', event: 'eventartarchive' } as const;

const keepOldVersion = { 'x-archive-keep-old-version': '1' };
const makeBucket = { 'x-archive-auto-make-bucket': '1' };

/** Carries an event out as artwork-indexer's handlers do. @throws for every answer that is not a success. */
export async function handle(q: Queryable, event: PickedEvent, settings: RequestSettings): Promise<void> {
  const { entity_type: entityType, message } = event;
  const { gid, old_gid: from, new_gid: to, artwork_id: id, suffix, sleep, fail } = message;
  const send = (item: unknown, file: string, init: RequestInit): Promise<void> =>
    write(settings, entityType, { item: `mbid-${String(item)}`, file }, init);
  const metadata = {
    'x-archive-meta-collection': collections[entityType],
    'x-archive-meta-mediatype': 'image',
    'x-archive-meta-noindex': 'true',
  };
  const deletion = { method: 'DELETE', headers: { ...keepOldVersion, 'x-archive-cascade-delete': '1' } };
  switch (event.action) {
    case 'index': {
      const key = { entityType, gid: String(gid) };
      // For an MBID that MusicBrainz doesn't know this is an empty index, which makes the item: a fault of its own.
      const body = Buffer.from(expectedIndexBytes(await readExpectedState(q, key)));
      const type = (name: string): Record<string, string> => ({ 'content-type': `application/${name}; charset=UTF-8` });
      const headers = { ...makeBucket, ...metadata };
      await send(gid, 'index.json', {
        method: 'PUT',
        body,
        headers: { ...type('json'), ...keepOldVersion, ...headers },
      });
      const xml = await lookUp(settings, key);
      const file = `mbid-${key.gid}_mb_metadata.xml`;
      return send(gid, file, { method: 'PUT', body: xml, headers: { ...type('xml'), ...headers } });
    }
    case 'copy_image': {
      const source = `/mbid-${String(from)}/mbid-${String(from)}-${String(id)}.${String(suffix)}`;
      const headers = { 'x-amz-copy-source': source, ...makeBucket, ...keepOldVersion, ...metadata };
      return send(to, `mbid-${String(to)}-${String(id)}.${String(suffix)}`, { method: 'PUT', headers });
    }
    case 'delete_image':
      await refuseIfCopied(q, event);
      return send(gid, `mbid-${String(gid)}-${String(id)}.${String(suffix)}`, deletion);
    case 'deindex':
      return send(gid, 'index.json', deletion);
    default:
      await new Promise((resolve) => setTimeout(resolve, Number(sleep ?? 0) * 1000));
      if (fail === true) throw new Error('told to fail');
  }
}

/** A delete that nothing comes before is refused while a copy that was made later still wants the image. */
async function refuseIfCopied(q: Queryable, { id, message }: PickedEvent): Promise<void> {
  const { rows } = await q.query(
    `select from artwork_indexer.event_queue event
     join artwork_indexer.event_queue copy on copy.state = 'queued' and copy.action = 'copy_image'
       and copy.created > event.created and copy.entity_type = event.entity_type
       and copy.message->'artwork_id' = $2 and copy.message->'old_gid' = $3 and copy.message->'suffix' = $4
     where event.id = $1 and event.depends_on is null`,
    [id, ...[message['artwork_id'], message['gid'], message['suffix']].map((value) => JSON.stringify(value))],
  );
  if (rows.length > 0) throw new Error('a copy of the image is queued');
}

async function lookUp({ urls }: RequestSettings, key: { entityType: string; gid: string }): Promise<Buffer> {
  const response = await fetch(`${urls.musicbrainz}/ws/2/${key.entityType}/${key.gid}?inc=artists`, {
    headers: { 'user-agent': userAgent },
  });
  if (!response.ok) throw new Error(`the web service answered ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function write(
  { urls, keys }: RequestSettings,
  entityType: EntityType,
  { item, file }: { readonly item: string; readonly file: string },
  init: RequestInit,
): Promise<void> {
  const { access, secret } = keys[entityType];
  const headers = { authorization: `LOW ${access}:${secret}`, 'user-agent': userAgent, ...init.headers };
  const response = await fetch(urls.s3.replace('{bucket}', item).replace('{file}', file), { ...init, headers });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${init.method} ${item}/${file} was answered ${response.status}`);
}

/** The simulated archive counts a guest without an address as a bad one; that is not what is looked at here. */
const userAgent = 'other-daemon (other-daemon@localhost)';
