import type { Command } from 'commander';
import { readRepairModePlan } from '../database/audits/findings.ts';
import { timeLimits } from '../database/time-limits.ts';
import type { RepairModePlan } from '../domain/decision/repair-mode-plan.ts';
import { planInJson } from '../export/plan.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { plannedEventsInWords, planTimeInWords } from '../wording/schedule.ts';
import { numberOf, roundShare } from '../wording/text.ts';
import { configOf, withDatabase } from './database.ts';

export function addPlan(program: Command): void {
  program
    .command('plan')
    .summary('show what repair mode would do about what report mode has found')
    .description(
      'Shows what repair mode would queue from what report mode has found: events, images copied and deleted, requests, ' +
        'how long it takes at the present pace and rates, and for each check how many entities it has and whether it would ' +
        'put the breaker on. Reads the database only, all of what waits: seconds with a million entities.',
    )
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }, command: Command) => {
      const config = configOf(command);
      // The driver gives up later than PostgreSQL, as for all else.
      const patient = { ...config.database, query_timeout: timeLimits.readingAll.statement * 1.2 };
      const plan = await withDatabase(patient, async (db) =>
        db.transaction((tx) => readRepairModePlan(tx, config, null), timeLimits.readingAll),
      );
      if (options.json) printJson([planInJson(plan)]);
      else printLines(inWords(plan));
    });
}

function inWords(plan: RepairModePlan): readonly string[] {
  const requests = Object.entries(plan.requests).map(([kind, count]) => `${count.toLocaleString('en')} ${kind}`);
  return [
    `entities  ${plan.entities.toLocaleString('en')} wait${plan.entities === 1 ? 's' : ''} for repair mode`,
    `events    ${plannedEventsInWords(plan.events)}`,
    `images    ${plan.imagesCopied.toLocaleString('en')} copied, ${plan.imagesDeleted.toLocaleString('en')} deleted`,
    `requests  ${requests.length === 0 ? 'none' : requests.join(', ')}`,
    `time      ${planTimeInWords(plan)}`,
    ...plan.checks.flatMap(({ check, entities, alone, events, shareOfDecided, shareOfWaiting, breaks }) => [
      '',
      `${check}: ${numberOf(entities, 'entity', 'entities')}, ${alone.toLocaleString('en')} for this alone`,
      `  events    ${plannedEventsInWords(events)}`,
      `  found in  ${roundShare(shareOfDecided)} of decided audits, ${roundShare(shareOfWaiting)} of those that wait` +
        (breaks ? ': PUTS THE BREAKER ON' : ''),
      `  entities  artwork-reconciler export --decision repair_queue --check ${check}`,
    ]),
  ];
}
