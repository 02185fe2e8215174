import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig, type Config } from '../../src/config/config.ts';
import { parseIni } from '../../src/config/ini.ts';
import { keyNames, sectionNames } from '../../src/config/schema.ts';
import { execForm, readCopy, readStages } from './dockerfile.ts';

const deployment = resolve(import.meta.dirname, '../../deployment/consul-template');
const template = readFileSync(join(deployment, 'config.ini.ctmpl'), 'utf8');

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

describe('the image with consul-template', () => {
  const { image, instructions } = readStages(join(deployment, 'Dockerfile')).at(-1)!;
  const last = (name: string) => instructions.filter((instruction) => instruction.name === name).at(-1)!;
  const settings = readFileSync(join(deployment, 'consul-template.hcl'), 'utf8');
  const setting = (name: string): string => new RegExp(`^ *${name} *= *(.*)$`, 'm').exec(settings)![1]!;
  const rendered = JSON.parse(setting('destination')) as string;

  test('is ours, runs as its user, and starts consul-template with the settings that it copies', () => {
    expect(image).toMatch(/^artwork-reconciler:/);
    expect(last('USER').argument).toBe('node');
    const copied = instructions
      .filter(({ name }) => name === 'COPY')
      .map(readCopy)
      .filter(({ from }) => from === null)
      .flatMap(({ sources, target }) => sources.map((source) => ({ source, to: `${target}${source}` })));
    for (const { source } of copied) expect(existsSync(join(deployment, source)), source).toBe(true);
    const names = copied.map(({ to }) => to);
    expect(names).toContain(JSON.parse(setting('source')));
    const [config] = execForm(last('ENTRYPOINT'))!.flatMap((word) => /^-config=(.*)$/.exec(word)?.[1] ?? []);
    expect(names).toContain(config);
    // The image that it is made from has `worker` there.
    expect(execForm(last('CMD'))).toEqual([]);
  });

  test('renders into a folder of that user’s, and the worker reads it there', () => {
    expect(last('RUN').argument).toMatch(new RegExp(`--owner=node .* ${dirname(rendered)}$`));
    expect(JSON.parse(setting('command'))).toEqual([
      'node',
      'bin/artwork-reconciler.js',
      'worker',
      '--config',
      rendered,
    ]);
  });

  test('gives a worker longer than it takes to end', () => {
    expect(Number(/^"(\d+)s"$/.exec(setting('kill_timeout'))![1])).toBeGreaterThan(25);
    expect([setting('reload_signal'), setting('kill_signal')]).toEqual(['"SIGHUP"', '"SIGTERM"']);
  });
});
