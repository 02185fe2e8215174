import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { projectNames, testFilesByProject, type ProjectName } from './test/projects.ts';

/** The most expensive project first, its longest file first (by vitest's own record of the last run): both cores end together. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => projectNames.indexOf(project.name as ProjectName);
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other));
  }
}

const files = testFilesByProject();

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    // Of `npm run coverage`. The floor only rises.
    coverage: {
      include: ['src/domain/**/*.ts'],
      reporter: [['text', { skipFull: true }]],
      reportsDirectory: '.cache/coverage',
      thresholds: { 100: true },
    },
    projects: projectNames.map((name) => ({
      test: {
        name,
        include: files[name],
        setupFiles: name === 'unit' ? [] : ['test/support/each-file.ts'],
        // What a file loads is loaded once for all files of its project and process, but where a call to Temporal may be
        // tried again after its file has ended.
        isolate: name !== 'unit' && name !== 'database',
        // Two cores are what CI has; every file brings its own database and Temporal namespace.
        maxWorkers: 2,
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
