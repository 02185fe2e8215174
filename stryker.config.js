/** For `npm run mutants`, which says what is mutated: scripts/mutants.js. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: { configFile: 'vitest.mutants.config.ts', related: true },
  coverageAnalysis: 'perTest',
  // Of all tests, which with a database take minutes. The default, 5, is too short on a machine that does more than this.
  dryRunTimeoutMinutes: 60,
  // What runs once, where a module is loaded, would have all tests run for each mutant.
  ignoreStatic: true,
  // Tests strip types only.
  disableTypeChecks: false,
  // Only what changed since the last run is tried again.
  incremental: true,
  incrementalFile: '.cache/mutants/incremental.json',
  tempDirName: '.cache/mutants/tree',
  reporters: ['clear-text', 'html'],
  clearTextReporter: { allowColor: false, logTests: false },
  htmlReporter: { fileName: '.cache/mutants/report.html' },
  concurrency: 2,
  ignorePatterns: ['dist', 'docs/images'],
};
