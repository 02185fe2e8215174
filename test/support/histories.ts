import type { WorkflowHandle } from '@temporalio/client';
import { stepOf } from './replay.ts';

export interface HistorySize {
  /** As the server counts them. */
  readonly events: number;
  readonly bytes: number;
  /** Of the largest single payload, with its metadata. */
  readonly largestPayload: number;
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** How large a closed workflow's history is, by the server's own account. */
export async function historySize(handle: WorkflowHandle): Promise<HistorySize> {
  const { historyLength, historySize: bytes } = await handle.describe();
  const history = await handle.fetchHistory();
  return {
    events: historyLength,
    bytes: bytes ?? Number.NaN,
    largestPayload: Math.max(0, ...payloadsOf(history).map(({ length }) => length)),
  };
}

/** Every payload's content as text, in the order of the history: what the Temporal UI shows. */
export function payloadTexts(history: History): string[] {
  return payloadsOf(history).map((data) => Buffer.from(data).toString('utf8'));
}

/** Wherever they stand: inputs, results, markers, failures. */
function payloadsOf(history: History): Uint8Array[] {
  const found: Uint8Array[] = [];
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return;
    if ('data' in value && value.data instanceof Uint8Array && 'metadata' in value) found.push(value.data);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(history.events);
  return found;
}

/** Every step and timer of a workflow so far, in the order in which they were begun, with its words in Temporal's UI. */
export async function shownSteps(handle: WorkflowHandle): Promise<(readonly [name: string, words: string | null])[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => {
    const isStep = event.activityTaskScheduledEventAttributes || event.markerRecordedEventAttributes;
    const name = event.timerStartedEventAttributes ? 'timer' : isStep ? stepOf(event) : null;
    if (name === null) return [];
    const summary = event.userMetadata?.summary?.data;
    return [[name, summary ? (JSON.parse(Buffer.from(summary).toString()) as string) : null] as const];
  });
}
