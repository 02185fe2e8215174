import { existsSync, readFileSync } from 'node:fs';

// Usage: node summarize-tests.js REPORT EXIT-CODE, with vitest's JSON report and the exit code of the test command.
// Prints what did not run, then the numbers of passed and failed tests. A test that was skipped counts as failed: it
// would have been left out without anybody noticing.
const [, , file, exitCode] = process.argv;

function summarize() {
  const text = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text === '') return { passed: 0, failed: 1, remarks: ['The test run wrote no report.'] };
  const tests = JSON.parse(text).testResults.flatMap(({ name, assertionResults, status }) => {
    // A file that could not even be loaded has no tests to fail.
    if (assertionResults.length === 0) return [{ name, status: status === 'passed' ? 'empty' : 'failed' }];
    return assertionResults.map((test) => ({ name: `${name}: ${test.fullName}`, status: test.status }));
  });
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const remarks = tests
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ name, status }) => `Did not run (${status}): ${name}`);
  let failed = tests.length - passed;
  if (tests.length === 0) remarks.push('No test ran.');
  if (failed === 0 && exitCode !== '0') remarks.push(`All tests passed, but the test command ended with ${exitCode}.`);
  if (failed === 0 && (tests.length === 0 || exitCode !== '0')) failed = 1;
  return { passed, failed, remarks };
}

const { passed, failed, remarks } = summarize();
process.stdout.write([...remarks, `${passed} ${failed}`].map((line) => `${line}\n`).join(''));
