import { openClients } from '../../clients/clients.ts';
import { RequestError } from '../../clients/errors.ts';
import { ConfigError } from '../../config/ini.ts';
import { requireContact } from '../../config/value-types.ts';
import type { Queryable } from '../../database/connection.ts';
import { readContents } from '../../database/image-contents.ts';
import { findImageOwners } from '../../database/musicbrainz/image-owners.ts';
import type { Example } from '../../domain/checks/finding.ts';
import { parseOriginalFileName, thumbnailFileName } from '../../domain/documents/file-names.ts';
import {
  compareContents,
  firstMd5,
  type ImageContent,
  type ImageOwner,
  type RememberedContent,
} from '../../domain/documents/image-content.ts';
import type { EntityKey } from '../../domain/entity.ts';
import type { ExpectedImage, ExpectedState } from '../../domain/expected-state.ts';
import type { ObservedFile, ObservedItem } from '../../domain/documents/observed-item.ts';
import { program } from '../../version.ts';
import type { PageContext } from '../environment.ts';
import { forbidden } from '../refusals.ts';

/** An original of an image, on whichever item. */
export interface ShownFile extends ImageContent {
  readonly fileName: string;
  readonly suffix: string;
  /** Seconds since 1970; null where the archive doesn't list it. */
  readonly mtime: number | null;
  /** The file of the item that shows it: itself, or a thumbnail of it; null where there is none for a browser. */
  readonly picture: string | null;
  /** Whether MusicBrainz wants it on this item: it lists the image for its entity, with this suffix. */
  readonly isExpected: boolean;
  /** Whether it is a copy of the original of its suffix on this entity's item; null where that is not to be compared. */
  readonly isCopy: ReturnType<typeof compareContents> | null;
  /** When audits saw this content; null where none did, or the archive lists no md5. */
  readonly known: (RememberedContent & { readonly isFirst: boolean }) | null;
}

/** What an item shows of an image. */
export interface ImageOnItem {
  readonly gid: string;
  /** Of this entity, of the one that MusicBrainz lists the image for, or of one that was merged into this one. */
  readonly role: 'here' | 'merged' | 'owner';
  /** `not_asked`: there are too many other items. */
  readonly answer: ItemAnswer['kind'] | 'not_asked';
  /** The suffix with which it is expected there; null where it is not. */
  readonly expected: string | null;
  /** All with the image's artwork id; none where that is unknown. */
  readonly files: readonly ShownFile[];
}

/** One image, as each side has it. */
export interface ComparedImage {
  readonly artworkId: number;
  /** That MusicBrainz gives it; null where no entity has it. */
  readonly suffix: string | null;
  /** As MusicBrainz lists it for this entity; null where it doesn't. */
  readonly listed: ExpectedImage | null;
  /** Who MusicBrainz lists it for, where that is another entity. */
  readonly owner: ImageOwner | null;
  /** The checks whose findings name it. */
  readonly checks: readonly string[];
  /** This entity's item first. */
  readonly items: readonly ImageOnItem[];
  /** What audits saw of it, on whichever item; of each suffix the first content before others. */
  readonly contents: readonly RememberedContent[];
}

export interface ImageComparison {
  readonly item: ItemAnswer;
  /** Those that findings name first, then others that are in question. */
  readonly images: readonly ComparedImage[];
}

/**
 * The checks whose findings name an image, by its artwork id: as `image 1234`, or by the name of a file of it. Of a finding
 * with many images only those of its examples are known.
 */
export function checksByImage(
  findings: readonly { readonly check: string | null; readonly examples: readonly Example[] }[],
): ReadonlyMap<number, readonly string[]> {
  const checks = new Map<number, readonly string[]>();
  for (const { check, examples } of findings) {
    const text = examples.map(({ subject, expected, found }) => `${subject}\n${expected}\n${found}`).join('\n');
    for (const [, byWord, byFile] of text.matchAll(/\bimage (\d+)|\bmbid-[0-9a-f-]{36}-(\d+)[._]/g)) {
      const id = Number(byWord ?? byFile);
      const known = checks.get(id) ?? [];
      if (check !== null && !known.includes(check)) checks.set(id, [...known, check]);
    }
  }
  return checks;
}

/** Items of other entities that one comparison asks for; a merge of box sets may have more of them. */
const mostOthers = 5;

/** Bytes of an original that is shown itself: it goes to the reader's browser whole. */
const largestShown = 10_000_000;

interface Asked {
  readonly key: EntityKey;
  readonly expected: ExpectedState | null;
  /** The checks whose findings name an image, by its artwork id. */
  readonly named: ReadonlyMap<number, readonly string[]>;
}

/**
 * What MusicBrainz lists beside what the archive holds, asked for now: each file of an image, the expected one and others,
 * and, of an image in question, its owner's or what was merged.
 *
 * @param ask one request, or two where the item seems to be missing
 */
export async function compareImages(
  q: Queryable,
  { key, expected, named }: Asked,
  ask: (gid: string) => Promise<ItemAnswer>,
): Promise<ImageComparison> {
  const item = await ask(key.gid);
  const here = originalsById(key.gid, item);
  const listed = new Map((expected?.images ?? []).map((image) => [image.id, image]));
  const extraIds = [...here.keys()].filter((id) => !listed.has(id));
  const owners = await findImageOwners(q, key.entityType, extraIds);
  const ids = [...listed.keys(), ...extraIds];
  const known = await readContents(q, key.entityType, ids);
  const isInQuestion = (id: number): boolean => {
    const [file, ...more] = here.get(id) ?? [];
    return named.has(id) || file === undefined || more.length > 0 || file.suffix !== listed.get(id)?.suffix;
  };
  const isTold = item.kind === 'present' || item.kind === 'missing';
  const merged = isTold && [...listed.keys()].some(isInQuestion) ? (expected?.mergedFrom ?? []) : [];
  const items = new Map<string, ItemAnswer>();
  for (const gid of [...new Set([...[...owners.values()].map((owner) => owner.gid), ...merged])].slice(0, mostOthers)) {
    items.set(gid, await ask(gid));
  }
  const images = ids.map((artworkId): ComparedImage => {
    const contents = known.filter((content) => content.artworkId === artworkId);
    const owner = owners.get(artworkId) ?? null;
    const image = listed.get(artworkId) ?? null;
    const questioned = isInQuestion(artworkId);
    const on = (role: ImageOnItem['role'], gid: string, answer: ItemAnswer | undefined): ImageOnItem => {
      const suffixes = { here: image?.suffix, owner: owner?.suffix, merged: null };
      const expected = suffixes[role] ?? null;
      const wanted = { gid, artworkId, expected, answer, contents, questioned };
      const files = shownFiles(wanted, role === 'here' ? null : here);
      return { gid, role, answer: answer?.kind ?? 'not_asked', expected, files };
    };
    const others = [
      ...(owner === null ? [] : [on('owner', owner.gid, items.get(owner.gid))]),
      // Of the merged items only what they hold of it: that they don't is as it should be.
      ...(questioned ? merged.map((gid) => on('merged', gid, items.get(gid))) : []).filter(
        ({ files }) => files.length > 0,
      ),
    ];
    return {
      artworkId,
      suffix: image?.suffix ?? owner?.suffix ?? null,
      listed: image,
      owner,
      checks: named.get(artworkId) ?? [],
      items: [on('here', key.gid, item), ...others],
      contents,
    };
  });
  const rank = ({ artworkId, checks }: ComparedImage): number =>
    checks.length > 0 ? 0 : isTold && isInQuestion(artworkId) ? 1 : 2;
  return { item, images: images.sort((one, other) => rank(one) - rank(other)) };
}

interface Original {
  readonly file: ObservedFile;
  readonly suffix: string;
}

type OriginalsById = ReadonlyMap<number, readonly Original[]>;

function originalsById(gid: string, item: ItemAnswer | undefined): OriginalsById {
  const originals = new Map<number, Original[]>();
  for (const file of item?.kind === 'present' ? item.files : []) {
    const name = file.source === 'original' ? parseOriginalFileName(gid, file.name) : null;
    if (name === null) continue;
    originals.set(name.artworkId, [...(originals.get(name.artworkId) ?? []), { file, suffix: name.suffix }]);
  }
  return originals;
}

interface FilesWanted extends Pick<ImageOnItem, 'expected' | 'gid'> {
  readonly artworkId: number;
  readonly answer: ItemAnswer | undefined;
  readonly contents: readonly RememberedContent[];
  /** Whether they are to be compared closely. */
  readonly questioned: boolean;
}

/** @param beside the originals that they may be copies of */
function shownFiles(wanted: FilesWanted, beside: OriginalsById | null): ShownFile[] {
  const { gid, artworkId, answer, contents } = wanted;
  if (answer?.kind !== 'present') return [];
  const shown = (originalsById(gid, answer).get(artworkId) ?? []).map(({ file, suffix }): ShownFile => {
    const { name: fileName, md5, sha1, size, mtime } = file;
    const known = contents.find((content) => content.suffix === suffix && content.md5 === md5);
    const copied = beside?.get(artworkId)?.find((other) => other.suffix === suffix);
    return {
      fileName,
      suffix,
      md5,
      sha1,
      size,
      mtime,
      picture: pictureOf({ file, suffix }, answer.files, wanted),
      isExpected: suffix === wanted.expected,
      isCopy: copied ? compareContents(file, copied.file) : null,
      known: known ? { ...known, isFirst: firstMd5(contents, known) === known.md5 } : null,
    };
  });
  return shown.sort((one, other) => Number(other.isExpected) - Number(one.isExpected));
}

/** In question an original is shown itself, so that its pixels are seen; else a thumbnail does, where there is one of it. */
function pictureOf(
  { file, suffix }: Original,
  files: readonly ObservedFile[],
  { gid, artworkId, questioned }: FilesWanted,
): string | null {
  const canBeShown = suffix !== 'pdf' && (file.size === null || file.size <= largestShown);
  if (questioned && canBeShown) return file.name;
  const small = thumbnailFileName(gid, artworkId, 250);
  const thumbnail = files.find(({ name, original }) => name === small && (original === null || original === file.name));
  return thumbnail?.name ?? (canBeShown ? file.name : null);
}

/** What the archive says of an item, or why that is unknown, which never means that something is absent. */
type ItemAnswer = ObservedItem | { readonly kind: 'unknown'; readonly why: string };

/**
 * Asks for items, one after the other, each request in its turn as everybody's.
 *
 * @throws {Refusal} 403 where the browser says that another site's page is behind it: hidden in images there, anybody's
 *   visitors could spend what the archive grants us. A browser that says nothing is old, or no browser.
 */
export function itemAsker(c: PageContext): (gid: string) => Promise<ItemAnswer> {
  const site = c.req.header('sec-fetch-site') ?? 'none';
  if (site !== 'same-origin' && site !== 'none') {
    const why = 'This page asks the archive, so another site’s page can’t call it up. Nothing was asked.';
    throw forbidden(why, { path: c.req.path, words: 'Ask the archive' });
  }
  const { db, ...parts } = c.var.parts;
  const config = parts.config();
  const { reader } = openClients({ db, config, program, signal: () => c.req.raw.signal });
  return async (gid) => {
    try {
      requireContact(config);
      return await reader.observe(gid);
    } catch (error) {
      if (error instanceof RequestError || error instanceof ConfigError) return { kind: 'unknown', why: error.message };
      throw error;
    }
  };
}
