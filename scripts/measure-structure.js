// Usage: node scripts/measure-structure.js
// Prints what the structure of src/ is measured by: how many files there are and how many of them have one importer, which
// folders import each other in a circle, and where an entity type is spelled out. test/structure.test.ts holds it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { findEntityLiterals } from './entity-literals.js';

const root = resolve(import.meta.dirname, '..', 'src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join(root, name));

/** Who imports a file, types included. @type {Map<string, Set<string>>} */
const importers = new Map(files.map((file) => [file, new Set()]));
let literals = 0;
const withLiterals = new Set();

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const spelled = findEntityLiterals(join('src', relative(root, file)), text).length;
  literals += spelled;
  if (spelled > 0) withLiterals.add(file);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (/** @type {ts.Node} */ node) => {
    if (ts.isStringLiteral(node) && node.text.startsWith('.') && isImported(node)) {
      importers.get(resolve(dirname(file), node.text))?.add(file);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

function isImported(/** @type {ts.Node} */ { parent }) {
  return (
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword)
  );
}

/** Files that have one importer, which is in their own folder. */
const lonely = [...importers].filter(
  ([file, by]) => by.size === 1 && [...by].every((one) => dirname(one) === dirname(file)),
);

/**
 * What is side by side in one folder, folders and files, and imports each other, however far round. Whoever imports something
 * of another folder makes the two folders import each other in which their ways part.
 */
function circles() {
  /** @type {Map<string, Set<string>>} */
  const uses = new Map();
  for (const [file, by] of importers) {
    for (const importer of by) {
      const [from, to] = [importer, file].map((each) => relative(root, each).split('/'));
      const parting = from.findIndex((name, depth) => name !== to[depth]);
      const [one, other] = [from, to].map((names) => names.slice(0, parting + 1).join('/'));
      uses.set(one, (uses.get(one) ?? new Set()).add(other));
    }
  }
  const reaches = (/** @type {string} */ from, /** @type {string} */ to, seen = new Set()) => {
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(uses.get(from) ?? [])].some((next) => next === to || reaches(next, to, seen));
  };
  return [...uses.keys()].filter((each) => reaches(each, each));
}

const lines = files.map((file) => readFileSync(file, 'utf8').split('\n').length - 1).sort((one, other) => one - other);
export const structure = {
  files: files.length,
  withOneNeighbour: lonely.map(([file]) => relative(root, file)),
  circles: circles(),
};

if (process.argv[1] === import.meta.filename) {
  const rows = [
    ['source files', structure.files],
    ['of these with one importer, in the same folder', structure.withOneNeighbour.length],
    ['lines of a file: median, longest', `${lines[lines.length >> 1]}, ${lines.at(-1)}`],
    ['folders and files side by side that import each other in a circle', structure.circles.join(', ') || 'none'],
    [
      'entity types and art archives spelled out beside their facts (scripts/entity-literals.js)',
      `${literals} in ${withLiterals.size} files`,
    ],
  ];
  for (const [what, found] of rows) process.stdout.write(`${what}: ${found}\n`);
}
