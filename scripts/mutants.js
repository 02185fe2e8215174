import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Usage: node scripts/mutants.js [PATH…] [-- TESTS…]
// Plants StrykerJS's mutants in the files of these paths, has the tests of the folder of the same name in test/ (or those
// whose paths begin with TESTS) judge each, and lists those that none notices. What it found is kept by file; without a
// path it prints the table of all that was measured.
const reportFile = '.cache/mutants/report.json';
const mutantsFile = '.cache/mutants/mutants.json';
mkdirSync(dirname(reportFile), { recursive: true });

const given = process.argv.slice(2);
const end = given.includes('--') ? given.indexOf('--') : given.length;
const paths = given.slice(0, end).map((path) => path.replace(/\/$/, ''));
const missing = paths.filter((path) => !existsSync(path));
if (missing.length > 0) {
  process.stderr.write(`Error: there is no ${missing.join(', ')}. Usage: npm run mutants -- [PATH…] [-- TESTS…]\n`);
  process.exit(2);
}

const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : {};
if (paths.length > 0) measure();
printTable();

function measure() {
  const files = paths.flatMap((path) => (statSync(path).isDirectory() ? sourcesBelow(path) : [path]));
  const named = given.slice(end + 1);
  const tests = named.length > 0 ? named : [...new Set(files.map((file) => `test/${file.split('/')[1]}/`))];
  // A verdict holds as long as the mutated files and the test's are what they were.
  const resultsFile = `.cache/mutants/${hashOf(files)}.jsonl`;
  const kept = readVerdicts(resultsFile).filter(({ file, hash }) => existsSync(file) && hashOf([file]) === hash);
  writeFileSync(resultsFile, kept.map((verdict) => `${JSON.stringify(verdict)}\n`).join(''));
  const leftOut = [...new Set(kept.map(({ file }) => file))];
  // Most mutants are noticed by a quick test: slower ones see what is left, the slowest (milliseconds) none.
  for (const longest of [30, 300, 2000]) {
    const noticed = new Set(readVerdicts(resultsFile).flatMap((verdict) => verdict.noticed));
    const skipped = readVerdicts(resultsFile).filter(
      (verdict) => verdict.reached.some((id) => !noticed.has(id)) && !verdict.tried,
    );
    const left = longest === 30 ? tests : [...new Set(skipped.map(({ file }) => file))];
    if (left.length > 0) judge({ files, tests: left, longest, resultsFile, leftOut: longest === 30 ? leftOut : [] });
  }
  const verdicts = readVerdicts(resultsFile);
  const noticed = new Set(verdicts.flatMap((verdict) => verdict.noticed));
  const reached = new Set(verdicts.flatMap((verdict) => verdict.reached));
  const atRest = new Set(verdicts.flatMap((verdict) => verdict.atRest));
  for (const file of files) report[file] = [];
  for (const { id, file, mutatorName, replacement, location } of JSON.parse(readFileSync(mutantsFile, 'utf8'))) {
    // What runs once, where a module is loaded, has no test of its own.
    if (atRest.has(id) && !reached.has(id)) continue;
    const status = noticed.has(id) ? 'noticed' : reached.has(id) ? 'survived' : 'not reached';
    report[file].push({ status, mutatorName, replacement, location });
    if (status !== 'noticed') printMutant(file, location, replacement, status);
  }
  const invalid = new Set(verdicts.flatMap((verdict) => verdict.invalid));
  const sql = new Map(verdicts.flatMap((verdict) => verdict.sql.map((mutant) => [mutant.id, mutant])));
  for (const { id, file, original, replacement } of sql.values()) {
    if (invalid.has(id)) continue;
    const status = noticed.has(id) ? 'noticed' : 'survived';
    report[file].push({ status, mutatorName: 'SQL', original, replacement });
    if (status === 'noticed') continue;
    const [was, is] = [original, replacement].map((lines) => lines.split('\n').at(-1));
    process.stdout.write(`${status}: ${file} (SQL)\n  - ${was}\n  + ${is}\n`);
  }
  for (const { file, test } of verdicts.filter(({ unrepeatable }) => unrepeatable)) {
    process.stdout.write(`Can't be repeated, so it judged only some: ${file} › ${test}\n`);
  }
  writeFileSync(reportFile, JSON.stringify(report));
}

function judge(asked) {
  const MUTANTS = JSON.stringify({ ...asked, mutantsFile });
  const vitest = ['--no-warnings', 'node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.mutants.config.ts'];
  const { status } = spawnSync(process.execPath, vitest, { stdio: 'inherit', env: { ...process.env, MUTANTS } });
  if (status !== 0) process.stderr.write('Some tests fail without a mutant, or after one: they were left out.\n');
}

function readVerdicts(resultsFile) {
  if (!existsSync(resultsFile)) return [];
  const lines = readFileSync(resultsFile, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

function hashOf(files) {
  const hash = createHash('sha1');
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

function sourcesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function printMutant(file, { start, end }, replacement, status) {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(start.line, end.line + 1);
  lines[lines.length - 1] = lines[lines.length - 1].slice(0, end.column);
  lines[0] = lines[0].slice(start.column);
  const short = (text) => text.replace(/\s+/g, ' ').slice(0, 120);
  process.stdout.write(
    `${status}: ${file}:${start.line + 1}:${start.column + 1}\n  - ${short(lines.join(' '))}\n  + ${short(replacement)}\n`,
  );
}

function printTable() {
  const folders = new Map();
  for (const [file, mutants] of Object.entries(report)) {
    const counts = folders.get(dirname(file)) ?? { files: 0, noticed: 0, survived: 0, 'not reached': 0 };
    counts.files += 1;
    for (const { status } of mutants) counts[status] += 1;
    folders.set(dirname(file), counts);
  }
  const rows = [...folders]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([folder, counts]) => {
      const all = counts.noticed + counts.survived + counts['not reached'];
      const score = all === 0 ? '' : ((100 * counts.noticed) / all).toFixed(1);
      return `| ${folder} | ${counts.files} | ${all} | ${counts.noticed} | ${counts.survived} | ${counts['not reached']} | ${score} |`;
    });
  const head =
    '| folder | files | mutants | noticed | survived | not reached | % |\n| --- | --- | --- | --- | --- | --- | --- |';
  process.stdout.write(`${[head, ...rows].join('\n')}\n`);
}
