import { type Command, InvalidArgumentError } from 'commander';
import { readWorkSince, type WorkSince } from '../database/figures/work-since.ts';
import { type RecentWork, readStanding, shareInStep, type Standing } from '../database/figures/standing.ts';
import { inUtc } from '../domain/brake.ts';
import { audienceNames } from '../domain/checks/check.ts';
import { inSnakeCase } from '../export/csv.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import {
  brakeInWords,
  fullPassInWords,
  modeAndWhoInWords,
  ownPaceInWords,
  paceInWords,
  settingDifferenceInWords,
  stopsInWords,
} from '../wording/schedule.ts';
import { countInWords, oneLine, percent } from '../wording/text.ts';
import { momentInWords, parseSince, sinceLooksLike, wholeDuration } from '../wording/time.ts';
import { configOf, withDatabase } from './database.ts';

interface Options {
  readonly since?: Date;
  readonly json?: boolean;
}

/** Seconds a statement may take. */
const patience = 30;

export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('show how everything stands')
    .description(
      'Shows what the overview of the dashboard shows: what is stopped, what needs a person, how the archive stands, and ' +
        'what was done in the last 60 minutes and 24 hours; with --since what was done since then, and by whom.',
    )
    .option('--since <moment>', `what was done since ${sinceLooksLike}`, since)
    .option('--json', 'print one JSON object')
    .action(async ({ since, json }: Options, command: Command) => {
      const config = configOf(command);
      await withDatabase(config.database, async (db) => {
        const standing = await readStanding(db, config, patience);
        const work = since === undefined ? null : await readWorkSince(db, since);
        if (json) {
          const { figures, ...rest } = standing;
          printJson([inSnakeCase({ ...figures, ...rest, ...(work !== null && { work }) })]);
          return;
        }
        printLines([...standingInWords(standing), ...(work === null ? [] : workInWords(work))]);
      });
    });
}

function since(text: string): Date {
  const moment = parseSince(text, new Date());
  if (moment === null) throw new InvalidArgumentError(`It takes ${sinceLooksLike}; none ahead of now.`);
  return moment;
}

function standingInWords({ figures, verified, lastHour, lastDay, waiting }: Standing): readonly string[] {
  const { mode, brakes, differences, events, entities, unclaimed, pace, budgets } = figures;
  const share = shareInStep(entities.byStatus);
  const statuses = Object.entries(entities.byStatus).map(
    ([status, count]) => `${status.replaceAll('_', ' ')} ${count.toLocaleString('en')}`,
  );
  const states = Object.entries(events.byState).map(
    ([state, { count, isEstimate }]) => `${state} ${isEstimate ? 'about ' : ''}${count.toLocaleString('en')}`,
  );
  const due = events.oldestDueSeconds;
  const coolDowns = budgets.filter(({ coolDownSeconds }) => coolDownSeconds > 0);
  return [
    `mode        ${modeAndWhoInWords(mode)}`,
    `brakes      ${brakes.length === 0 ? 'none' : ''}`.trimEnd(),
    ...brakes.map(
      ({ name, reason, since, stops }) =>
        `  ${brakeInWords(name)}${since === null ? '' : `, since ${momentInWords(since)}`}: ${stopsInWords({ name, stops })}. ${oneLine(reason)}`,
    ),
    ...differences.map((difference) => `workers differ in ${settingDifferenceInWords(difference)}`),
    ...coolDowns.map(
      ({ service, coolDownSeconds }) => `cool-down   ${service} is asked again in ${wholeDuration(coolDownSeconds)}`,
    ),
    'needs a person',
    ...waiting.map(
      ({ audience, oldest, ...count }) =>
        `  reviews for ${audienceNames[audience]}: ${countInWords(count)}${oldest === null ? '' : `, the oldest ${wholeDuration((Date.now() - oldest.getTime()) / 1000)} old`}`,
    ),
    `  open reviews: ${capped(entities.openReviews)} in all, ${capped(entities.regressedReviews)} regressed`,
    `  failed events: ${capped(events.failedNotDismissed)} not dismissed`,
    `  stuck, until housekeeping requeues them: ${capped(unclaimed.events)} of the events, ${capped(unclaimed.audits)} of the audits`,
    `events      ${states.join(', ')}; ${due === null ? 'none is due' : `the oldest due for ${wholeDuration(due)}`}`,
    `entities    ${statuses.join(', ')}`,
    `in step     ${share === null ? 'nothing is decided about yet' : percent(share)}`,
    `verified    ${verified.share === null ? 'none' : percent(verified.share)} within [audit] recheck_days`,
    `60 minutes  ${recentInWords(lastHour)}`,
    `24 hours    ${recentInWords(lastDay)}`,
    `pace        ${paceInWords(pace.pace)}`,
    ...pace.ownPaces.map((own) => `            ${ownPaceInWords(own)}`),
    `full pass   ${fullPassInWords(pace.fullPass)}`,
  ];
}

/** Counts end there. */
const most = 10_000;

function capped(count: number): string {
  return countInWords({ count, exact: count < most });
}

function recentInWords({ audited, repaired, reviewed, requests }: RecentWork): string {
  return `${countInWords(audited)} audited, ${countInWords(repaired)} repaired, ${countInWords(reviewed)} reviewed, ${countInWords(requests)} requests of audits`;
}

function workInWords({ since, requests, events, audits, repairs, reviews, isPart }: WorkSince): readonly string[] {
  const block = (title: string, rows: readonly (readonly [string, number])[]): string[] => {
    const counts = rows.map(([, count]) => count.toLocaleString('en'));
    const width = Math.max(0, ...counts.map((count) => count.length));
    if (rows.length === 0) return [`${title}: none`];
    return [title, ...rows.map(([name], n) => `  ${counts[n]!.padStart(width)}  ${oneLine(name)}`)];
  };
  return [
    '',
    `since ${inUtc(since)}${isPart ? '; more was done in the hours that are not counted yet than is read here' : ''}`,
    ...block(
      'requests',
      requests.map(({ service, kind, answer, count }) => [`${service} ${kind}: ${answer}`, count]),
    ),
    ...block(
      'attempts at events',
      events.map(({ outcome, count }) => [outcome.replaceAll('_', ' '), count]),
    ),
    ...block(
      'audits',
      audits.map(({ decision, count }) => [decision.replaceAll('_', ' '), count]),
    ),
    ...block(
      'repairs by check',
      repairs.map(({ check, count }) => [check, count]),
    ),
    ...block(
      'reviews by person',
      reviews.map(({ person, count }) => [person, count]),
    ),
  ];
}
