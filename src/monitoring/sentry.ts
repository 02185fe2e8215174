import type { EndedAttempt } from '../database/event-queries/index.ts';
import type { Redactor } from '../config/secrets.ts';
import { failureTypes } from '../temporal/failure-types.ts';
import { commit, program } from '../version.ts';

/** Reports faults to whoever looks after the program. */
export interface FaultReporter {
  /** An event failed for good: artwork-indexer reports these, too. */
  eventFailed(attempt: EndedAttempt): void;
  /** A step, a workflow or the worker itself failed with what nobody expected. Expected failures are not reported. */
  failed(error: Error, about?: Readonly<Record<string, unknown>>): void;
  /** Sends what is under way, for two seconds at most. */
  close(): Promise<void>;
}

/** Milliseconds; a worker has 25 s for all of its end. */
const closingTime = 2000;

const expected: ReadonlySet<unknown> = new Set([...Object.values(failureTypes), 'Stopping']);

/**
 * Opens Sentry, which is loaded only now: it is large, and most deployments have none. Nothing is sent but what is
 * reported here: no traces, no requests, no variables of the process; and no secret, whatever an error says.
 */
export async function openSentry(dsn: string, redact: Redactor): Promise<FaultReporter> {
  const sentry = await import('@sentry/node');
  sentry.init({
    dsn,
    release: `${program}+${commit()}`,
    // They would watch requests, read files around an error, and take over the process' last errors.
    defaultIntegrations: false,
    enableRuntimeChannelInjection: false,
    beforeSend: (event) => JSON.parse(redact(JSON.stringify(event))) as typeof event,
  });
  return {
    eventFailed({ action, entityType, gids, attempt, reason }) {
      sentry.captureMessage(`event failed for good: ${reason ?? 'no reason given'}`, {
        level: 'error',
        tags: { action, entity_type: entityType },
        extra: { gids, attempt },
        // One issue for each action: the reasons differ in their MBIDs.
        fingerprint: ['event failed for good', action],
      });
    },
    failed(error, about = {}) {
      const { type } = error as { readonly type?: unknown };
      if (expected.has(type)) return;
      const { workflow_id: workflow, activity } = about;
      const tags = { ...asTag('workflow_id', workflow), ...asTag('activity', activity) };
      sentry.captureException(error, { tags });
    },
    close: async () => void (await sentry.close(closingTime)),
  };
}

function asTag(name: string, value: unknown): Record<string, string> {
  return typeof value === 'string' ? { [name]: value } : {};
}
