/** Something that the web service began to give at some time: a file that is older lacks it without being wrong. */
export interface XmlShape {
  /** Paths as `flattenElement` names them: the first group is what it belongs to, the second the root of what is new. */
  readonly path: RegExp;
  /** The only value that is new, where others were given before. */
  readonly value?: string;
  /** The day, in UTC, on which musicbrainz-server's release with it was deployed. */
  readonly since: string;
  /** The release or change of musicbrainz-server, and the ticket. */
  readonly source: string;
}

/** Of siblings of one name all but the first have a number. */
const place = String.raw`(?:\[\d+\])?`;
const relation = String.raw`relation\([^/]*\)${place}`;
const within = (parent: string, root: string): RegExp => new RegExp(`^((?:.*/)?${parent})/(${root})(?:/|$)`);

/**
 * What the web service began to give in answers like ours, from musicbrainz-server's history (domain page
 * audit-catalogue.md, "Shapes of the XML"). The simulator's old files come from this table too.
 */
export const xmlShapes: readonly XmlShape[] = [
  { path: within('release', 'barcode'), value: '', since: '2012-10-01', source: 'v-2012-10-01, MBS-5295' },
  { path: within('release', 'cover-art-archive'), since: '2013-01-28', source: 'v-2013-01-28, MBS-4536' },
  { path: within(relation, 'type-id'), since: '2013-02-11', source: 'v-2013-02-11, MBS-1774' },
  { path: within('release', 'release-event-list'), since: '2013-05-15', source: 'v-2013-05-15, ae9e3be' },
  {
    path: within(`(?:area|artist|event|place)${place}`, 'type-id'),
    since: '2016-05-23',
    source: 'v-2016-05-23, 6c7aba7',
  },
  { path: within('(?:gender|packaging|status)', 'id'), since: '2016-05-23', source: 'v-2016-05-23, 6c7aba7' },
  { path: within(`attribute${place}`, 'type-id'), since: '2019-01-22', source: 'v-2019-01-22, MBS-9470' },
  { path: within(relation, 'direction'), value: 'forward', since: '2019-10-14', source: 'v-2019-10-14, MBS-10370' },
  // The serializer wrote both before, but nothing loaded the type of an artist or place that was not asked for itself.
  {
    path: within(`(?:artist|place)${place}`, 'type(?:-id)?'),
    since: '2020-04-27',
    source: 'v-2020-04-27, MBS-10677',
  },
  { path: within(`artist${place}`, 'country'), since: '2025-04-14', source: 'v-2025-04-14, MBS-12170' },
];

/** A shape that a path is of, and where it begins there. */
export interface ShapeOfPath {
  readonly shape: XmlShape;
  readonly parent: string;
  /** The attribute or element that is new, with all that is below it. */
  readonly root: string;
}

/**
 * The shapes that a path of the web service's answer is of: none where it has been given all along, several where what
 * it lies in was new before.
 */
export function shapesOf(path: string, value: string): ShapeOfPath[] {
  return xmlShapes.flatMap((shape) => {
    if (shape.value !== undefined && shape.value !== value) return [];
    const [, parent, root] = shape.path.exec(path) ?? [];
    return parent === undefined || root === undefined ? [] : [{ shape, parent, root: `${parent}/${root}` }];
  });
}

/** When a file was written, in seconds since 1970: its `mtime` as the archive lists it, and the time at which it was read. */
export interface FileTime {
  readonly mtime: number | null;
  readonly now: number;
}

/** The first items of the Cover Art Archive are of 2011. */
const firstItems = Date.parse('2011-01-01') / 1000;

/**
 * Why a file's time can't be believed, for people; null where it can. Such a file is judged as one that was written
 * today.
 */
export function doubtOf({ mtime, now }: FileTime): string | null {
  if (mtime === null) return 'the archive lists no time for the file';
  if (mtime > now) return 'the file’s time is in the future';
  return mtime < firstItems ? 'the file’s time is before 2011' : null;
}

/** Whether a file was written before the web service began to give something. */
export function isBefore(time: FileTime, { since }: XmlShape): boolean {
  return time.mtime !== null && doubtOf(time) === null && time.mtime < Date.parse(since) / 1000;
}
