import {
  type Client,
  isGrpcDeadlineError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import {
  feedBatch,
  finishImport,
  type ImportBatch,
  type ImportInput,
  importProgress,
  type ImportProgress,
  type Workflows,
} from '../temporal/messages.ts';
import { asSummary } from '../temporal/summaries.ts';
import { runTimeouts, taskQueues } from '../temporal/task-queues.ts';
import type { ReadBatch } from './reading/batcher.ts';
import type { ImportSource } from './reading/import-source.ts';
import type { FileTally, OnLeftOut } from './reading/tally.ts';

/** What is read differs from what was begun under the same name. */
export class ChangedSourceError extends Error {
  override readonly name = 'ChangedSourceError';
}

export interface ImportOptions {
  readonly dryRun: boolean;
  /** Forgets how far an earlier import of the same came. */
  readonly fromStart: boolean;
  readonly onStart: (workflowId: string, resumedAt: number) => void;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly onLeftOut: OnLeftOut;
  /** Ends the reading between two batches; the import can be resumed. */
  readonly signal?: AbortSignal;
}

export interface ImportResult {
  readonly progress: ImportProgress;
  /** Entities that the files name, each once. */
  readonly entities: number;
  readonly files: readonly FileTally[];
  /** Every file was what it should be, and was read to its end. */
  readonly complete: boolean;
}

/**
 * Reads files and hands them over to their import's workflow, from where that one is: it is started, or joined where it
 * waits or somebody else feeds it. Files that are cut short leave it waiting for the rest.
 *
 * What is done already is read once more, though not handed over: so duplicates count as such, and it is noticed where
 * the files are others by now; then they are handed over from their beginning, which adds nothing twice.
 *
 * @throws {ChangedSourceError} where that can't be, as they come by standard input.
 */
export async function runImport(temporal: Client, source: ImportSource, options: ImportOptions): Promise<ImportResult> {
  const handle = await start(temporal, source, options);
  let progress = await handle.query(importProgress);
  options.onStart(handle.workflowId, progress.records);
  const boundary = progress.records;
  let last: ReadBatch | undefined;
  for await (const batch of source.read({ boundary, onLeftOut: options.onLeftOut })) {
    last = batch;
    options.signal?.throwIfAborted();
    if (batch.upTo === progress.records && progress.digest !== null && batch.digest !== progress.digest) break;
    if (batch.upTo > progress.records) progress = await feed(handle, handedOver(batch, source));
    if (batch.upTo >= boundary) options.onProgress(progress);
  }
  if (last === undefined || last.upTo < progress.records || last.digest !== (progress.digest ?? last.digest)) {
    return startOver(temporal, source, options);
  }
  const files = source.tallies();
  const complete = files.every(({ trouble }) => trouble === null);
  const isCut = files.some(({ trouble }) => trouble?.kind === 'cut_short');
  if (!isCut) progress = await unlessEnded(handle, () => handle.executeUpdate(finishImport));
  return { progress, entities: source.entities(), files, complete };
}

function startOver(temporal: Client, source: ImportSource, options: ImportOptions): Promise<ImportResult> {
  if (!source.canReadAgain || options.fromStart) {
    throw new ChangedSourceError(
      `${source.name} is not what was begun to be imported under the same name: nothing more was imported; ` +
        '--from-start imports it from its beginning',
    );
  }
  return runImport(temporal, source, { ...options, fromStart: true });
}

/** `import-{kind}-…`; a dry run has an id of its own, so that nobody joins it who means to add. */
async function start(
  temporal: Client,
  source: ImportSource,
  { dryRun, fromStart }: ImportOptions,
): Promise<WorkflowHandle<Workflows['importEntities']>> {
  const input: ImportInput = { kind: source.kind, name: source.name, dryRun };
  const { workflowId } = await temporal.workflow.start<Workflows['importEntities']>('importEntities', {
    workflowId: `import-${source.kind}-${source.id}${dryRun ? '-dry-run' : ''}`,
    taskQueue: taskQueues.reconciler,
    workflowRunTimeout: runTimeouts.import,
    args: [input],
    staticSummary: asSummary(`add the entities of ${source.name}${dryRun ? ' (dry run)' : ''}`),
    workflowIdConflictPolicy: fromStart ? 'TERMINATE_EXISTING' : 'USE_EXISTING',
  });
  // Not of the one run: an import continues as new now and then.
  return temporal.workflow.getHandle<Workflows['importEntities']>(workflowId);
}

function handedOver(batch: ReadBatch, source: ImportSource): ImportBatch {
  const sum = (kind: 'refused' | 'unreadable'): number =>
    source.tallies().reduce((total, tally) => total + tally[kind].count, 0);
  return { ...batch, share: source.share(), unreadable: sum('unreadable'), refused: sum('refused') };
}

function feed(handle: WorkflowHandle<Workflows['importEntities']>, batch: ImportBatch): Promise<ImportProgress> {
  return unlessEnded(handle, () => handle.executeUpdate(feedBatch, { args: [batch] }));
}

/** Whoever else feeds the same import may have finished it meanwhile. */
async function unlessEnded(
  handle: WorkflowHandle<Workflows['importEntities']>,
  update: () => Promise<ImportProgress>,
): Promise<ImportProgress> {
  try {
    return await update();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      const progress = await handle.query(importProgress);
      if (progress.state === 'complete') return progress;
    }
    // The answer was lost: taking the same twice changes nothing.
    if (isGrpcDeadlineError(error)) return unlessEnded(handle, update);
    if (error instanceof WorkflowUpdateFailedError) throw error.cause ?? error;
    throw error;
  }
}
