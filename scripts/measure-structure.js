// Usage: node scripts/measure-structure.js
// Prints what the structure of src/ is measured by: how many files there are and how many of them have one importer, which
// folders import each other in a circle, where an entity type is spelled out, and how many files it takes to add something.
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

const lonely = [...importers].filter(
  ([file, by]) => by.size === 1 && [...by].every((one) => dirname(one) === dirname(file)),
);

/** Folders right below src/ that import each other, however far round. */
function circles() {
  const top = (/** @type {string} */ file) => relative(root, file).split('/')[0];
  /** @type {Map<string, Set<string>>} */
  const uses = new Map();
  for (const [file, by] of importers) {
    for (const importer of by) {
      const [from, to] = [top(importer), top(file)];
      if (from !== to) uses.set(from, (uses.get(from) ?? new Set()).add(to));
    }
  }
  const reaches = (/** @type {string} */ from, /** @type {string} */ to, seen = new Set()) => {
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(uses.get(from) ?? [])].some((next) => next === to || reaches(next, to, seen));
  };
  return [...uses.keys()].filter((folder) => reaches(folder, folder));
}

const lines = files.map((file) => readFileSync(file, 'utf8').split('\n').length - 1).sort((one, other) => one - other);
const rows = [
  ['source files', files.length],
  ['of these with one importer, in the same folder', lonely.length],
  ['lines of a file: median, longest', `${lines[lines.length >> 1]}, ${lines.at(-1)}`],
  ['folders of src/ that import each other in a circle', circles().join(', ') || 'none'],
  [
    'entity types and art archives spelled out beside their facts (scripts/entity-literals.js)',
    `${literals} in ${withLiterals.size} files`,
  ],
];
for (const [what, found] of rows) process.stdout.write(`${what}: ${found}\n`);
