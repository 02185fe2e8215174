import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { loader } from '../support/run-source.ts';

/** Megabytes for objects and texts; buffers are beside it. Half of it suffices. */
const memory = 256;

test('documents of 50 MB, of depth and of repetition are findings or cannot be judged, in little memory', async () => {
  const program = join(import.meta.dirname, 'bad-input.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    `--max-old-space-size=${memory}`,
    '--import',
    loader,
    program,
  ]);
  const lines = stdout.trimEnd().split('\n');
  const of = (kind: string) => lines.filter((line) => line.startsWith(kind)).map((line) => line.split(': ')[1]);
  expect(of('index')).toEqual(Array(8).fill('index.well_formed'));
  expect(new Set(of('XML'))).toEqual(new Set(['xml.well_formed', 'xml.value']));
  expect(of('XML')).toHaveLength(6);
  expect(of('metadata')).toEqual(Array(2).fill('cannot be judged'));
});
