import type { EntityKey } from '../entity.ts';
import type { Difference } from './finding.ts';
import { sameBytes } from '../same-bytes.ts';
import { UnreadableAnswerError } from '../unreadable-answer.ts';
import { readXml } from '../documents/xml-document.ts';
import type { FileTime } from '../documents/xml-shapes.ts';
import { type Check, type CheckEntry, cut, peoplesPolicies, runChecks, show } from './check.ts';
import { compareXml, type XmlInput } from './xml-comparison.ts';

const why = 'The archive describes the item by it; uploading what the web service says now mends it and loses nothing.';
const policies = ['index', ...peoplesPolicies] as const;

/** The one check that is judged first: where it fails, there is nothing to judge the others by. */
export const xmlWellFormed: CheckEntry = {
  name: 'xml.well_formed',
  family: 'xml',
  audience: 'operators',
  sentence: 'The item’s XML can be read and is about this entity. Where it isn’t, nothing else of it is judged.',
  why,
  policies,
};

export const xmlValue: Check<XmlInput> = {
  name: 'xml.value',
  family: 'xml',
  audience: 'operators',
  sentence:
    'Every element and attribute that the web service gives has the same value in the item’s XML, and there are no others. What it only began to give after the file was written is xml.stale_shape.',
  why,
  policies,
  *differences({ wrong }) {
    for (const { path, expected, found, note } of wrong) {
      const shown = note === undefined ? show(found) : `${show(found)} (${note})`;
      yield { check: 'xml.value', subject: path, expected: expected ?? 'nothing', found: shown };
    }
  },
};

export const xmlStaleShape: Check<XmlInput> = {
  name: 'xml.stale_shape',
  family: 'xml',
  audience: 'operators',
  sentence:
    'The item’s XML has what the web service only began to give after the file was written: countries and types of artists, ids of terms, release events.',
  why: 'A file that lacks only these is old, but says nothing wrong about the entity; more than half of the archive is.',
  policies: ['report', 'index', 'review', 'review_last', 'ignore'],
  *differences({ stale }) {
    for (const { path, expected, note } of stale) {
      yield { check: 'xml.stale_shape', subject: path, expected, found: `nothing (${note})` };
    }
  },
};

export const xmlChecks: readonly Check<XmlInput>[] = [xmlValue, xmlStaleShape];

/**
 * What differs between the XML on a live entity's item and what the web service says.
 *
 * @param time when the item's file was written: what the web service only began to give later, it may lack.
 * @throws {UnreadableAnswerError} where the web service's own answer is not XML about this entity: then nothing can be
 * told of the item's.
 */
export function checkXml(key: EntityKey, expectedXml: Uint8Array, foundXml: Uint8Array, time: FileTime): Difference[] {
  const expected = readXml(expectedXml, key.entityType);
  if (expected.kind === 'unreadable' || expected.gid !== key.gid) {
    const fault = expected.kind === 'unreadable' ? expected.problem : `it is about ${expected.gid ?? 'no MBID'}`;
    throw new UnreadableAnswerError(
      `the web service's answer is not XML about the ${key.entityType} ${key.gid} (${fault}); nothing can be told of the item's XML`,
    );
  }
  if (sameBytes(expectedXml, foundXml)) return [];
  const found = readXml(foundXml, key.entityType);
  if (found.kind === 'unreadable') return [notWellFormed(key, found.problem)];
  if (found.gid !== key.gid) return [notWellFormed(key, `about ${found.gid ?? 'no MBID'}`)];
  return runChecks(xmlChecks, compareXml(expected.values, found.values, time));
}

function notWellFormed({ entityType, gid }: EntityKey, problem: string): Difference {
  return {
    check: xmlWellFormed.name,
    subject: 'mb_metadata.xml',
    expected: `XML about the ${entityType} ${gid}`,
    found: cut(problem, 1000),
  };
}
