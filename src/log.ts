import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import { pino, type Logger } from 'pino';

/** One line an occurrence, as JSON on standard output. */
export const log: Logger = pino({
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  serializers: { error: inShort },
});

/** An error's kind and words, and those of what caused it; stacks and details are in Temporal, by the run's id. */
function inShort(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type } = error as { type?: unknown };
  const { cause } = error;
  return {
    type: typeof type === 'string' ? type : error.name,
    message: error.message,
    ...(cause instanceof Error && { cause: inShort(cause) }),
  };
}

const pinoLevels: Readonly<Record<LogLevel, 'debug' | 'error' | 'info' | 'trace' | 'warn'>> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/**
 * Sends what Temporal's runtime has to say to our log. Must be called before the first connection is made: the runtime is
 * one a process, and is made with its logger. A deployment's three workers would say of each queue that the others'
 * part is not registered there, so only warnings of substance pass.
 */
export function logTemporal(): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (message.startsWith('No ') && message.includes('registered')) return;
    // The dispatcher's way to let another worker take over.
    if ((meta?.['error'] as { type?: unknown } | undefined)?.type === 'Stopping') return;
    log[pinoLevels[level]](asFields(meta ?? {}), message);
  });
  Runtime.install({ logger, shutdownSignals: [] });
}

/** What Temporal tells of an activity, by the names that our own lines use. */
function asFields(meta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named = Object.entries(meta).map(([name, value]) => [ourNames.get(name) ?? name, value] as const);
  // It names the task to the server, and says nothing to anybody else.
  return Object.fromEntries(named.filter(([name]) => name !== 'taskToken'));
}

const ourNames: ReadonlyMap<string, string> = new Map([
  ['workflowId', 'workflow_id'],
  ['workflowRunId', 'run_id'],
  ['activityType', 'activity'],
  ['durationMs', 'duration_ms'],
]);
