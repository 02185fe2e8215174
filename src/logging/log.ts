import { DefaultLogger, type LogLevel, type MetricsBuffer, Runtime } from '@temporalio/worker';
import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { Config } from '../config/config.ts';
import type { Redactor } from '../config/secrets.ts';
import { visible } from '../terminal/terminal.ts';

/** pino's numbers. */
const levels: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/**
 * A line of the log for reading: time, level, words, and the fields as `name=value`, in the order in which they came. What
 * is no line of the log is left as it is.
 */
export function asText(line: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, msg, ...others } = fields;
  const named = Object.entries(others).map(([name, value]) => `${name}=${asValue(value)}`);
  const words = [asWords(time), (levels[Number(level)] ?? String(level)).padEnd(5), asWords(msg), ...named];
  return `${visible(words.join(' ').trimEnd())}\n`;
}

/** Quoted where a reader couldn't see where it ends. */
function asValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function asWords(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * A full disk under the log, or a reader that is gone, is no reason to stop working: lines are kept, up to a number of bytes,
 * until they can be written, and later ones are dropped.
 */
const output = destination({ dest: 1, sync: true, maxLength: 1_000_000 });
output.on('error', () => undefined);

/** What a worker of Temporal's has failed for. */
let failure: Error | null = null;

/**
 * What the first of Temporal's workers that failed has failed for; null where none has. It goes to the log alone: `run`
 * of such a worker may end with an error of its own shutdown instead ("Worker still in use").
 */
export function whyTemporalFailed(): Error | null {
  return failure;
}

/** How a line of JSON is written, until the configuration says otherwise. */
let shape = (line: string): string => line;

/** One line an occurrence, on standard output; as JSON unless `configureLog` says otherwise. */
export const log: Logger = pino(
  { base: null, timestamp: stdTimeFunctions.isoTime, serializers: { error: inShort } },
  { write: (line: string) => void output.write(shape(line)) },
);

/** From now on: what is below the level is left out, in the configured form, and no line has a secret in it. */
export function configureLog({ log: { format, level } }: Pick<Config, 'log'>, redact: Redactor): void {
  log.level = level;
  shape = format === 'json' ? redact : (line) => asText(redact(line));
}

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
 *
 * @param metrics takes the figures of Temporal's SDK, where they are given out
 * @param onError called with the errors that activities and workflow tasks end with
 */
export function logTemporal(
  metrics?: MetricsBuffer,
  onError?: (error: Error, about: Readonly<Record<string, unknown>>) => void,
): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (message.startsWith('No ') && message.includes('registered')) return;
    // The dispatcher's way to let another worker take over.
    if ((meta?.['error'] as { type?: unknown } | undefined)?.type === 'Stopping') return;
    const fields = asFields(meta ?? {});
    log[pinoLevels[level]](fields, message);
    if (message === 'Worker failed' && fields['error'] instanceof Error) failure ??= fields['error'];
    if (fields['error'] instanceof Error) onError?.(fields['error'], fields);
  });
  Runtime.install({
    logger,
    shutdownSignals: [],
    telemetryOptions: {
      // What the native part says would otherwise go to standard output in a form of its own.
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metrics && { metrics: { buffer: metrics } }),
    },
  });
}

/**
 * Ends Temporal's runtime where no worker came to use it, which would end it: while it waits for what the native part has
 * to say, the process doesn't end. Idempotent.
 */
export async function endTemporalLog(): Promise<void> {
  await Runtime.instance().shutdown();
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

/** Takes a line: fields that lines are found by, and a few words. */
export interface OutcomeLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}
