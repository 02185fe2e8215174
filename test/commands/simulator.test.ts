import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Outcome, outcome, runSource, startSource } from '../support/run-source.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');

// Each call is a process, which takes seconds to start on a busy machine.
vi.setConfig({ testTimeout: 300_000 });

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

/** Starts the command, hands the settings that it prints to `use`, and stops it. */
async function withSimulator(args: readonly string[], use: (config: Config) => Promise<void>): Promise<Outcome> {
  const env = { DATABASE_URL: database.url };
  const child = startSource(cli, ['simulator', '--listen', '127.0.0.1:0', ...args], env);
  const ended = outcome(child);
  const settings = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (/\[musicbrainz\]\nurl = .*\n$/.test(text)) resolve(text);
    });
    void ended.then(({ stderr }) => reject(new Error(`ended: ${stderr}`)));
  });
  const file = join(folder, 'config.ini');
  await writeFile(file, settings);
  try {
    await use(readConfig({ file, env: {} }));
  } finally {
    child.kill('SIGTERM');
  }
  return ended;
}

test('artwork-reconciler simulator prints the settings for who uses it, serves, and ends on SIGTERM', async () => {
  const { code, stderr } = await withSimulator([], async ({ archive }) => {
    const response = await fetch(`${archive.url}/metadata/mbid-00000000-0000-4000-8000-000000000000`);
    expect([response.status, await response.text()]).toEqual([200, '{}']);
  });
  expect([code, stderr]).toEqual([0, '']);
});

test('--entities fills empty MusicBrainz tables and the archive; tables that hold entities are left alone', async () => {
  await withSimulator(['--entities', '10'], async ({ archive, musicbrainz }) => {
    const { rows } = await database.db.query<{ gid: string }>('select gid from musicbrainz.release');
    const items = await Promise.all(rows.map(({ gid }) => getText(`${archive.url}/metadata/mbid-${gid}`)));
    expect(items.filter((text) => text.includes('"files"'))).not.toEqual([]);
    const { gid } = rows[0]!;
    expect(await getText(`${musicbrainz.url}/ws/2/release/${gid}?inc=artists`)).toContain(`<release id="${gid}"`);
  });
  const again = await runSource(cli, ['simulator', '--listen', '127.0.0.1:0', '--entities', '10'], {
    DATABASE_URL: database.url,
  });
  expect([again.code, again.stdout]).toEqual([1, '']);
  expect(again.stderr).toMatch(/^Error: --entities is for empty MusicBrainz tables[^\n]*\n$/);
});

async function getText(url: string): Promise<string> {
  return (await fetch(url)).text();
}
