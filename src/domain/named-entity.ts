import { type EntityType, entityTypes, isMbid } from './entity.ts';

/** What an operator pasted: an MBID, and the kind of entity where that was told. */
export interface NamedEntity {
  readonly gid: string;
  readonly entityType: EntityType | null;
}

export type NamedReading =
  | ({ readonly kind: 'named' } & NamedEntity)
  /** The address of what has no art of its own, e.g. `a release-group`. */
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'nothing' };

/** What names an entity, as errors say it. */
export const entitiesAreNamed =
  'an MBID, e.g. 76df3287-6cda-33eb-8e9a-044b5e15ffdd, or the address of a release, an event or their item';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/;
/** An entity as we print it, with what is said of it behind it, or the id of its workflow. */
const printed = new RegExp(`^(?:audit-)?(${entityTypes.join('|')})[ -](${uuid.source})(?=$|:| \\()`);

/**
 * Reads an MBID, an item's identifier (`mbid-…`), an address of MusicBrainz, the archive or one of the art archives, or
 * what our own output calls an entity (`release 463f…`).
 */
export function parseNamed(text: string): NamedReading {
  const trimmed = text.trim().toLowerCase();
  const plain = trimmed.replace(/^mbid-/, '');
  if (isMbid(plain)) return { kind: 'named', gid: plain, entityType: null };
  const [, entityType, printedGid] = printed.exec(trimmed) ?? [];
  if (printedGid !== undefined) return { kind: 'named', gid: printedGid, entityType: entityType as EntityType };
  return /^https?:\/\/[^/]+\//.test(trimmed) ? parseAddress(trimmed) : { kind: 'nothing' };
}

/** What the first MBID of an address is of: the word right before it, as in `/release/463f…` or `?artist=463f…`. */
function parseAddress(address: string): NamedReading {
  const found = uuid.exec(address);
  if (found === null) return { kind: 'nothing' };
  const [gid] = found;
  const before = address.slice(0, found.index);
  // An item's name, or a filter of our own pages, tells nothing of the kind.
  if (/mbid[-=]$/.test(before)) return { kind: 'named', gid, entityType: null };
  const what = /([a-z][a-z_-]*)[/=]$/.exec(before)?.[1];
  const entityType = entityTypes.find((known) => known === what);
  if (entityType !== undefined) return { kind: 'named', gid, entityType };
  if (what === undefined) return { kind: 'other', what: 'something else' };
  return { kind: 'other', what: `${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}` };
}
