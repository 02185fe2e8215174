import { parseArgs } from 'node:util';
import { runChaos } from './run.ts';

const usage = 'npm run chaos -- [--seed N] [--minutes N] [--entities N] [--workers N] [--uncached]';

function readNumber(name: string, text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  process.stderr.write(`Error: --${name} takes a number above 0; it got "${text}". Usage: ${usage}\n`);
  process.exit(2);
}

function readOptions(): ReturnType<typeof parse>['values'] {
  try {
    return parse().values;
  } catch (error) {
    process.stderr.write(`Error: ${(error as Error).message}. Usage: ${usage}\n`);
    process.exit(2);
  }
}

function parse() {
  const text = { type: 'string' } as const;
  return parseArgs({
    options: { seed: text, minutes: text, entities: text, workers: text, uncached: { type: 'boolean' } },
  });
}

const given = readOptions();
const began = Date.now();
const outcome = await runChaos({
  seed: readNumber('seed', given.seed, Date.now() % 1_000_000),
  seconds: 60 * readNumber('minutes', given.minutes, 5),
  entities: readNumber('entities', given.entities, 100),
  workers: readNumber('workers', given.workers, 3),
  slowsOneForEver: true,
  cachesWorkflows: given.uncached !== true,
  say: (line) => process.stderr.write(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`),
});
process.stdout.write(`${JSON.stringify(outcome, null, 1)}\n`);
process.exit(outcome.broken.length > 0 ? 1 : 0);
