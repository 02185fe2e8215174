import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig, type Config } from '../../src/config/config.ts';
import { parseIni } from '../../src/config/ini.ts';
import { keyNames, sectionNames } from '../../src/config/schema.ts';

const template = readFileSync(
  resolve(import.meta.dirname, '../../deployment/consul-template/config.ini.ctmpl'),
  'utf8',
);

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'ar-consul-'))));
afterAll(() => rm(folder, { recursive: true }));

/** As consul-template does it, as far as ours needs its language: a comment, and keys with a default. */
function render(values: Readonly<Record<string, string>>): string {
  const rendered = template
    .replace(/\{\{\/\*[\s\S]*?\*\/ -\}\}\s*/, '')
    .replace(/\{\{ keyOrDefault "artwork-reconciler\/([^"]+)" "" \| replaceAll "%" "%%" \}\}/g, (_place, key: string) =>
      (values[key] ?? '').replaceAll('%', '%%'),
    );
  expect(rendered).not.toMatch(/\{\{|\}\}/);
  return rendered;
}

async function configOf(values: Readonly<Record<string, string>>): Promise<Config> {
  const file = join(folder, 'config.ini');
  await writeFile(file, render(values));
  return readConfig({ file, env: {} });
}

test('every key of the template is one of the configuration, and is asked of Consul by its section and name', () => {
  const { entries, errors } = parseIni(render({}));
  expect(errors).toEqual([]);
  const known = sectionNames.flatMap((section) => keyNames(section).map((key) => `${section}/${key}`));
  const used = entries.map(({ section, key }) => `${section}/${key}`);
  expect(used.filter((key) => !known.includes(key))).toEqual([]);
  const asked = [...template.matchAll(/"artwork-reconciler\/([^"]+)"/g)].map(([, key]) => key);
  expect(asked).toEqual(used);
});

test('what Consul doesn’t have is at its default', async () => {
  expect(await configOf({})).toEqual(readConfig({ file: '/dev/null', env: {} }));
});

test('what Consul has gets through as it stands, percent signs too', async () => {
  const config = await configOf({
    'database/password': '100%; "sure" #1',
    's3/caa_secret': 'a%%b',
    'audit/mode': 'repair',
    'audit/per_day': '5000',
  });
  expect(config.database).toMatchObject({ password: '100%; "sure" #1' });
  expect(config.s3.caaSecret).toBe('a%%b');
  expect(config.audit).toMatchObject({ mode: 'repair', perDay: 5000, perHour: null });
});
