import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config/config.ts';
import { parseIni } from '../../src/config/ini.ts';
import { defaultText, keyNames, sectionNames } from '../../src/config/schema.ts';
import { catalogue } from '../../src/domain/checks/catalogue.ts';
import { resolvePolicies } from '../../src/domain/checks/policies.ts';

const file = resolve(import.meta.dirname, '../../config.default.ini');
const { entries, errors } = parseIni(readFileSync(file, 'utf8'));

test('config.default.ini has every key of the schema with the same default, in the same order, and no other', () => {
  expect(errors).toEqual([]);
  const inFile = entries
    .filter(({ section }) => section !== 'policy')
    .map(({ section, key, value }) => [section, key, value]);
  const inSchema = sectionNames.flatMap((section) =>
    keyNames(section).map((key) => [section, key, defaultText(section, key)]),
  );
  expect(inFile).toEqual(inSchema);
});

test('it has every check of the catalogue with its policy, in the catalogue’s order', () => {
  const inFile = entries.filter(({ section }) => section === 'policy').map(({ key, value }) => [key, value]);
  expect(inFile).toEqual(catalogue.map(({ name, policies }) => [name, policies[0]]));
});

test('it can be used as it is, and changes nothing', () => {
  const [used, none] = [readConfig({ file, env: {} }), readConfig({ file: '/dev/null', env: {} })];
  const inForce = (config: Config) => ({ ...config, policy: resolvePolicies(config.policy) });
  expect(inForce(used)).toEqual(inForce(none));
});
