import { readXml } from '../documents/xml-document.ts';
import type { FlatXml } from '../documents/xml-flat.ts';
import { type EntityKey, projects } from '../entity.ts';
import { type Check, policiesWithoutRepair, runChecks, show } from './check.ts';
import type { Difference } from './finding.ts';
import { stepsForStaff } from './item-checks.ts';

/** What the check of derived metadata reads. */
export interface DerivedInput {
  /** The item's metadata on archive.org: each field with all its values. */
  readonly metadata: Readonly<Record<string, readonly string[]>>;
  /** The values of the item's own mb_metadata.xml. */
  readonly xml: FlatXml;
}

export const metaDerived: Check<DerivedInput> = {
  name: 'meta.derived',
  title: 'wrong title or creators',
  wrong: 'The archive’s title, creators, date, language or identifiers don’t follow from the item’s own XML.',
  family: 'derived',
  audience: 'archive_staff',
  sentence:
    'A release item’s title, creators, date, language and external identifiers follow from its own XML. Not judged while a finding of that XML is to be mended by another upload.',
  steps: stepsForStaff,
  why: 'The archive takes them from the XML when it is uploaded, so it is uploaded again, once; then a person asks the archive.',
  policies: ['index', ...policiesWithoutRepair],
  *differences({ metadata, xml }) {
    for (const [field, valuesIn] of Object.entries(derived)) {
      const expected = valuesIn(xml);
      const found = (metadata[field] ?? []).filter((value) => isDerived(field, value)).map(oneSpaced);
      if (sameSet(expected.map(oneSpaced), found)) continue;
      yield { check: 'meta.derived', subject: field, expected: texts(expected), found: texts(found) };
    }
    yield* foreignSortNames(metadata, xml);
  },
};

/**
 * What differs between the metadata of a release's item and what the archive derives from the item's own XML. Of events
 * it isn't known what the archive derives; of an XML that can't be read there is nothing to derive from.
 */
export function checkDerived(key: EntityKey, metadata: DerivedInput['metadata'], foundXml: Uint8Array): Difference[] {
  const reading = readXml(foundXml, key.entityType);
  return reading.kind === 'read' ? checkDerivedFrom(key, metadata, reading.values) : [];
}

/** The same, where the XML is read already. */
export function checkDerivedFrom(key: EntityKey, metadata: DerivedInput['metadata'], xml: FlatXml): Difference[] {
  return projects[key.entityType].hasDerivedMetadata ? runChecks([metaDerived], { metadata, xml }) : [];
}

/** What the archive takes from the XML, by the field that it goes into (domain page musicbrainz.md, at its end). */
const derived: Readonly<Record<string, (xml: FlatXml) => readonly string[]>> = {
  title: (xml) => one(xml, 'release/title'),
  creator: (xml) => ofArtists(xml, 'name'),
  date: (xml) => one(xml, 'release/date'),
  language: (xml) => one(xml, 'release/text-representation/language'),
  'external-identifier': (xml) => [
    ...one(xml, 'release/id').map((id) => `urn:mb_release_id:${id}`),
    ...ofArtists(xml, 'id').map((id) => `urn:mb_artist_id:${id}`),
    ...one(xml, 'release/barcode').map((barcode) => `urn:upc:${barcode}`),
    ...one(xml, 'release/asin').map((asin) => `urn:asin:${asin}`),
  ],
};

const sortNames = 'creator-alt-script';

/** The fields of an item's metadata that the check reads. */
export const derivedFields: readonly string[] = [...Object.keys(derived), sortNames];

function one(xml: FlatXml, path: string): string[] {
  return [xml.get(path) ?? ''].filter((value) => value !== '');
}

function ofArtists(xml: FlatXml, part: 'id' | 'name' | 'sort-name'): string[] {
  const path = new RegExp(`^release/artist-credit/name-credit(?:\\[\\d+\\])?/artist/${part}$`);
  return [...xml].filter(([key]) => path.test(key)).map(([, value]) => value);
}

/** An item may have identifiers from elsewhere; those of other kinds are not from the XML. */
function isDerived(field: string, value: string): boolean {
  return field !== 'external-identifier' || /^urn:(mb_release_id|mb_artist_id|upc|asin):/.test(value);
}

/** It isn't known that every sort name is taken over, but one that is there is a credited artist's. */
function* foreignSortNames(metadata: DerivedInput['metadata'], xml: FlatXml): Iterable<Difference> {
  const credited = ofArtists(xml, 'sort-name').map(oneSpaced);
  const found = (metadata[sortNames] ?? []).map(oneSpaced);
  if (found.every((name) => credited.includes(name))) return;
  yield { check: 'meta.derived', subject: sortNames, expected: texts(credited), found: texts(found) };
}

/** The archive's own metadata XML keeps no runs of white space. */
function oneSpaced(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.every((value) => right.includes(value)) && right.every((value) => left.includes(value));
}

function texts(values: readonly string[]): string {
  return values.length === 0 ? 'nothing' : show(values);
}
