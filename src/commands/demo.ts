import { once } from 'node:events';
import type { Command } from 'commander';
import { type Demo, startDemo } from '../demo/demo.ts';
import { type DemoOutcome, outcomeTable, readBrokenPromises, readOutcome, readSurprises } from '../demo/outcome.ts';
import { feed, settle } from '../demo/settle.ts';
import { openProgressLine, printJson, printLines, type ProgressLine } from '../terminal/terminal.ts';
import { UsageError } from './errors.ts';

interface Options {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly faults?: boolean;
  readonly entities: string;
  readonly seed: string;
}

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description(
      'Runs the product against a simulated archive.org whose items have drifted from a small MusicBrainz: audits them, ' +
        'repairs them, and sees that they are repaired. Brings its own PostgreSQL and Temporal; leaves nothing behind.',
    )
    .option('--once', 'end when all is settled, instead of staying up for looking around')
    .option('--json', 'print one JSON object as the last line')
    .option('--entities <number>', 'how many releases and events', '60')
    .option('--seed <number>', 'the same seed makes the same entities and faults', '1')
    .option('--faults', 'with the unpleasant parts of archive.org, and mishaps of our own')
    .action(async (options: Options) => {
      const entities = wholeNumber('--entities', options.entities, 1, 20_000);
      const seed = wholeNumber('--seed', options.seed, 0, 999_999_999);
      const { outcome, problems } = await run({ ...options, entities, seed });
      if (options.json) printJson([outcome]);
      if (problems.length > 0) throw new Error(`${problems.length} of what should hold at the end does not; see above`);
    });
}

type Settings = Omit<Options, 'entities' | 'seed'> & { readonly entities: number; readonly seed: number };

interface Ended {
  readonly outcome: DemoOutcome;
  /** What is not settled, or not as it should be. */
  readonly problems: readonly string[];
}

async function run(settings: Settings): Promise<Ended> {
  const progress = openProgressLine(process.stderr);
  const stopped = new AbortController();
  const stop = (): void => stopped.abort(new Error('stopped before everything was settled'));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const undos: { name: string; undo: () => Promise<void> }[] = [];
  try {
    const began = Date.now();
    const demo = await startDemo(
      {
        ...settings,
        faults: settings.faults ?? false,
        say: (line) => progress.say(line),
        env: process.env,
        signal: stopped.signal,
      },
      (name, undo) => undos.push({ name, undo }),
    );
    return await show(demo, settings, { progress, began, signal: stopped.signal });
  } finally {
    progress.say('Stopping');
    for (const { name, undo } of undos.reverse()) {
      await undo().catch((error: unknown) => progress.say(`${name} did not stop: ${String(error)}`));
    }
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

async function show(
  demo: Demo,
  { once: endAtOnce, json }: Settings,
  { progress, began, signal }: { progress: ProgressLine; began: number; signal: AbortSignal },
): Promise<Ended> {
  progress.say(`Dashboard: ${demo.dashboardUrl}`);
  progress.say(`Temporal UI: ${demo.temporal.uiUrl ?? 'none'}`);
  progress.say(`Database: ${demo.databaseUrl}`);
  progress.say(`Worker: process ${demo.worker.pid()}; configuration: ${demo.configFile}`);
  for (const line of demo.mishaps?.lines ?? []) progress.say(line);
  for (const line of await feed(demo.db, demo.temporal.address, demo.cases, signal)) progress.say(line);

  const { unsettled, cases } = await settle(demo, progress, signal);
  progress.end();
  const outcome = await readOutcome(demo, (Date.now() - began) / 1000);
  const problems = [
    ...unsettled.map((line) => `not settled: ${line}`),
    ...(await readBrokenPromises(demo.db, demo.simulator)).map((line) => `broken: ${line}`),
    // With mishaps, some end otherwise, as they should.
    ...(demo.mishaps === null ? await readSurprises(demo.db, cases) : []).map((line) => `unexpected: ${line}`),
  ];
  // For a program the outcome is the last line, and nothing else is on standard output.
  if (json) for (const line of ['', ...outcomeTable(outcome).split('\n'), '']) progress.say(line);
  else printLines(outcomeTable(outcome).split('\n'));
  for (const problem of problems) progress.say(problem);
  if (!endAtOnce) {
    progress.say(`Dashboard: ${demo.dashboardUrl}. Temporal UI: ${demo.temporal.uiUrl ?? 'none'}. Ctrl-C ends.`);
    if (!signal.aborted) await once(signal, 'abort');
  }
  return { outcome, problems };
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most)) {
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}; it got ${JSON.stringify(text)}`);
  }
  return value;
}
