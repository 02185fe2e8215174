import { Argument, type Command } from 'commander';
import { entityTypes, projects } from '../domain/entity.ts';
import type { ScanCoverage } from '../domain/imports/scan-state.ts';
import { startScan } from '../starters/start.ts';
import type { ScanProgress } from '../temporal/messages.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { numberOf } from '../wording/text.ts';
import { configOf } from './database.ts';
import { type Ingest, openIngestProgress, sayIfNoWorker, watchIngest } from './ingest-progress.ts';
import { openOwnTemporal } from './own-temporal.ts';

interface Options {
  readonly dryRun?: boolean;
  readonly fromStart?: boolean;
  readonly json?: boolean;
  readonly detach?: boolean;
}

export function addScan(program: Command): void {
  program
    .command('scan')
    .summary('add the items that the archive lists')
    .description(
      'Adds every item that archive.org shows of both collections, and says how much of them that is. Runs in the ' +
        'workers: stopping this command stops watching it, and no more. A scan that did not come to its end continues there ' +
        'when it is started again.',
    )
    .addArgument(new Argument('<what>').choices(['archive']))
    .option('--dry-run', 'count what would be added, and add nothing')
    .option('--from-start', 'forget how far an earlier scan came')
    .option('--detach', 'start it and do not wait')
    .option('--json', 'print one JSON object at the end')
    .action(async (_what: string, options: Options, command: Command) => {
      const { database } = configOf(command);
      const temporal = await openOwnTemporal(database);
      try {
        const { dryRun = false, fromStart = false } = options;
        const handle = await startScan(temporal, { dryRun, fromStart });
        if (options.detach) return printLines([`started: workflow ${handle.workflowId}`]);
        const progress = openIngestProgress(process.stderr);
        await sayIfNoWorker(temporal, (line) => progress.say(line));
        const total = await watchIngest(handle, { progress, describe: ingestOf });
        if (options.json) printJson([scanJson(total)]);
        else printLines(describeScan(total));
        const incomplete = collections(total).filter(({ coverage }) => !coverage.isComplete);
        if (incomplete.length > 0) {
          throw new Error(
            incomplete.map(({ name, coverage }) => `${name} is not complete: ${coverage.reason}`).join('; '),
          );
        }
      } finally {
        await temporal.connection.close();
      }
    });
}

function collections(progress: ScanProgress): readonly { readonly name: string; readonly coverage: ScanCoverage }[] {
  return entityTypes.flatMap((entityType) => {
    const coverage = progress[entityType];
    return coverage === undefined ? [] : [{ name: projects[entityType].collection, coverage }];
  });
}

function ingestOf(progress: ScanProgress): Ingest {
  const begun = collections(progress);
  const newest = begun.at(-1)?.coverage;
  const done = begun.reduce((sum, { coverage }) => sum + coverage.seen, 0);
  // The other collection's total isn't known before it is begun; the larger one comes first.
  const share = newest?.total ? Math.min(1, newest.seen / newest.total) : null;
  return { done, share: begun.length > 1 ? null : share, text: begun.map(inShort).join('; ') || 'begun' };
}

function inShort({ name, coverage }: ReturnType<typeof collections>[number]): string {
  const { seen, total, added, known, refused } = coverage;
  return `${name}: ${seen} of ${total ?? '?'} seen, ${added} new, ${known} known${refused > 0 ? `, ${refused} refused` : ''}`;
}

function describeScan(progress: ScanProgress): readonly string[] {
  return collections(progress).flatMap((collection) => {
    const { troubles, lastTrouble, refusedExamples, isComplete, changes } = collection.coverage;
    const named = Object.entries(troubles).map(([trouble, count]) => `${count} × ${trouble.replaceAll('_', ' ')}`);
    return [
      `${inShort(collection)}: ${isComplete ? 'complete' : 'not complete'}`,
      ...(named.length > 0 ? [`  ${named.join(', ')}; the last: ${lastTrouble}`] : []),
      ...(changes ? [describeChanges(changes)] : []),
      ...refusedExamples.map((identifier) => `  refused: ${JSON.stringify(identifier)} is no item of an art archive`),
    ];
  });
}

function describeChanges({ since, madeDue, undated }: NonNullable<ScanCoverage['changes']>): string {
  const due = `${numberOf(madeDue, 'entity is', 'entities are')} due, as written since the dump of ${since}`;
  if (undated === 0) return `  ${due}`;
  return `  ${due}; of ${numberOf(undated, 'item', 'items')} the archive doesn't say when: left to the re-audits`;
}

function scanJson(progress: ScanProgress): unknown {
  const begun = collections(progress);
  return {
    complete: begun.length === entityTypes.length && begun.every(({ coverage }) => coverage.isComplete),
    collections: Object.fromEntries(
      begun.map(({ name, coverage }) => {
        const { seen, total, added, known, refused, refusedExamples, troubles, isComplete, reason, changes } = coverage;
        const counts = { complete: isComplete, reason, seen, total, known, new: added, refused };
        const changed = changes && { since: changes.since, made_due: changes.madeDue, undated: changes.undated };
        return [name, { ...counts, refused_examples: refusedExamples, troubles, changed: changed ?? null }];
      }),
    ),
  };
}
