import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { DemoOutcome } from '../../src/demo/outcome.ts';
import { endExecutables, startExecutable, type Executable } from '../support/executable.ts';
import { patience } from '../support/patience.ts';
import { processesOf } from '../support/processes-of.ts';

/** The only place for temporary files that a demo is told of: what it leaves behind stands here. */
export let folder: string;

/** To be called once by each file of tests: a folder for each of its tests. */
export function useDemoFolder(): void {
  // Each run is a PostgreSQL, a Temporal and a worker.
  vi.setConfig({ testTimeout: 300_000 });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ar-demo-'));
    // PostgreSQL runs as another user where the tests run as root.
    await chmod(folder, 0o755);
  });
  afterEach(async () => {
    await endExecutables();
    await rm(folder, { recursive: true, force: true });
  });
}

export const startDemo = (...options: string[]): Executable =>
  startExecutable(['demo', '--once', '--json', ...options], { env: { TMPDIR: folder }, group: true });

/** A progress line that says so; it is printed every few seconds. */
export function settledAtLeast(entities: number, all = 60): RegExp {
  const numbers = Array.from({ length: all + 1 - entities }, (_, more) => entities + more);
  return new RegExp(`^(${numbers.join('|')})/${all} settled`, 'm');
}

export function outcomeOf(demo: Executable): DemoOutcome {
  return JSON.parse(demo.stdout().trimEnd().split('\n').at(-1) ?? '') as DemoOutcome;
}

export function expectAllSettled(outcome: DemoOutcome, entities: number): void {
  expect(outcome.audited).toBe(entities);
  expect(outcome.clean + outcome.manual_review + outcome.legacy).toBe(entities);
  expect(outcome.repaired).toBeLessThanOrEqual(outcome.clean);
  expect(outcome.archive_requests['metadata']).toBeGreaterThanOrEqual(entities);
  expect(outcome.archive_requests['put']).toBeGreaterThan(0);
  expect(outcome.seconds).toBeGreaterThan(0);
}

export async function expectNothingLeft(): Promise<void> {
  await vi.waitFor(async () => {
    expect(await processesOf(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  }, patience);
}
