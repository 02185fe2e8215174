import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';

// Usage: node scripts/repeat-tests.js TIMES [VITEST-ARGUMENT…]
// Runs tests a number of times on a machine that is busy otherwise (one endless loop a core), and lists each test that failed
// with how often it did. A test that fails on a busy machine fails some day where nobody expects it. Exit code 1 where one
// failed.
const [count, ...given] = process.argv.slice(2);
const times = Number(count);

if (!Number.isInteger(times) || times < 1) {
  process.stderr.write(
    `Error: usage: npm run test:repeat -- TIMES [VITEST-ARGUMENT…], such as 20 test/domain; TIMES is a whole number from 1, and got "${count ?? ''}"\n`,
  );
  process.exit(2);
}

const args = given.length > 0 ? given : ['--project', '!long*'];
const folder = mkdtempSync(join(tmpdir(), 'ar-repeat-'));
const loops = Array.from({ length: availableParallelism() }, () =>
  spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
);

/** Names of the tests that failed, or of files that could not be run; null where vitest itself failed. */
async function runOnce() {
  const report = join(folder, 'report.json');
  const child = spawn(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...args, '--reporter=json', `--outputFile.json=${report}`],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  await new Promise((resolve) => child.once('close', resolve));
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${file} › ${test.fullName}`);
    return failed.length === 0 && status === 'failed' ? [`${file}, outside of its tests`] : failed;
  });
}

const failures = new Map();
try {
  for (let run = 1; run <= times; run += 1) {
    const failed = await runOnce();
    for (const name of failed) failures.set(name, (failures.get(name) ?? 0) + 1);
    // Named at once, as a long repetition may be interrupted.
    process.stdout.write(`run ${run} of ${times}: ${[`${failed.length} failed`, ...failed].join('\n  ')}\n`);
  }
} finally {
  for (const loop of loops) loop.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
for (const [name, failed] of [...failures].sort((one, other) => other[1] - one[1])) {
  process.stdout.write(`failed ${failed} of ${times} times: ${name}\n`);
}
process.exitCode = failures.size === 0 ? 0 : 1;
