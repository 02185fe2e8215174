import { existsSync, readFileSync } from 'node:fs';

// Usage: node summarize-tests.js REPORT EXIT-CODE, with vitest's JSON report and the exit code of the test command.
// Prints what failed and what did not run, then the numbers of passed and failed tests. A test that was skipped counts
// as failed: it would have been left out without anybody noticing.
const [, , file, exitCode] = process.argv;

// Of what a test said, as much as tells which failure it was: a whole page of HTML would push the rest out of the log.
const MESSAGE_LINES = 12;

/** What one test that did not pass has to say: its name, and for a failed one how its message begins. */
function remark({ name, status, messages }) {
  if (status !== 'failed') return `Did not run (${status}): ${name}`;
  const lines = messages.flatMap((message) => message.trim().split('\n')).slice(0, MESSAGE_LINES);
  return [`Failed: ${name}`, ...lines.map((line) => `    ${line}`)].join('\n');
}

function summarize() {
  const text = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text === '') return { passed: 0, failed: 1, remarks: ['The test run wrote no report.'] };
  const tests = JSON.parse(text).testResults.flatMap(({ name, assertionResults, status, message }) => {
    // A file that could not even be loaded has no tests to fail.
    if (assertionResults.length === 0) {
      return [{ name, status: status === 'passed' ? 'empty' : 'failed', messages: message ? [message] : [] }];
    }
    const each = assertionResults.map((test) => ({
      name: `${name}: ${test.fullName}`,
      status: test.status,
      messages: test.failureMessages ?? [],
    }));
    // What the file does after its tests (a hook, and what must hold in the end) is no test, but fails like one.
    const failedAround = status === 'failed' && each.every((test) => test.status !== 'failed');
    return failedAround
      ? [...each, { name: `${name}, before or after its tests`, status, messages: message ? [message] : [] }]
      : each;
  });
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const remarks = tests.filter(({ status }) => status !== 'passed').map(remark);
  let failed = tests.length - passed;
  if (tests.length === 0) remarks.push('No test ran.');
  if (failed === 0 && exitCode !== '0') remarks.push(`All tests passed, but the test command ended with ${exitCode}.`);
  if (failed === 0 && (tests.length === 0 || exitCode !== '0')) failed = 1;
  return { passed, failed, remarks };
}

const { passed, failed, remarks } = summarize();
process.stdout.write([...remarks, `${passed} ${failed}`].map((line) => `${line}\n`).join(''));
