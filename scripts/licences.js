import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compatible, notCombined, readByAPerson } from './licences/compatible.js';

// Usage: node scripts/licences.js [FOLDER], with package-lock.json in it. Lists what is installed for production (optional
// packages of other machines included) with its licence, and ends with 1 where one can't be combined with GPL-2.0-or-later.

const folder = process.argv[2] ?? '.';

/** @typedef {{ name: string, version: string, licence: string, remark: string, isFine: boolean }} Row */

/** @returns {Row[]} */
function readPackages() {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const rows = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.dev === true || entry.link === true) continue;
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    rows.set(`${name} ${entry.version}`, judge(name, entry.version, licenceOf(name, path, entry)));
  }
  return [...rows.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What the lock file says, or package.json in its older forms, or a person who read the licence file. */
function licenceOf(name, path, entry) {
  if (typeof entry.license === 'string') return entry.license;
  const manifest = join(folder, path, 'package.json');
  const { license, licenses } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
  const stated = license?.type ?? license ?? licenses?.map(({ type }) => type).join(' OR ');
  return stated ?? readByAPerson.get(name) ?? 'unknown';
}

/** @returns {Row} */
function judge(name, version, licence) {
  const apart = notCombined.get(name);
  if (apart !== undefined) return { name, version, licence, remark: `not combined: ${apart}`, isFine: true };
  const isFine = allows(licence);
  return { name, version, licence, remark: isFine ? '' : 'can NOT be combined with GPL-2.0-or-later', isFine };
}

/** Of an SPDX expression: one side of an OR is enough, an AND needs both. What can't be understood is not allowed. */
function allows(expression) {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const any = () => {
    let result = all();
    while (tokens[at] === 'OR') {
      at += 1;
      const right = all();
      result = result || right;
    }
    return result;
  };
  const all = () => {
    let result = one();
    while (tokens[at] === 'AND') {
      at += 1;
      const right = one();
      result = result && right;
    }
    return result;
  };
  const one = () => {
    const token = tokens[at];
    at += 1;
    if (token !== '(') return compatible.has(token);
    const result = any();
    if (tokens[at] !== ')') return false;
    at += 1;
    return result;
  };
  const result = any();
  return result && at === tokens.length;
}

const rows = readPackages();
const widths = ['name', 'version', 'licence'].map((column) => Math.max(...rows.map((row) => row[column].length)));
for (const { name, version, licence, remark } of rows) {
  const cells = [name, version, licence].map((cell, column) => cell.padEnd(widths[column]));
  process.stdout.write(`${[...cells, remark].join('  ').trimEnd()}\n`);
}
const refused = rows.filter(({ isFine }) => !isFine);
for (const { name, version, licence } of refused) {
  process.stderr.write(
    `Error: ${name} ${version} is under ${licence}, which scripts/licences/compatible.js does not have: ` +
      `leave it out, or add its licence there with the reason\n`,
  );
}
process.exitCode = refused.length > 0 ? 1 : 0;
