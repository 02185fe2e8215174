import { cpus } from 'node:os';
import { audits } from './audits.ts';
import { events } from './events.ts';
import { scale } from './scale.ts';
import { tableOf, type TableRow } from './table.ts';

/** One thing that is measured. It brings all it needs, and leaves nothing behind. */
export interface Bench {
  readonly name: string;
  run(): Promise<{ readonly table: readonly TableRow[]; readonly json: object }>;
}

const benches: readonly Bench[] = [events, audits, scale];

const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));
const chosen = benches.filter(({ name }) => names.length === 0 || names.includes(name));
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `Error: no bench ${unknown.join(', ')}: there are ${benches.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}

process.stderr.write(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}\n`);
for (const bench of chosen) {
  process.stderr.write(`${bench.name} …\n`);
  const { table, json } = await bench.run();
  process.stdout.write(`${tableOf(table)}\n`);
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(json)}\n`);
}
process.exit(0);
