import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

// Usage: node scripts/release.js [--dry-run], in the repository. Checks that the version in package.json can be released,
// tags the commit with the notes from CHANGELOG.md, writes the release's files (sources, a list of what is in it, checksums),
// and prints the notes and what is left to be done by hand: pushing the tag and the image. With --dry-run the tag is not made. Ends with 1, and every reason, where something is amiss.

const image = 'artwork-reconciler';

function readOptions() {
  try {
    return parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } }).values;
  } catch (error) {
    process.stderr.write(`Error: ${error.message}. Usage: npm run release -- [--dry-run]\n`);
    process.exit(2);
  }
}

/** @param {string[]} args */
function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function tagExists(tag) {
  return git('tag', '--list', tag) !== '';
}

/** What the changelog says of a version, without its heading; null where there is no heading with a date. */
function notesOf(version) {
  const lines = read('CHANGELOG.md').split('\n');
  const heading = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d{4}-\\d{2}-\\d{2}$`);
  const start = lines.findIndex((line) => heading.test(line));
  if (start < 0) return null;
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## '));
  return lines
    .slice(start + 1, length < 0 ? undefined : start + 1 + length)
    .join('\n')
    .trim();
}

/** Every reason why this can't be released, in words. */
function problemsOf(version, tag, notes) {
  const problems = [];
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    problems.push(`package.json has the version "${version}": expected one like 1.2.0`);
  }
  const locked = JSON.parse(read('package-lock.json') || '{}').version;
  if (locked !== version) problems.push(`package-lock.json has the version ${locked}, package.json ${version}`);
  const changed = git('status', '--porcelain');
  if (changed !== '')
    problems.push(`the tree is not clean: ${changed.split('\n').length} files differ from the commit`);
  if (notes === null) problems.push(`CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD"`);
  if (notes === '') problems.push(`CHANGELOG.md says nothing about ${version}`);
  else if (notes !== null && !/^### Upgrading\n\n\S/m.test(notes)) {
    problems.push(
      `CHANGELOG.md doesn't say what operators have to do for ${version}: "### Upgrading", if only with "Nothing."`,
    );
  }
  const fixture = `test/releases/${version}.sql.gz`;
  if (!existsSync(fixture)) {
    problems.push(
      `there is no ${fixture}, from which later releases test their upgrade: RECORD_RELEASE (CONTRIBUTING.md)`,
    );
  }
  if (tagExists(tag)) problems.push(`there is a tag ${tag} already`);
  return problems;
}

/**
 * Writes what goes out beside the image: the sources as they are tagged, what they are made of (CycloneDX), and the checksums
 * of both.
 *
 * @returns their paths
 */
function writeFiles(version, tag) {
  const folder = join('.cache', 'release', version);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const sources = join(folder, `${image}-${version}.tar.gz`);
  git('archive', `--prefix=${image}-${version}/`, '--output', sources, tag);
  const list = join(folder, `${image}-${version}.cdx.json`);
  const npm = ['sbom', '--sbom-format=cyclonedx', '--omit=dev', '--package-lock-only'];
  writeFileSync(list, execFileSync('npm', npm, { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] }));
  const sums = join(folder, 'SHA256SUMS');
  const sum = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
  writeFileSync(sums, [sources, list].map((file) => `${sum(file)}  ${file.slice(folder.length + 1)}\n`).join(''));
  return [sources, list, sums];
}

const options = readOptions();
if (!existsSync('package.json')) {
  process.stderr.write('Error: there is no package.json here: run it in the repository\n');
  process.exit(1);
}
const { version = '' } = JSON.parse(read('package.json'));
const tag = `v${version}`;
const notes = notesOf(version);
const problems = problemsOf(version, tag, notes);
for (const problem of problems) process.stderr.write(`Error: ${problem}\n`);
if (problems.length > 0) {
  process.stderr.write('Nothing was tagged.\n');
  process.exit(1);
}

// As they are: git would take the headings for comments.
const annotate = ['tag', '--annotate', tag, '--cleanup=verbatim', '--message', `${image} ${version}\n\n${notes}\n`];
if (options['dry-run'])
  process.stderr.write(`Would tag ${git('rev-parse', '--short', 'HEAD')} as ${tag}; the notes:\n`);
else git(...annotate);
const files = options['dry-run'] ? [] : writeFiles(version, tag);
process.stdout.write(`${notes}\n`);
process.stderr.write(
  [
    options['dry-run'] ? 'Nothing was changed. After the tag:' : `Tagged as ${tag}. What is left:`,
    `  git push origin ${tag}`,
    `  docker build --build-arg COMMIT="$(git rev-parse ${tag}^{commit})" --tag ${image}:${version} .`,
    `  docker push ${image}:${version}   # to your registry, under its name`,
    ...(files.length === 0 ? [] : ['Its files, to be published with it:', ...files.map((file) => `  ${file}`)]),
    '',
  ].join('\n'),
);
