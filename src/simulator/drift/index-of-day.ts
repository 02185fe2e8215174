import type { IndexDocument, IndexImage } from '../../domain/documents/index-document.ts';
import { toPythonJson } from '../../domain/documents/python-json.ts';

/*
 * What index.json looked like, by the history of CAA-indexer (in Perl) and of the Cover Art Archive's own answers. Days
 * are `YYYY-MM-DD`.
 */

/** The triggers of artwork-indexer, in Python, came with the schema change of that day; CAA-indexer is archived since. */
export const pythonSince = '2024-05-13';
/** CAA-indexer 06d7c15: before, `thumbnails` had `small` and `large` only. */
const thumbnailsSince = '2018-02-08';
/** fca0596: before, keys stood in the order of Perl's hashes, which is none. */
const sortedSince = '2017-08-31';
/** d908454 (Docker, DBD::Pg 3.5.3): answers from before have ids, which are bigints, as texts. */
const numbersSince = '2016-11-05';
/** 255378c: before, the release's own address was http: too. */
const httpsReleaseSince = '2016-01-05';

/** Answers of 2012 to 2016 have the keys of an image in this order. */
const unsorted: readonly string[] = [
  'types',
  'front',
  'back',
  'edit',
  'image',
  'comment',
  'approved',
  'id',
  'thumbnails',
];

/** The bytes of an index.json with these values as the indexer of a day wrote it; today's where no day is given. */
export function indexBytes(index: IndexDocument, day = pythonSince): Buffer {
  if (day >= pythonSince) return laidOut(index, day);
  const { images, ...entity } = index;
  const text = laidOut({ images: images.map((image) => imageOfDay(image, day)), ...entity }, day).toString();
  const http = text.replaceAll(/"https:(?=\/\/(?:coverartarchive|eventartarchive)\.org)/g, '"http:');
  return Buffer.from(day < httpsReleaseSince ? http.replace(/"https:(?=\/\/musicbrainz\.org)/, '"http:') : http);
}

/** Any document in the spacing, the escapes and the order of keys that the indexer of a day wrote. */
export function laidOut(document: object, day = pythonSince): Buffer {
  return Buffer.from(day >= pythonSince ? toPythonJson(document) : perlJson(document, day >= sortedSince));
}

function imageOfDay(image: IndexImage, day: string): Record<string, unknown> {
  const { large, small } = image.thumbnails;
  return {
    ...image,
    ...(day < numbersSince ? { id: String(image.id) } : {}),
    ...(day < thumbnailsSince ? { thumbnails: { large, small } } : {}),
  };
}

function perlJson(value: unknown, isSorted: boolean): string {
  if (Array.isArray(value)) return `[${value.map((item) => perlJson(item, isSorted)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(fields).sort();
  if (!isSorted) keys.sort((left, right) => unsorted.indexOf(left) - unsorted.indexOf(right));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${perlJson(fields[key], isSorted)}`).join(',')}}`;
}
