import type { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { readBrakes, type Brake } from '../../database/brakes/index.ts';
import { readFullPass, readPace, type FullPass, type Pace } from '../../database/pace/index.ts';
import type { PaceSchedule } from '../../starters/pause-schedule.ts';
import { configOf } from '../configuration.ts';
import { withDatabase } from '../database.ts';
import { toSeconds } from '../../wording/moment.ts';
import { oneLine } from '../../wording/one-line.ts';
import { fullPassInWords, paceInWords } from '../../wording/pace.ts';
import { askTemporal, type TemporalAnswer } from './temporal.ts';

interface Shown {
  readonly mode: Config['audit']['mode'];
  readonly pace: Pace;
  readonly fullPass: FullPass;
  readonly brakes: readonly Brake[];
  readonly schedule: TemporalAnswer<PaceSchedule | null>;
}

export function addShow(schedule: Command): void {
  schedule
    .command('show')
    .summary('show the pace, and what brakes it')
    .description(
      'Shows the pace in force and who set it, how long a full pass over all entities takes at it, when Temporal starts ' +
        'audits next, and every brake that is on, with its reason.',
    )
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }, command: Command) => {
      const config = configOf(command);
      const shown = await withDatabase(config.database, async (db): Promise<Shown> => {
        const [schedule, pace, brakes] = await Promise.all([
          readSchedule(),
          readPace(db, config),
          readBrakes(db, config),
        ]);
        return { mode: config.audit.mode, pace, fullPass: await readFullPass(db, pace.perHour), brakes, schedule };
      });
      process.stdout.write(options.json ? `${JSON.stringify(jsonOf(shown))}\n` : inWords(shown));
    });
}

async function readSchedule(): Promise<Shown['schedule']> {
  return askTemporal(async (temporal) => {
    const { readPaceSchedule } = await import('../../starters/pause-schedule.ts');
    return readPaceSchedule(temporal);
  });
}

function jsonOf({ mode, pace, fullPass, brakes, schedule }: Shown): Record<string, unknown> {
  const known = schedule.kind === 'answered' ? schedule.answer : null;
  return {
    mode,
    pace: { per_hour: pace.perHour, source: pace.source, set_by: pace.setBy, set_at: pace.setAt },
    full_pass: { entities: fullPass.entities, is_estimate: fullPass.isEstimate, hours: fullPass.hours },
    temporal: {
      reachable: schedule.kind === 'answered',
      error: schedule.kind === 'unreachable' ? schedule.reason : null,
      schedule: known && { paused: known.isPaused, note: known.note, next_runs: known.nextRuns },
    },
    brakes: brakes.map(({ name, reason, since, stops }) => ({ name, reason, since, stops })),
  };
}

const modes: Readonly<Record<Shown['mode'], string>> = {
  report: 'report: what is found is recorded, and nothing repaired',
  repair: 'repair',
};

const whatStops: Readonly<Record<Brake['stops'], string>> = {
  audits: 'audits',
  audits_and_events: 'audits and events',
  events: 'events',
};

function inWords({ mode, pace, fullPass, brakes, schedule }: Shown): string {
  const lines = [
    `pace       ${paceInWords(pace)}`,
    `full pass  ${fullPassInWords(fullPass)}`,
    `mode       ${modes[mode]}`,
    `Temporal   ${scheduleInWords(schedule, brakes)}`,
    `brakes     ${brakes.length === 0 ? 'none' : ''}`.trimEnd(),
    ...brakes.flatMap(({ name, reason, since, stops }) => [
      `  ${name}${since === null ? '' : `, since ${toSeconds(since)}`}: no ${whatStops[stops]}`,
      `    ${oneLine(reason)}`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function scheduleInWords(schedule: Shown['schedule'], brakes: readonly Brake[]): string {
  if (schedule.kind === 'unreachable') return `not known when the next run is: ${schedule.reason}`;
  if (schedule.answer === null) return 'has no schedule yet: the first worker makes it';
  const { isPaused, note, nextRuns } = schedule.answer;
  const isBraked = brakes.some(({ name }) => name === 'audits_paused');
  const following = isPaused === isBraked ? '' : `; the pause in the database differs, which housekeeping will settle`;
  if (isPaused) return `is paused${note === null ? '' : ` (${oneLine(note)})`}${following}`;
  const runs = nextRuns.slice(0, 3).map(toSeconds).join(', ');
  return `looks next at ${runs === '' ? 'an unknown time' : runs}${following}`;
}
