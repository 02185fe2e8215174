import { type EntityType, entitiesAreNamed, entityTypes, type NamedEntity, parseNamed } from '../entity.ts';

/** What a line of a list of entities names, or why it is not taken. */
export type NamedReading =
  ({ readonly kind: 'named' } & NamedEntity) | { readonly kind: 'refused'; readonly reason: string };

/** A line of a list of entities that holds something, by its number in the whole. */
export interface NamedLine {
  readonly line: number;
  readonly text: string;
  readonly reading: NamedReading;
}

/** The columns of our own CSV that tell an entity. */
const gidColumn = 'mbid';
const typeColumn = 'entity_type';

/**
 * Reads a list of entities line by line: MBIDs, identifiers of items, addresses, or our own output: the lines of our lists,
 * their CSV with its head, JSON lines, the tab-separated lists of 2021.
 *
 * @returns a function that is given line after line without its end; null for one that holds nothing, or is a head
 */
export function openNamedLines(): (text: string) => NamedReading | null {
  let columns: { readonly gid: number; readonly type: number } | null = null;
  return (line) => {
    const text = line.trim();
    if (text === '') return null;
    if (text.startsWith('{')) return readJson(text);
    if (text.includes(',')) {
      const cells = cellsOf(text);
      const gid = cells.indexOf(gidColumn);
      if (gid >= 0) {
        columns = { gid, type: cells.indexOf(typeColumn) };
        return null;
      }
      if (columns !== null) return readPair(cells[columns.gid], cells[columns.type]);
    }
    // A CSV of one column has no comma, and its head alone would be no MBID.
    if (text === gidColumn) return null;
    return readPlain(text);
  };
}

/** What people put around an MBID or an address: quotes, brackets, the comma of an enumeration. */
const around = /^[\s"'<([]+|[\s"'>)\],;.]+$/g;
/** An entity in the middle of a line of ours. */
const inside = new RegExp(
  `(?:^|\\s)((?:${entityTypes.join('|')}) [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=$|[\\s:])`,
  'i',
);

function readPlain(text: string): NamedReading {
  const [first = ''] = text.split('\t');
  const whole = parseNamed(first.replace(around, ''));
  if (whole.kind === 'named') return whole;
  const printed = inside.exec(first)?.[1];
  if (printed !== undefined) return readText(printed);
  // A title, a remark, and somewhere the address: as people write in forums.
  const named = first.split(/\s+/).map((word) => parseNamed(word.replace(around, '')));
  const found = named.filter((reading) => reading.kind === 'named');
  if (new Set(found.map(({ gid }) => gid)).size > 1) return refused('it names several entities');
  if (found[0] !== undefined) return found[0];
  const other = named.find((reading) => reading.kind === 'other');
  return refused(other === undefined ? 'it is no MBID' : `it is the address of ${other.what}`);
}

function readText(text: string): NamedReading {
  const reading = parseNamed(text);
  return reading.kind === 'named' ? reading : refused('it is no MBID');
}

function refused(what: string): NamedReading {
  return { kind: 'refused', reason: `${what}: expected ${entitiesAreNamed}` };
}

function readJson(text: string): NamedReading {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    return refused('it is JSON that can’t be read');
  }
  const { mbid, gid, entity_type: type } = row as Readonly<Record<string, unknown>>;
  return readPair(mbid ?? gid, type);
}

function readPair(gid: unknown, type: unknown): NamedReading {
  if (typeof gid !== 'string') return refused('it has no MBID');
  const reading = readText(gid);
  if (reading.kind === 'refused' || typeof type !== 'string' || type === '') return reading;
  const entityType = entityTypes.find((each) => each === type);
  if (entityType === undefined) return refused(`its entity type is ${JSON.stringify(type.slice(0, 40))}`);
  return { ...reading, entityType: entityType satisfies EntityType };
}

/** The cells of a line of our CSV: none of them holds a line break. */
function cellsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
  );
}
