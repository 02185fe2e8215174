import { UnreadableAnswerError } from '../documents/metadata.ts';
import { readXml, sameBytes } from '../documents/xml-document.ts';
import type { FlatXml } from '../documents/xml-flat.ts';
import { doubtOf, type FileTime, isBefore, type ShapeOfPath, shapesOf } from '../documents/xml-shapes.ts';
import type { EntityKey } from '../entity.ts';
import { type Check, type CheckEntry, cut, policiesWithoutRepair, runChecks, show, stepsAfterUpload } from './check.ts';
import type { Difference } from './finding.ts';

const why = 'The archive describes the item by it; uploading what the web service says now mends it and loses nothing.';
const policies = ['index', ...policiesWithoutRepair] as const;

/** The one check that is judged first: where it fails, there is nothing to judge the others by. */
export const xmlWellFormed: CheckEntry = {
  name: 'xml.well_formed',
  title: 'XML unreadable',
  wrong: 'The item’s XML can’t be read, or is about another entity.',
  steps: stepsAfterUpload,
  family: 'xml',
  audience: 'operators',
  sentence: 'The item’s XML can be read and is about this entity. Where it isn’t, nothing else of it is judged.',
  why,
  policies,
};

const xmlValue: Check<XmlInput> = {
  name: 'xml.value',
  title: 'wrong values in the XML',
  wrong: 'The item’s XML says something else than the web service.',
  steps: stepsAfterUpload,
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

const xmlStaleShape: Check<XmlInput> = {
  name: 'xml.stale_shape',
  title: 'old XML',
  wrong: 'The item’s XML lacks what the web service only began to give after it was written.',
  steps: stepsAfterUpload,
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
      `the web service's answer is not XML about the ${key.entityType} ${key.gid} (${fault}); the item's XML cannot be judged`,
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

/** A value that only one side has, or that differs; undefined is "not there". */
interface XmlDifference {
  readonly path: string;
  readonly expected: string | undefined;
  readonly found: string | undefined;
  /** What people have to know of it beside the two values. */
  readonly note?: string;
}

/** A value that only the web service has. */
interface LackedValue extends XmlDifference {
  readonly expected: string;
  readonly note: string;
}

/** What the checks of a well-formed XML read. */
interface XmlInput {
  readonly wrong: readonly XmlDifference[];
  /** What the file lacks only because it is older than the web service's habit of saying it. */
  readonly stale: readonly LackedValue[];
}

/** Compares an item's XML with the web service's, value by value. */
export function compareXml(expected: FlatXml, found: FlatXml, time: FileTime): XmlInput {
  const wrong: XmlDifference[] = [];
  const stale: LackedValue[] = [];
  let inFile: ReadonlySet<string> | undefined;
  for (const [path, value] of expected) {
    const there = found.get(path);
    if (there === value) continue;
    const difference = { path, expected: value, found: there };
    const shapes =
      there !== undefined
        ? []
        : shapesOf(path, value).filter((shape) =>
            isSameParent(shape, expected, found, (inFile ??= pathsAndParents(found))),
          );
    const newer = shapes.find(({ shape }) => isBefore(time, shape))?.shape;
    if (newer !== undefined) {
      stale.push({ ...difference, note: `given since ${newer.since}, the file is of ${dayOf(time.mtime!)}` });
    } else {
      const doubt = shapes.length === 0 ? null : doubtOf(time);
      wrong.push(doubt === null ? difference : { ...difference, note: `${doubt}: judged as one of today` });
    }
  }
  for (const [path, value] of found) {
    if (!expected.has(path)) wrong.push({ path, expected: undefined, found: value });
  }
  return { wrong, stale };
}

/**
 * Whether the file has what the missing value belongs to, and nothing of the value itself. Of an element that is wholly
 * missing, or is another one (an artist of another id, a status of another name), the value is a part: what is wrong is
 * the element.
 */
function isSameParent({ parent, root }: ShapeOfPath, expected: FlatXml, found: FlatXml, inFile: ReadonlySet<string>) {
  if (!inFile.has(parent) || inFile.has(root)) return false;
  return [parent, `${parent}/id`].every((path) => !found.has(path) || found.get(path) === expected.get(path));
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function pathsAndParents(values: FlatXml): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const path of values.keys()) {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end);
      if (paths.has(parent)) break;
      paths.add(parent);
    }
  }
  return paths;
}
