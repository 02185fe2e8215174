import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { benches } from './benches.ts';
import { describeMachine, describeVersions } from './machine.ts';
import { missingFigures, summarize, type Figure } from './summary.ts';
import { tableOf, type TableRow } from './table.ts';

/** One thing that is measured. It brings all it needs, and leaves nothing behind. */
export interface Bench {
  readonly name: string;
  run(): Promise<{ readonly table: readonly TableRow[]; readonly json: object }>;
}

const usage = 'npm run bench -- [--short] [--json] [--runs N] [--entities N] [--output FILE] [NAME…]';

function wrongUsage(message: string): never {
  process.stderr.write(`Error: ${message}. Usage: ${usage}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        /** Small numbers, one run: whether everything still measures. */
        short: { type: 'boolean', default: false },
        /** The last run of each bench as one JSON object a line, after the table. */
        json: { type: 'boolean', default: false },
        runs: { type: 'string' },
        /** Of `pass`. */
        entities: { type: 'string' },
        output: { type: 'string', default: '.cache/bench.json' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return wrongUsage((error as Error).message);
  }
}

const { values, positionals: names } = readArguments();
const runs = Number(values.runs ?? (values.short ? 1 : 3));
if (!Number.isInteger(runs) || runs < 1) wrongUsage(`--runs takes a whole number above 0; it got "${values.runs}"`);
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  wrongUsage(`no bench ${unknown.join(', ')}: there are ${benches.map(({ name }) => name).join(', ')}`);
}

if (values.entities !== undefined) process.env['BENCH_PASS_ENTITIES'] = values.entities;

const machine = describeMachine();
const versions = await describeVersions();
process.stderr.write(`${machine.cores} × ${machine.processor}, ${machine.memory_gb} GB, Node ${versions.node}\n`);
const figures: Figure[] = [];
const details: Record<string, object[]> = {};
const missing: string[] = [];
for (const { name, load, short, figures: expected } of benches) {
  if (names.length > 0 && !names.includes(name)) continue;
  // What was set by hand goes before.
  if (values.short) for (const [key, value] of Object.entries(short)) process.env[key] ??= value;
  const bench = await load();
  const tables: (readonly TableRow[])[] = [];
  const jsons: object[] = [];
  for (let number = 1; number <= runs; number += 1) {
    process.stderr.write(`${name}, run ${number} of ${runs} …\n`);
    const { table, json } = await bench.run();
    tables.push(table);
    jsons.push(json);
  }
  const found = summarize(name, tables);
  figures.push(...found);
  details[name] = jsons;
  missing.push(...missingFigures(expected, found).map((figure) => `${name}: ${figure}`));
}
// Words (the plan of a query, requests by kind) are in the file.
const numbers = figures.filter((figure) => typeof figure.median === 'number');
process.stdout.write(`${tableOf(numbers.map((figure) => ({ ...figure })))}\n`);
const report = { at: new Date().toISOString(), short: values.short, runs, machine, versions, figures, details };
await mkdir(dirname(values.output), { recursive: true });
await writeFile(values.output, `${JSON.stringify(report, null, 1)}\n`);
process.stderr.write(`written to ${values.output}\n`);
if (values.json) {
  for (const runsOfOne of Object.values(details)) process.stdout.write(`${JSON.stringify(runsOfOne.at(-1))}\n`);
}
if (missing.length > 0) process.stderr.write(`Error: not measured: ${missing.join('; ')}\n`);
process.exit(missing.length > 0 ? 1 : 0);
