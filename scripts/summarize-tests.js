import { existsSync, readFileSync } from 'node:fs';

// Usage: node summarize-tests.js REPORT EXIT-CODE [REPORT EXIT-CODE], with vitest's JSON report and the exit code of the test
// command, and those of a second run of the files in which something failed. Prints what failed and what did not run, then the
// numbers of passed and failed tests. A test that was skipped counts as failed: it would have been left out without anybody
// noticing. One that passed in the second run counts as passed, and is named nevertheless.
//
// node summarize-tests.js --failed-files REPORT prints the files in which something failed, a line each.
const [, , ...given] = process.argv;

// Of what a test said, as much as tells which failure it was: a whole page of HTML would push the rest out of the log.
const MESSAGE_LINES = 12;

/** What one test that did not pass has to say: its name, and for a failed one how its message begins. */
function remark({ name, status, messages }) {
  if (status !== 'failed') return `Did not run (${status}): ${name}`;
  const lines = messages.flatMap((message) => message.trim().split('\n')).slice(0, MESSAGE_LINES);
  return [`Failed: ${name}`, ...lines.map((line) => `    ${line}`)].join('\n');
}

/** The tests of a run, those that are none included: a file that did not load, and what a file does around its tests. */
function testsOf(file) {
  const text = file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text === '') return null;
  return JSON.parse(text).testResults.flatMap(({ name, assertionResults, status, message }) => {
    // A file that could not even be loaded has no tests to fail.
    if (assertionResults.length === 0) {
      return [
        { file: name, name, status: status === 'passed' ? 'empty' : 'failed', messages: message ? [message] : [] },
      ];
    }
    const each = assertionResults.map((test) => ({
      file: name,
      name: `${name}: ${test.fullName}`,
      status: test.status,
      messages: test.failureMessages ?? [],
    }));
    // What the file does after its tests (a hook, and what must hold in the end) is no test, but fails like one.
    const failedAround = status === 'failed' && each.every((test) => test.status !== 'failed');
    return failedAround
      ? [
          ...each,
          { file: name, name: `${name}, before or after its tests`, status, messages: message ? [message] : [] },
        ]
      : each;
  });
}

const isPassed = ({ status }) => status === 'passed';
const failedFiles = (tests) => new Set(tests.filter((test) => !isPassed(test)).map(({ file }) => file));

function summarize([file, exitCode, again, exitCodeAgain]) {
  const tests = testsOf(file);
  if (tests === null) return { passed: 0, failed: 1, remarks: ['The test run wrote no report.'] };
  const second = testsOf(again);
  const files = failedFiles(second ?? []);
  const settled = new Set((second ?? []).map((test) => test.file).filter((name) => !files.has(name)));
  const isSettled = (test) => settled.has(test.file);
  const last = [...tests.filter((test) => !isSettled(test)), ...(second ?? []).filter(isSettled)];
  const passed = last.filter(isPassed).length;
  const once = tests.filter((test) => !isPassed(test) && isSettled(test));
  const remarks = [
    ...once.map((test) => remark(test).replace(/^/, 'Not when its file ran again alone: ')),
    ...last.filter((test) => !isPassed(test)).map(remark),
  ];
  let failed = last.length - passed;
  if (last.length === 0) remarks.push('No test ran.');
  const code = once.length > 0 ? exitCodeAgain : exitCode;
  if (failed === 0 && code !== '0') remarks.push(`All tests passed, but the test command ended with ${code}.`);
  if (failed === 0 && (last.length === 0 || code !== '0')) failed = 1;
  return { passed, failed, remarks };
}

const print = (lines) => process.stdout.write(lines.map((line) => `${line}\n`).join(''));
if (given[0] === '--failed-files') {
  print([...failedFiles(testsOf(given[1]) ?? [])]);
} else {
  const { passed, failed, remarks } = summarize(given);
  print([...remarks, `${passed} ${failed}`]);
}
