import tseslint from 'typescript-eslint';

const nodeBuiltins = ['node:*'];

/** Imports a layer may not make, each with the reason that the linter prints. */
function forbid(patterns) {
  return { 'no-restricted-imports': 'off', '@typescript-eslint/no-restricted-imports': ['error', { patterns }] };
}

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.cache/**'] },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/require-await': 'off',
      // `== null` is null or undefined; what starts with `_` is taken apart to be left out.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['src/domain/**/*.ts'],
    rules: forbid([
      { regex: '^(?!\\.{1,2}/)(?!fast-xml-parser$)', message: 'domain/ is pure: it imports nothing but itself.' },
      {
        regex: '^\\.\\./(\\.\\./)*(?!checks|decision|documents|imports|queue)[a-z]+/',
        message: 'domain/ is pure: it imports nothing but itself.',
      },
    ]),
  },
  {
    files: ['src/workflows/**/*.ts'],
    rules: forbid([
      { group: nodeBuiltins, message: 'Workflow code is deterministic: no Node built-ins.' },
      {
        group: ['**/clients/**', '**/database/**', 'pg', 'undici'],
        message: 'Workflow code only orders steps: no clients, no queries.',
      },
      { group: ['zod', 'pino'], message: 'Workflow code only orders steps.' },
      {
        group: ['**/activities/**'],
        allowTypeImports: true,
        message: 'Workflows import the types of activities only.',
      },
    ]),
  },
  {
    files: ['src/{clients,database,activities,workflows,starters,dashboard,monitoring}/**/*.{ts,tsx}', 'src/worker.ts'],
    ignores: ['src/workflows/**'],
    rules: forbid([
      {
        group: ['**/simulator/**'],
        message: 'Only the demo, the simulator command, tests and benches know the simulator.',
      },
    ]),
  },
);
