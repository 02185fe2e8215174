import type { FlatXml } from '../xml-flat.ts';

/** A value that only one side has, or that differs; undefined is "not there". */
export interface XmlDifference {
  readonly path: string;
  readonly expected: string | undefined;
  readonly found: string | undefined;
}

/** A value that only the web service has. */
interface LackedValue extends XmlDifference {
  readonly expected: string;
}

/** What the checks of a well-formed XML look at. */
export interface XmlInput {
  readonly wrong: readonly XmlDifference[];
  /** What the file lacks only because it is older than the web service's habit of saying it. */
  readonly stale: readonly LackedValue[];
}

/** Compares an item's XML with the web service's, value by value. */
export function compareXml(expected: FlatXml, found: FlatXml): XmlInput {
  const wrong: XmlDifference[] = [];
  const stale: LackedValue[] = [];
  let inFile: ReadonlySet<string> | undefined;
  for (const [path, value] of expected) {
    const there = found.get(path);
    if (there === value) continue;
    const difference = { path, expected: value, found: there };
    if (there !== undefined) wrong.push(difference);
    else (isStale(path, expected, (inFile ??= pathsAndParents(found))) ? stale : wrong).push(difference);
  }
  for (const [path, value] of found) {
    if (!expected.has(path)) wrong.push({ path, expected: undefined, found: value });
  }
  return { wrong, stale };
}

/**
 * Whether a value is of those that the web service began to give later: `type-id` and other ids of terms, the `id` of
 * status, packaging and the like, ISO code lists. Only where the file has what they belong to: of an element that is
 * wholly missing they are a part, and the element is wrong.
 */
function isStale(path: string, expected: FlatXml, inFile: ReadonlySet<string>): boolean {
  const list = /^(.*)(\/iso-[^/]+-code-list(?:\[\d+\])?)(?:\/|$)/.exec(path);
  if (list !== null) return inFile.has(list[1] as string) && !inFile.has(`${list[1]}${list[2]}`);
  const [, parent, name] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  if (parent === undefined || name === undefined || !inFile.has(parent)) return false;
  // A term has text and an id (`<status id="…">Official</status>`); an entity has an id and elements.
  return name.endsWith('-id') || (name === 'id' && (expected.get(parent) ?? '') !== '');
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
