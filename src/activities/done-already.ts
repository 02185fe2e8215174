import type { Clients } from '../clients/clients.ts';
import type { RefusedError } from '../clients/errors.ts';
import type { Database } from '../database/connection.ts';
import { readFirstMd5 } from '../database/image-contents.ts';
import { readExpectedState } from '../database/musicbrainz/expected-state.ts';
import type { EntityKey } from '../domain/entity.ts';
import { itemName, originalFileName } from '../domain/documents/file-names.ts';
import { compareContents } from '../domain/image-content.ts';
import type { CopyImageMessage } from '../domain/queue/indexer-event.ts';
import { findOldVersion, findOriginal } from '../domain/documents/item-files.ts';

interface RefusedWrite {
  /** Whose item was to be written to. */
  readonly key: EntityKey;
  /** What was to be copied there, where the write was a copy. */
  readonly copy?: CopyImageMessage | undefined;
}

/**
 * Why a write that the archive has refused leaves nothing to do (life-cycles page, "Indexer events"); null where it does.
 * What can't be told is no such reason.
 *
 * @throws {UnreadableError} where an item can't be read
 */
export async function whyDone(
  { db, clients }: { readonly db: Database; readonly clients: Clients },
  { details }: RefusedError,
  { key, copy }: RefusedWrite,
): Promise<string | null> {
  const code = details?.code;
  if (code === 'AccessDenied') {
    const { presence } = await readExpectedState(db, key);
    const isDarkened = presence === 'darkened' && (await clients.reader.observe(key.gid)).kind === 'dark';
    return isDarkened ? `${itemName(key.gid)} is dark, and MusicBrainz says darkened` : null;
  }
  const isGone = code === 'NoSuchBucket' || code === 'NoSuchKey';
  if (!isGone || copy === undefined || !(await isCopied(db, clients, key, copy))) return null;
  return `the image is gone from ${itemName(copy.old_gid)}, and ${itemName(copy.new_gid)} holds it`;
}

/**
 * Whether a copy was made before, and its source deleted since: by what a restored database has forgotten, or by a person.
 * Which content it had is told by the old version that a deletion leaves, or else by what an audit remembers: an md5
 * alone, but one of a whole content. Of the target only what is listed now counts.
 */
async function isCopied(
  db: Database,
  { reader }: Clients,
  { entityType }: EntityKey,
  { artwork_id: id, old_gid: from, new_gid: to, suffix }: CopyImageMessage,
): Promise<boolean> {
  const source = await reader.observe(from);
  if (source.kind === 'dark' || findOriginal(source, from, id, suffix) !== null) return false;
  const there = findOriginal(await reader.observe(to), to, id, suffix);
  if (there === null) return false;
  const gone = findOldVersion(source, originalFileName(from, id, suffix)) ?? {
    md5: await readFirstMd5(db, entityType, { artworkId: id, suffix }),
    sha1: null,
    size: there.size,
  };
  return compareContents(gone, there) === 'same';
}
