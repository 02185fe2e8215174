import { DefaultLogger, Runtime, type LogLevel } from '@temporalio/worker';
import { pino, type Logger } from 'pino';

/** One line an occurrence, as JSON on standard output. */
export const log: Logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime });

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
    log[pinoLevels[level]]({ ...meta }, message);
  });
  Runtime.install({ logger, shutdownSignals: [] });
}
