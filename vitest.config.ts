import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { projectNames, testFilesByProject, type ProjectName } from './test/projects.ts';
import longFiles from './test/long-files.json' with { type: 'json' };

/**
 * The most expensive project first, its longest file first: all processes end together. How long files take is read from
 * test/long-files.json (seconds; `npm run test:times` writes it), as vitest's own record isn't there in a fresh clone.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => projectNames.indexOf(project.name as ProjectName);
    const seconds = ({ moduleId }: TestSpecification): number =>
      (longFiles as Partial<Record<string, number>>)[relative(import.meta.dirname, moduleId)] ?? 0;
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rank(one) - rank(other) || seconds(other) - seconds(one));
  }
}

const files = testFilesByProject();

export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    sequence: { sequencer: LongestFirst },
    // Of `npm run coverage`. The floor only rises.
    coverage: {
      include: ['src/domain/**/*.ts', 'src/audit/**/*.ts', 'src/workflows/failures.ts'],
      reporter: [['text', { skipFull: true }]],
      reportsDirectory: '.cache/coverage',
      thresholds: { 100: true },
    },
    projects: projectNames.map((name) => ({
      test: {
        name,
        include: files[name],
        setupFiles: name === 'unit' ? [] : ['test/support/each-file.ts'],
        // What a file loads is loaded once for all files of its project and process, but for the few that take minutes.
        isolate: name.startsWith('long'),
        // One more than CI has cores: of a file's time some is waiting, for processes, time-outs and heartbeats. Every file
        // brings its own database and Temporal namespace.
        maxWorkers: 3,
        testTimeout: 240_000,
        hookTimeout: 240_000,
      },
    })),
  },
});
