import type { ImageSuffix } from '../../domain/documents/file-names.ts';
import type { EntityKey } from '../../domain/entity.ts';

/** What is to be put into MusicBrainz' tables. Names are those of the fixture's lists (`07_list_rows.sql`). */

export interface ImageSpec {
  /** The artwork id. */
  readonly id: number;
  readonly suffix: ImageSuffix;
  readonly types: readonly string[];
  readonly comment: string;
  /** Where among its entity's images, from 1. */
  readonly ordering: number;
  /** Whether the edit that added it is closed. */
  readonly approved: boolean;
  /** Days since the edit that added it was opened. */
  readonly ageDays: number;
}

export interface ArtistSpec {
  readonly gid: string;
  readonly name: string;
  readonly sortName: string;
  readonly type: 'Group' | 'Person' | null;
  readonly country: CountryCode | null;
  readonly comment: string;
}

export interface CreditSpec {
  readonly artist: ArtistSpec;
  /** What the cover calls the artist; null: their own name. */
  readonly creditedAs: string | null;
  readonly joinPhrase: string;
}

/** A date of which the day, or the month too, may not be known. */
export interface PartialDate {
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
}

export type CountryCode = 'AU' | 'DE' | 'FR' | 'GB' | 'JP' | 'US' | 'XE' | 'XW';

export interface ReleaseDate extends PartialDate {
  /** Null: released nobody knows where. At most one of those. */
  readonly country: CountryCode | null;
}

export interface ReleaseSpec {
  readonly gid: string;
  readonly name: string;
  readonly credits: readonly CreditSpec[];
  readonly status: 'Bootleg' | 'Official' | 'Promotion' | 'Pseudo-Release' | null;
  readonly packaging: 'Cardboard/Paper Sleeve' | 'Digipak' | 'Jewel Case' | 'None' | null;
  /** ISO 639-3. */
  readonly language: 'deu' | 'eng' | 'fra' | 'jpn' | 'mul' | 'zxx' | null;
  /** ISO 15924. */
  readonly script: 'Cyrl' | 'Jpan' | 'Latn' | 'Zsym' | null;
  /** Null: nobody knows; empty: it has none. */
  readonly barcode: string | null;
  readonly asin: string | null;
  readonly comment: string;
  readonly quality: -1 | 0 | 1 | 2;
  readonly dates: readonly ReleaseDate[];
  readonly darkened: boolean;
  readonly images: readonly ImageSpec[];
}

export interface PlaceSpec {
  readonly gid: string;
  readonly name: string;
  readonly address: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

interface PerformerSpec {
  readonly artist: ArtistSpec;
  readonly role: 'guest performer' | 'main performer' | 'support act';
  readonly creditedAs: string;
}

export interface EventSpec {
  readonly gid: string;
  readonly name: string;
  readonly type: 'Concert' | 'Festival' | null;
  readonly begin: PartialDate;
  readonly end: PartialDate;
  /** `HH:MM`. */
  readonly time: string | null;
  readonly cancelled: boolean;
  readonly setlist: string | null;
  readonly comment: string;
  readonly performers: readonly PerformerSpec[];
  readonly places: readonly PlaceSpec[];
  readonly darkened: boolean;
  readonly images: readonly ImageSpec[];
}

/** An entity that is in the tables now. */
export interface StoredEntity extends EntityKey {
  /** The row's id. */
  readonly id: number;
  readonly images: readonly ImageSpec[];
}
