import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toPythonJson } from '../../src/domain/documents/python-json.ts';
import { jsonValue } from './json-values.ts';

it('JSON is the same as what the Python installed here writes', () => {
  const python = spawnSync('python3', ['-c', 'print("ready")'], { encoding: 'utf8' });
  // Without a Python only the stored bytes of python-json.test.ts can tell.
  if (python.status !== 0) return;
  fc.assert(
    fc.property(fc.array(jsonValue(), { minLength: 200, maxLength: 400 }), (values) => {
      expect(values.map(toPythonJson)).toEqual(dumpedByPython(values));
    }),
    { numRuns: 3 },
  );
});

function dumpedByPython(values: readonly unknown[]): string[] {
  const program = [
    'import json, sys',
    'for line in sys.stdin.buffer:',
    '    print(json.dumps(json.loads(line), sort_keys=True))',
  ].join('\n');
  const input = values.map((value) => JSON.stringify(value)).join('\n');
  const run = spawnSync('python3', ['-c', program], { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  expect(run.stderr).toBe('');
  return run.stdout.split('\n').slice(0, values.length);
}
