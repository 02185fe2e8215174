import type { FlatXml } from '../documents/xml-flat.ts';
import { doubtOf, type FileTime, isBefore, type ShapeOfPath, shapesOf } from '../documents/xml-shapes.ts';

/** A value that only one side has, or that differs; undefined is "not there". */
export interface XmlDifference {
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

/** What the checks of a well-formed XML look at. */
export interface XmlInput {
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
  const ids = [parent, `${parent}/id`].filter((path) => path !== root);
  return ids.every((path) => !found.has(path) || found.get(path) === expected.get(path));
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
