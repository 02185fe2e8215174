import {
  type BulkAction,
  confirmBulkAction,
  planBulkAction,
  readBulkAction,
  stopBulkAction as stopInDatabase,
} from '../../database/bulk-actions/bulk-action.ts';
import { type BulkKindName, bulkKinds } from '../../database/bulk-actions/kinds.ts';
import { type ListFilter, ListTooLongError, planFromList } from '../../database/operators/by-list.ts';
import { NotUndoneError, planUndo } from '../../database/bulk-actions/undo.ts';
import { workOnBulkAction } from '../../database/bulk-actions/step.ts';
import { readIdentity } from '../../database/schema/deployment.ts';
import { buffersOf, readNamedLines } from '../../starters/reading/named-lines.ts';
import { startBulkAction } from '../../starters/start.ts';
import { isWorkerThere, isWorkflowOpen } from '../../temporal/connection.ts';
import { stopBulkAction } from '../../temporal/messages.ts';
import { bulkActionWorkflowId } from '../../temporal/task-queues.ts';
import type { PageContext } from '../environment.ts';
import { badField, noteIsNeeded, notFound, type Refusal, stale } from '../refusals.ts';
import { askTemporal } from '../temporal.ts';
import { bulkPageOf } from './kinds.ts';

/** Milliseconds. Workers look for what nobody works on, so that a page can do without Temporal's answer. */
const patience = 2_000;

/** Begins the dry run of a bulk action, for the handler of a form that chose rows, and leads to its page. */
export async function beginBulkAction(c: PageContext, kind: BulkKindName, filter: unknown): Promise<Response> {
  return c.redirect(`/bulk/${await beginDryRun(c, kind, filter)}`, 303);
}

/**
 * Begins the dry run of a bulk action. A small one is complete then; the rest is left to workers.
 *
 * @param filter as the kind's `choose` reads it; kept as JSON
 * @returns the id of the bulk action
 */
export async function beginDryRun(c: PageContext, kind: BulkKindName, filter: unknown): Promise<string> {
  const { parts, person } = c.var;
  return goOnWith(c, await planBulkAction(parts.db, { kind, filter, plannedBy: person.name }));
}

/**
 * Begins the dry run of undoing what a recorded action did.
 *
 * @throws {Refusal} 409 where it can't be undone, and why
 */
export async function beginUndo(c: PageContext, action: number): Promise<string> {
  const { parts, person } = c.var;
  const planned = await planUndo(parts.db, action, person.name).catch((error: unknown) => {
    throw error instanceof NotUndoneError ? stale(`${error.message}. Nothing was changed.`) : error;
  });
  return goOnWith(c, planned.id);
}

/**
 * The same of what a list names, line by line.
 *
 * @param kind one that takes lists
 * @throws {Refusal} 400 where it is too long for all or nothing
 */
export async function beginListDryRun(
  c: PageContext,
  kind: BulkKindName,
  filter: ListFilter,
  content: Iterable<Buffer | string>,
): Promise<string> {
  const { parts, person } = c.var;
  const rowsOf = bulkKinds[kind].rowsOf!;
  const lines = readNamedLines(buffersOf(content));
  const begun = planFromList(parts.db, { kind, filter, plannedBy: person.name, rowsOf }, lines);
  const id = await begun.catch((error: unknown) => {
    if (error instanceof ListTooLongError) throw badField('all_or_nothing', error.message);
    throw error;
  });
  return goOnWith(c, id);
}

/** Finds out for a moment what a bulk action that was just begun would do. @returns its id */
async function goOnWith(c: PageContext, id: string): Promise<string> {
  const { parts } = c.var;
  const { bulk, dashboard } = parts.config();
  const end = performance.now() + dashboard.bulkFirstSeconds * 1000;
  const isOver = (): boolean => performance.now() >= end;
  const work = workOnBulkAction(parts.db, bulkKinds, { id, rows: bulk.rows, isOver });
  const hasMore = await work.catch((error: unknown) => {
    parts.log.warn({ error, bulkAction: id }, 'a batch of a dry run failed: workers try it again');
    return true;
  });
  if (hasMore) await start(c, { id, isConfirmed: false });
  return id;
}

/**
 * Starts what the dry run showed. Confirming again changes nothing.
 *
 * @throws {Refusal} 400 without the note that it needs; 404; 409 where there is no complete dry run, or it was stopped
 */
export async function confirmDryRun(c: PageContext, id: string, note: string | undefined): Promise<void> {
  const { parts, person } = c.var;
  const action = await readBulkAction(parts.db, id);
  const page = action && bulkPageOf(action.kind);
  if (!action || !page) throw unknownBulkAction();
  if (page.needsNote && note === undefined) throw noteIsNeeded();
  const confirmed = await confirmBulkAction(parts.db, { id, by: { actor: person.name, note: note ?? null } });
  if (confirmed === null) throw unknownBulkAction();
  if (!confirmed.started && (confirmed.state === 'choosing' || confirmed.state === 'planning')) {
    throw stale('The dry run is not complete yet, so nobody has seen what would be done. Nothing was changed.');
  }
  if (!confirmed.started && confirmed.state === 'planned') {
    throw stale('All of it was to be done or nothing, and some of it can’t be. Nothing was changed.');
  }
  if (!confirmed.started && confirmed.state === 'stopped') {
    throw stale('This was stopped meanwhile. Nothing was changed: choose the rows again.');
  }
  if (confirmed.started) await carryOutBulkAction(c, id);
}

/**
 * Discards a dry run, or stops what is being done after the batch in progress.
 *
 * @throws {Refusal} 404; 409 where all of it was done
 */
export async function stopWork(c: PageContext, id: string): Promise<void> {
  const { parts, person } = c.var;
  const action = await readBulkAction(parts.db, id);
  if (!action || !bulkPageOf(action.kind)) throw unknownBulkAction();
  const stopped = await stopInDatabase(parts.db, { id, by: { actor: person.name } });
  if (!stopped && action.state !== 'stopped') throw stale('All of it was done already; there is nothing to stop.');
  if (stopped && isUnderWay(action)) await tellStopped(c, action);
}

export function unknownBulkAction(): Refusal {
  return notFound('There is no such bulk action. A dry run that nobody confirms is forgotten after a while.');
}

/** Has workers carry out what was confirmed, and waits for a moment: small ones are done when the next page shows. */
async function carryOutBulkAction(c: PageContext, id: string): Promise<void> {
  if (!(await start(c, { id, isConfirmed: true }))) return;
  await askTemporal(c, c.var.parts.config().dashboard.bulkFirstSeconds * 1000, (temporal) =>
    temporal.workflow.getHandle(bulkActionWorkflowId(id, true)).result(),
  );
}

/** @returns whether Temporal was reached; otherwise workers begin automatically once they reach it. */
async function start(c: PageContext, action: { readonly id: string; readonly isConfirmed: boolean }): Promise<boolean> {
  const { db, log } = c.var.parts;
  const started = await askTemporal(c, patience, async (temporal) =>
    startBulkAction(temporal, action, await readIdentity(db)),
  );
  if (started.kind === 'answered') return true;
  log.warn({ bulkAction: action.id, reason: started.reason }, 'a bulk action waits until workers look for it');
  return false;
}

/** Tells the workflow of one that was stopped: it would find out with its next batch, or its next try of one. */
async function tellStopped(c: PageContext, { id, confirmedAt }: BulkAction): Promise<void> {
  const workflowId = bulkActionWorkflowId(id, confirmedAt !== null);
  await askTemporal(c, patience, (temporal) =>
    temporal.workflow.getHandle(workflowId).signal(stopBulkAction, { actor: c.var.person.name }),
  );
}

/** Whether there is something to do about it that no person has to decide. */
export function isUnderWay({ state }: BulkAction): boolean {
  return state === 'reading' || state === 'choosing' || state === 'planning' || state === 'running';
}

/** Why nobody works on a bulk action just now, as a page says it; null where somebody does, or nobody has to. */
export async function whyItWaits(c: PageContext, action: BulkAction): Promise<string | null> {
  if (!isUnderWay(action)) return null;
  const { db, config } = c.var.parts;
  const workflowId = bulkActionWorkflowId(action.id, action.confirmedAt !== null);
  const asked = await askTemporal(c, patience, async (temporal) => ({
    isWorkerThere: await isWorkerThere(temporal),
    isStarted: await isWorkflowOpen(temporal, workflowId, null),
  }));
  if (asked.kind === 'unreachable') return 'It waits for a worker: Temporal can’t be reached from here.';
  if (!asked.answer.isWorkerThere) return 'It waits for a worker: none is running.';
  if (asked.answer.isStarted) return null;
  // It may have ended after it was read.
  const now = await readBulkAction(db, action.id);
  if (now === null || !isUnderWay(now)) return null;
  return `It waits for a worker to begin it, which takes ${config().housekeeping.seconds} s at most.`;
}
