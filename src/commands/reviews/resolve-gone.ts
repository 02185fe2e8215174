import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { auditAndApply, auditHere } from '../../activities/audit-here.ts';
import { type Dependencies, openDependencies } from '../../activities/dependencies.ts';
import { requireContact } from '../../config/value-types.ts';
import { forgetDryRun } from '../../database/bulk-actions/bulk-action.ts';
import { type BulkLine, bulkLineList, planFromList } from '../../database/operators/by-list.ts';
import { bulkKinds } from '../../database/bulk-actions/kinds.ts';
import type { Database } from '../../database/connection.ts';
import { readList } from '../../database/lists/list.ts';
import type { ListPage } from '../../database/lists/walk.ts';
import { recordAction } from '../../database/queue/bulk-events.ts';
import { readReview } from '../../database/reviews/reviews.ts';
import type { EntityKey } from '../../domain/entity.ts';
import { printJson, printLines } from '../../terminal/terminal.ts';
import { untilStopped } from '../audit.ts';
import { isList, type ListOptions, openList } from '../bulk/by-list.ts';
import { checkMigrated, configOf, refuseReplica, withDatabase } from '../database.ts';
import { UsageError } from '../errors.ts';
import { operatorOf } from '../option-values.ts';

/** What became of a line. */
interface Answer {
  readonly outcome: 'refused' | 'resolved' | 'skipped';
  readonly reason: string | null;
}

/**
 * Audits the entities of a list again, as `audit --apply` does, which resolves each open review of which nothing is found
 * any more; names the others. What was handed over comes back so. Where all or nothing is asked for, all are judged
 * first, as in a dry run.
 *
 * @throws {UsageError}
 * @throws {Error} where something of it still stands, or could not be judged
 */
export async function resolveGone(
  command: Command,
  targets: readonly (number | '-')[],
  options: ListOptions & { readonly all?: boolean },
): Promise<void> {
  if (!isList(targets, options) || targets.some((each) => each !== '-') || options.all === true) {
    throw new UsageError('--only-if-gone takes a list of entities: `-`, or --file');
  }
  if (options.note === undefined) throw new UsageError('say why, with --note: it is recorded');
  const config = configOf(command);
  requireContact(config);
  await checkMigrated(config.database);
  const { name: list, lines } = await openList(options.file === undefined ? ['-'] : [], options.file);
  const by = operatorOf(options);
  const left = await withDatabase(config.database, (db) =>
    untilStopped(async (stopped) => {
      await refuseReplica(db, { mode: options.dryRun ? 'report' : 'repair', events: false });
      const run = { workflowId: null, runId: randomUUID() };
      const dependencies = openDependencies({ db, config: () => config, run: () => run, signal: () => stopped });
      const rowsOf = bulkKinds.resolve_reviews.rowsOf!;
      const id = await planFromList(
        db,
        {
          kind: 'resolve_reviews',
          filter: { list, ...(options.entityType && { entityType: options.entityType }) },
          plannedBy: by.actor,
          rowsOf,
        },
        lines,
      );
      const all = (given: ListOptions, isTold: (answer: Answer) => boolean): Promise<number> => {
        const answerOf = (line: BulkLine): Promise<Answer> => answer(dependencies, line, { ...given, ...by, stopped });
        const how = { answerOf, isTold, options: given };
        return answerAll(db, id, { ...how, atOnce: config.archive.concurrency, stopped });
      };
      try {
        if (options.allOrNothing && !options.dryRun) {
          const refused = await all({ ...options, dryRun: true }, ({ outcome }) => outcome === 'refused');
          if (refused > 0) {
            throw new Error(
              `${refused} of the list could not be done; nothing was changed, as all or nothing was asked for`,
            );
          }
          if (stopped.aborted) return 0;
        }
        return await all(options, () => true);
      } finally {
        await forgetDryRun(db, id);
      }
    }),
  );
  if (left > 0)
    throw new Error(`${left} of the list ${left === 1 ? 'is' : 'are'} not resolved; the reasons stand above`);
}

/** @returns how many are not resolved */
async function answerAll(
  db: Database,
  id: string,
  {
    answerOf,
    isTold,
    options,
    atOnce,
    stopped,
  }: {
    readonly answerOf: (line: BulkLine) => Promise<Answer>;
    readonly isTold: (answer: Answer) => boolean;
    readonly options: ListOptions;
    readonly atOnce: number;
    readonly stopped: AbortSignal;
  },
): Promise<number> {
  let left = 0;
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    // As many as are audited at once: a page is reported as a whole.
    const asked = { limit: atOnce, look: atOnce + 1, after };
    const page: ListPage<BulkLine> = await readList(db, bulkLineList, { bulkAction: id }, asked);
    if (stopped.aborted) return left;
    const answers = await Promise.all(page.rows.map(answerOf));
    for (const [n, line] of page.rows.entries()) if (isTold(answers[n]!)) tell(line, answers[n]!, options);
    left += answers.filter(({ outcome }) => outcome === 'refused').length;
    after = page.next;
  }
  return left;
}

function tell(
  { line, input, entityType, gid, target }: BulkLine,
  { outcome, reason }: Answer,
  { json, dryRun }: ListOptions,
): void {
  if (json) {
    printJson([
      {
        line,
        input,
        entity_type: entityType,
        mbid: gid,
        id: target,
        outcome,
        reason,
        ...(dryRun && { dry_run: true }),
      },
    ]);
    return;
  }
  const named = gid === null ? JSON.stringify(input) : `${entityType} ${gid}`;
  const became = dryRun && outcome === 'resolved' ? 'would be resolved' : outcome;
  printLines([`line ${line}: ${named}: ${became}${reason === null ? '' : `: ${reason}`}`]);
}

async function answer(
  dependencies: Dependencies,
  line: BulkLine,
  how: {
    readonly actor: string;
    readonly note?: string | null;
    readonly dryRun?: boolean;
    readonly stopped: AbortSignal;
  },
): Promise<Answer> {
  const { entityType, gid, target, plannedReason } = line;
  if (plannedReason !== null && target === null) return { outcome: 'refused', reason: plannedReason };
  if (plannedReason !== null) return { outcome: 'skipped', reason: plannedReason };
  const key = { entityType: entityType!, gid: gid! };
  try {
    return how.dryRun ? await judge(dependencies, key, target!) : await auditAgain(dependencies, key, target!, how);
  } catch (error) {
    if (how.stopped.aborted) return { outcome: 'refused', reason: 'stopped before it was audited' };
    return { outcome: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What an audit would say of it, which changes nothing. */
async function judge(dependencies: Dependencies, key: EntityKey, reviewId: number): Promise<Answer> {
  const audit = await auditHere(dependencies, key);
  if (audit.decision === 'not_now') return { outcome: 'refused', reason: `it can’t be judged now: ${audit.reason}` };
  const review = await readReview(dependencies.db, reviewId);
  const found = audit.findings.filter(({ policy }) => policy !== 'report').map(({ check }) => check);
  const still = found.filter((check) => audit.decision === 'manual_review' || review?.checks.includes(check));
  if (still.length === 0) return { outcome: 'resolved', reason: null };
  return { outcome: 'refused', reason: `still found: ${still.join(', ')}` };
}

async function auditAgain(
  dependencies: Dependencies,
  key: EntityKey,
  reviewId: number,
  {
    actor,
    note = null,
    stopped,
  }: { readonly actor: string; readonly note?: string | null; readonly stopped: AbortSignal },
): Promise<Answer> {
  const { db } = dependencies;
  const applied = await auditAndApply(dependencies, key, { actor, stopped });
  if ('refused' in applied) return { outcome: 'refused', reason: applied.refused };
  const { audit } = applied;
  if (audit.decision === 'not_now') return { outcome: 'refused', reason: `it can’t be judged now: ${audit.reason}` };
  const review = await readReview(db, reviewId);
  if (review?.status !== 'resolved') {
    return { outcome: 'refused', reason: `still found: ${review?.checks.join(', ') ?? 'the review is gone'}` };
  }
  await db.transaction((tx) =>
    recordAction(
      tx,
      { actor, note },
      {
        action: 'resolve review',
        target: `review ${reviewId}`,
        before: { status: 'open' },
        after: { status: review.status, audit: review.auditId },
      },
    ),
  );
  return { outcome: 'resolved', reason: review.resolutionNotes };
}
