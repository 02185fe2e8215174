import { setTimeout as wait } from 'node:timers/promises';
import type { Client, Workflow, WorkflowHandle, WorkflowResultType } from '@temporalio/client';
import { countPollers, resultOf } from '../temporal/connection.ts';
import { openProgressLine } from '../terminal/terminal.ts';

/** What a backfill, an import or a scan has in progress. */
export interface Ingest {
  /** What was read so far. */
  readonly done: number;
  /** 0 … 1; null where it is unknown. */
  readonly share: number | null;
  readonly text: string;
}

/** Shows ingests on standard error, with their rate and the time that remains at that rate. */
export interface IngestProgress {
  show(ingest: Ingest): void;
  say(line: string): void;
  end(): void;
}

export function openIngestProgress(stream: NodeJS.WriteStream, now: () => number = Date.now): IngestProgress {
  const line = openProgressLine(stream);
  let first: { readonly at: number; readonly ingest: Ingest } | undefined;
  return {
    say: (text) => line.say(text),
    end: () => line.end(),
    show(ingest) {
      first ??= { at: now(), ingest };
      line.show(`${ingest.text}${describePace(first.ingest, ingest, (now() - first.at) / 1000)}`);
    },
  };
}

/** Rate and remaining time, from what was done since `first`. @param seconds since then; below one both are unknown */
export function describePace(first: Ingest, last: Ingest, seconds: number): string {
  const parts: string[] = [];
  if (seconds >= 1) parts.push(`${Math.round((last.done - first.done) / seconds)}/s`);
  if (last.share !== null) {
    parts.push(`${Math.floor(last.share * 100)} %`);
    const gained = last.share - (first.share ?? 0);
    if (seconds >= 1 && gained > 0) parts.push(`${describeDuration(((1 - last.share) / gained) * seconds)} left`);
  }
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** A duration in words: `40 s`, `12 min`, `3.5 h`. */
export function describeDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Says so where no worker could do the work: it begins when there is one. */
export async function sayIfNoWorker(temporal: Client, say: (line: string) => void): Promise<void> {
  const pollers = await countPollers(temporal).catch(() => null);
  if (pollers === 0) say('no worker is running: it begins when `artwork-reconciler worker` does');
}

/** Interval at which a running workflow is queried for its progress. Milliseconds. */
const askInterval = 500;

/** Waits for a workflow that runs in the workers, showing what its query `progress` says. */
export async function watchIngest<Kind extends Workflow>(
  handle: WorkflowHandle<Kind>,
  { progress, describe }: { progress: IngestProgress; describe: (said: WorkflowResultType<Kind>) => Ingest },
): Promise<WorkflowResultType<Kind>> {
  let hasEnded = false;
  const result = resultOf(handle).finally(() => (hasEnded = true));
  const watch = async (): Promise<void> => {
    while (!hasEnded) {
      const said = await handle.query<WorkflowResultType<Kind>, []>('progress').catch(() => null);
      if (said !== null && !hasEnded) progress.show(describe(said));
      await Promise.race([result.catch(() => undefined), wait(askInterval)]);
    }
  };
  const [total] = await Promise.all([result, watch()]).finally(() => progress.end());
  return total as WorkflowResultType<Kind>;
}
