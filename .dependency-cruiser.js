import { layers } from './scripts/layers.js';

const folder = (name) => (name.includes('.') ? `^src/${name.replace('.', '[.]')}$` : `^src/${name}/`);
const oneOf = (names) => names.map(folder);
const everybody = (name) => (name === 'domain' ? [] : ['version.ts']);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...layers.flatMap(({ name, imports, types = [] }) => [
      {
        name: `${name} uses what it may (scripts/layers.js)`,
        severity: 'error',
        from: { path: folder(name) },
        to: {
          path: '^src/',
          pathNot: oneOf([name, ...imports, ...everybody(name)]),
          dependencyTypesNot: ['type-only'],
        },
      },
      {
        name: `${name} knows the types it may (scripts/layers.js)`,
        severity: 'error',
        from: { path: folder(name) },
        to: { path: '^src/', pathNot: oneOf([name, ...imports, ...types, ...everybody(name)]) },
      },
    ]),
    {
      name: 'everything is in a folder of the table (scripts/layers.js)',
      severity: 'error',
      from: { path: '^src/', pathNot: oneOf([...layers.map(({ name }) => name), 'version.ts']) },
      to: {},
    },
    { name: 'no circles of files', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'the core uses nothing but itself, hashes and the XML parser, which it loads when it reads XML',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: ['^src/domain/', '^node_modules/fast-xml-parser/', '^(node:)?(crypto|module)$'] },
    },
    {
      name: 'workflows only order steps: no Node built-ins, and no package but Temporal’s for workflows',
      severity: 'error',
      from: { path: '^src/workflows/' },
      to: { pathNot: ['^src/', '^node_modules/@temporalio/(common|workflow)/'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
