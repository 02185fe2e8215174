import { defineConfig } from 'vitest/config';
import { testFilesByProject, type ProjectName } from './test/projects.ts';

const files = testFilesByProject();
const projects = (process.env['MUTANTS_PROJECTS'] ?? 'unit').split(',') as ProjectName[];

/** The tests that judge mutants: one project of vitest's, which is all that StrykerJS can run. */
export default defineConfig({
  test: {
    // Those that read sources as text would see every mutant.
    include: projects.flatMap((name) => files[name]).filter((file) => !/^test\/(docs\/|structure)/.test(file)),
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: projects.includes('database') ? ['test/support/each-file.ts'] : [],
    // So long that a machine that does more than this fails none before faults are planted; how long one may take with a fault in it is
    // StrykerJS’ own limit, by what it took without.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
