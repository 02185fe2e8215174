/** Where MusicBrainz keeps what we read of a kind of entities: constants of its schema, which go into SQL as they stand. */
interface ArtTables {
  /** The entity's own table, with `id` and `gid`. */
  readonly entity: string;
  /** The column of `entity` with the id of the artists whose it is, where there is one. */
  readonly credit: string | null;
  /** The MBIDs that were merged into another entity, as `gid` and `new_id`. */
  readonly redirect: string;
  readonly meta: string;
  /** The column of `meta` with absent, present or darkened. */
  readonly presence: string;
  /** One row an image. */
  readonly art: string;
  /** The view that index.json is made from. */
  readonly listing: string;
  /** The names of types, by id. */
  readonly artType: string;
  /** The column of `art` and `listing` that holds the entity's id. */
  readonly entityColumn: string;
  /** Which entities an edit is about, with `edit` and a column named `entityColumn`. */
  readonly editLink: string;
  /** The type of the edit that adds an image. */
  readonly addArtEditType: number;
}

/** What is fixed about a kind of entities that has art, and about its archive's items, documents and addresses. */
interface Facts {
  /** The short name of its art archive, in names of keys, brakes and metrics. */
  readonly name: string;
  readonly archive: string;
  /** One of them in a sentence, with its article. */
  readonly one: string;
  /** Several of them in a sentence. Beside the queue's events, those of MusicBrainz are called so. */
  readonly many: string;
  /** The item metadata `collection` on archive.org. */
  readonly collection: string;
  /** Where index.json says that an entity's images are; `/{gid}/{id}.{suffix}` follows. */
  readonly imageUrl: string;
  /** Where index.json says that the entity is; `/{gid}` follows. */
  readonly entityUrl: string;
  /** The `inc` of the web service request whose answer is kept as mb_metadata.xml. */
  readonly webServiceInc: string;
  /** Only the release view of MusicBrainz tells what the back cover is. */
  readonly hasBack: boolean;
  /** Whether it is known what archive.org derives from the item's XML. */
  readonly hasDerivedMetadata: boolean;
  readonly tables: ArtTables;
}

/** In the order in which people read of them. A new kind is an entry here; the compiler then names what else it needs. */
const facts = {
  release: {
    name: 'caa',
    archive: 'Cover Art Archive',
    one: 'a release',
    many: 'releases',
    collection: 'coverartarchive',
    imageUrl: 'https://coverartarchive.org/release',
    entityUrl: 'https://musicbrainz.org/release',
    webServiceInc: 'artists',
    hasBack: true,
    hasDerivedMetadata: true,
    tables: {
      entity: 'musicbrainz.release',
      credit: 'artist_credit',
      redirect: 'musicbrainz.release_gid_redirect',
      meta: 'musicbrainz.release_meta',
      presence: 'cover_art_presence',
      art: 'cover_art_archive.cover_art',
      listing: 'cover_art_archive.index_listing',
      artType: 'cover_art_archive.art_type',
      entityColumn: 'release',
      editLink: 'musicbrainz.edit_release',
      addArtEditType: 314,
    },
  },
  event: {
    name: 'eaa',
    archive: 'Event Art Archive',
    one: 'an event',
    many: 'MusicBrainz events',
    collection: 'eventartarchive',
    imageUrl: 'https://eventartarchive.org/event',
    entityUrl: 'https://musicbrainz.org/event',
    webServiceInc: 'artist-rels+place-rels',
    hasBack: false,
    hasDerivedMetadata: false,
    tables: {
      entity: 'musicbrainz.event',
      credit: null,
      redirect: 'musicbrainz.event_gid_redirect',
      meta: 'musicbrainz.event_meta',
      presence: 'event_art_presence',
      art: 'event_art_archive.event_art',
      listing: 'event_art_archive.index_listing',
      artType: 'event_art_archive.art_type',
      entityColumn: 'event',
      editLink: 'musicbrainz.edit_event',
      addArtEditType: 158,
    },
  },
} as const satisfies Readonly<Record<string, Facts>>;

/** A kind of MusicBrainz entities that has art; the values of `artwork_indexer.indexable_entity_type`. */
export type EntityType = keyof typeof facts;

export const entityTypes = Object.keys(facts) as [EntityType, ...EntityType[]];

/** Almost all items are of releases: what one is taken for that nothing else is known of. */
export const usualEntityType: EntityType = 'release';

/** A table with an entry for each entity type. */
export function byEntityType<Value>(entryOf: (entityType: EntityType) => Value): Readonly<Record<EntityType, Value>> {
  return Object.fromEntries(entityTypes.map((type) => [type, entryOf(type)])) as Record<EntityType, Value>;
}

export type ProjectName = (typeof facts)[EntityType]['name'];

/** One of the art archives, with what is fixed about its entities. */
export interface Project extends Facts {
  readonly name: ProjectName;
  readonly entityType: EntityType;
}

export const projects = byEntityType((entityType): Project => ({ entityType, ...facts[entityType] }));

export const projectNames: readonly ProjectName[] = entityTypes.map((entityType) => projects[entityType].name);

/** What names an entity everywhere: its kind and its MBID. */
export interface EntityKey {
  readonly entityType: EntityType;
  /** An MBID in its canonical form: lower case, with hyphens. */
  readonly gid: string;
}

/**
 * Who a gid is for MusicBrainz: a row of its table, a redirect to another row, a row of `deleted_entity`, or none of
 * these. The last three are *orphans*.
 */
export type Identity = 'deleted' | 'live' | 'merged' | 'unknown';

const mbid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is an MBID in canonical form. PostgreSQL's `uuid` takes other spellings, which no message of ours has. */
export function isMbid(text: unknown): text is string {
  return typeof text === 'string' && mbid.test(text);
}

/** What an operator pasted: an MBID, and the kind of entity where that was given. */
export interface NamedEntity {
  readonly gid: string;
  readonly entityType: EntityType | null;
}

type NamedReading =
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
