import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { outcome, startSource } from '../support/run-source.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'ar-simulator-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await database.close();
});

test('artwork-reconciler simulator prints the settings for who uses it, serves, and ends on SIGTERM', async () => {
  const child = startSource(cli, ['simulator', '--listen', '127.0.0.1:0'], { DATABASE_URL: database.url });
  const ended = outcome(child);
  const settings = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (/\[musicbrainz\]\nurl = .*\n$/.test(text)) resolve(text);
    });
    child.once('close', () => reject(new Error(`ended: ${text}`)));
  });
  const file = join(folder, 'config.ini');
  await writeFile(file, settings);
  const { archive } = readConfig({ file, env: {} });
  const response = await fetch(`${archive.url}/metadata/mbid-00000000-0000-4000-8000-000000000000`);
  expect([response.status, await response.text()]).toEqual([200, '{}']);
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([0, '']);
});
