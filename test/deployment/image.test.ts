import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { execForm, filesNamed, readCopy, readStages } from './dockerfile.ts';

const repository = resolve(import.meta.dirname, '../..');
const stages = readStages(join(repository, 'Dockerfile'));
const image = stages.at(-1)!;
const last = (name: string) => image.instructions.filter((instruction) => instruction.name === name).at(-1)!;

describe('the Dockerfile', () => {
  test('runs as a user that is not root, on Debian', () => {
    expect(last('USER').argument).toBe('node');
    for (const stage of stages) expect(stage.image).toMatch(/^node:\d+\.\d+\.\d+-bookworm-slim$/);
  });

  test('starts the worker without a shell that would keep SIGTERM to itself', () => {
    expect(execForm(last('ENTRYPOINT'))).toEqual(['tini', '--', 'node', 'bin/artwork-reconciler.js']);
    expect(execForm(last('CMD'))).toEqual(['worker']);
  });

  test('is asked whether it is alive, where it is told to listen', () => {
    const { argument } = last('HEALTHCHECK');
    const command = JSON.parse(argument.slice(argument.indexOf('['))) as string[];
    expect(command).toEqual(['node', 'bin/artwork-reconciler.js', 'health']);
    const [, listen] = /^MONITORING_LISTEN=(.*)$/.exec(last('ENV').argument) ?? [];
    const { monitoring } = readConfig({ file: '/dev/null', env: { MONITORING_LISTEN: listen } });
    expect(`0.0.0.0:${last('EXPOSE').argument}`).toBe(monitoring.listen);
  });

  test('says which commit it was built from', () => {
    expect(last('ARG').argument).toMatch(/^COMMIT=/);
    expect(last('LABEL').argument).toContain('org.opencontainers.image.revision="$COMMIT"');
  });

  test('is sent what it copies, and nothing else', () => {
    const [everything, ...sent] = readFileSync(join(repository, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name }) => name === 'COPY')
      .map(readCopy)
      .filter(({ from }) => from === null)
      .flatMap(({ sources }) => sources);
    expect(everything).toBe('*');
    expect(sent.sort()).toEqual([...new Set(copied)].map((path) => `!${path}`).sort());
    expect(copied.filter((path) => filesNamed(repository, path).length === 0)).toEqual([]);
  });
});
