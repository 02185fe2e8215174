import type { Command } from 'commander';
import { type Pacing, readPacing } from '../database/pace/read-brakes.ts';
import type { PaceSchedule, TemporalAnswer } from '../starters/pause-schedule.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import {
  canaryInWords,
  fullPassInWords,
  modeAndWhoInWords,
  ownPaceInWords,
  paceInWords,
  scheduleInWords,
  stopsInWords,
} from '../wording/schedule.ts';
import { oneLine } from '../wording/text.ts';
import { momentInWords, wholeDuration } from '../wording/time.ts';
import { windowInWords } from '../wording/window-times.ts';
import { configOf, withDatabase } from './database.ts';
import { addMode, addPause, addRelease, addResume, addSet } from './schedule/change.ts';
import { askTemporal } from './schedule/temporal.ts';

export function addSchedule(program: Command): void {
  const schedule = program
    .command('schedule')
    .description(
      'The pace of paced audits, whether they repair, and what keeps them and events from being started. What is set here is in the database: ' +
        'it holds for every worker, outlives them, and is recorded with who did it.',
    )
    .helpCommand(false);
  for (const add of [addShow, addPause, addResume, addSet, addMode, addRelease]) add(schedule);
}

interface Shown extends Pacing {
  readonly schedule: TemporalAnswer<PaceSchedule | null>;
}

function addShow(schedule: Command): void {
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
        const [schedule, pacing] = await Promise.all([readSchedule(), readPacing(db, config)]);
        return { ...pacing, schedule };
      });
      if (options.json) printJson([jsonOf(shown)]);
      else printLines(inWords(shown));
    });
}

async function readSchedule(): Promise<Shown['schedule']> {
  return askTemporal(async (temporal) => {
    const { readPaceSchedule } = await import('../starters/pause-schedule.ts');
    return readPaceSchedule(temporal);
  });
}

function jsonOf({ mode, canary, pace, ownPaces, fullPass, brakes, windows, schedule }: Shown): Record<string, unknown> {
  const known = schedule.kind === 'answered' ? schedule.answer : null;
  return {
    mode: mode.mode,
    mode_set_by: mode.setBy,
    mode_set_at: mode.setAt,
    canary: canary && {
      entities: canary.entities,
      remaining: canary.remaining,
      started_at: canary.startedAt,
      started_by: canary.startedBy,
      ended_at: canary.endedAt,
      repaired: canary.repaired,
      clean: canary.clean,
      under_repair: canary.underRepair,
      to_verify: canary.toVerify,
      found_again: canary.foundAgain,
      in_review: canary.inReview,
      events: canary.events,
    },
    pace: { per_hour: pace.perHour, source: pace.source, set_by: pace.setBy, set_at: pace.setAt },
    own_paces: ownPaces.map(({ entityType, perHour, setBy, setAt }) => ({
      entity_type: entityType,
      per_hour: perHour,
      set_by: setBy,
      set_at: setAt,
    })),
    full_pass: {
      entities: fullPass.entities,
      is_estimate: fullPass.isEstimate,
      audits_each: fullPass.auditsEach,
      hours: fullPass.hours,
    },
    temporal: {
      reachable: schedule.kind === 'answered',
      error: schedule.kind === 'unreachable' ? schedule.reason : null,
      schedule: known && { paused: known.isPaused, note: known.note, next_runs: known.nextRuns },
    },
    brakes: brakes.map(({ name, reason, since, until, stops }) => ({
      name,
      reason,
      since,
      until: until ?? null,
      stops,
    })),
    windows: windows.map(({ isOn, entityType, ...window }) => ({ ...window, entity_type: entityType, is_on: isOn })),
  };
}

function inWords({ mode, canary, pace, ownPaces, fullPass, brakes, windows, schedule }: Shown): readonly string[] {
  const isPaused = brakes.some(({ name }) => name === 'audits_paused');
  return [
    `pace       ${paceInWords(pace)}`,
    ...ownPaces.map((own) => `           ${ownPaceInWords(own)}`),
    `full pass  ${fullPassInWords(fullPass)}`,
    `mode       ${modeAndWhoInWords(mode)}`,
    ...(canary === null ? [] : [`canary     ${canaryInWords(canary)}`]),
    `Temporal   ${scheduleInWords(schedule, isPaused)}`,
    `brakes     ${brakes.length === 0 ? 'none' : ''}`.trimEnd(),
    ...brakes.flatMap(({ name, reason, since, until, stops }) => [
      `  ${name}${since === null ? '' : `, since ${momentInWords(since)}`}: ${stopsInWords({ name, stops })}${until === undefined ? '' : `, ends in ${wholeDuration((until.getTime() - Date.now()) / 1000)}`}`,
      `    ${oneLine(reason)}`,
    ]),
    `windows    ${windows.length === 0 ? 'none' : ''}`.trimEnd(),
    ...windows.map((window) => `  ${window.id}: ${windowInWords(window)}`),
  ];
}
