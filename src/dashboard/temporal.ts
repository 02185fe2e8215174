import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { Queryable } from '../database/connection.ts';
import { readIdentity } from '../database/schema/deployment.ts';
import { within } from '../lifetime/within.ts';
import type { TemporalAnswer } from '../starters/pause-schedule.ts';
import { refuseOtherDatabase } from '../starters/schedules.ts';
import { openTemporal, type TemporalConfig } from '../temporal/connection.ts';
import type { DashboardParts, PageContext } from './environment.ts';
import { away } from './refusals.ts';

/**
 * Asks Temporal something that a page can do without: where there is no answer in time, it says why not.
 *
 * @param patience milliseconds, the connecting included, which continues for whoever asks next
 */
export async function askTemporal<Answer>(
  c: PageContext,
  patience: number,
  question: (temporal: Client) => Promise<Answer>,
): Promise<TemporalAnswer<Answer>> {
  const deadline = Date.now() + patience;
  const asked = (async () => {
    const temporal = await c.var.parts.temporal();
    return temporal.withDeadline(deadline, () => question(temporal));
  })();
  try {
    return { kind: 'answered', answer: await within(patience, 'Temporal', asked) };
  } catch (error) {
    return { kind: 'unreachable', reason: error instanceof Error ? error.message : String(error) };
  }
}

interface LazyTemporal {
  /** @throws {TemporalUnreachableError} @throws {CopiedDatabaseError | OtherDatabaseError} */
  readonly open: () => Promise<Client>;
  readonly close: () => Promise<void>;
}

/** Milliseconds. A person waits. */
const patience = 3000;

/**
 * One client for all who ask, connected when the first one does, if the namespace is this database's; where that fails,
 * the next one tries again.
 */
export function lazyTemporal(config: TemporalConfig, q: Queryable): LazyTemporal {
  let client: Promise<Client> | null = null;
  const openOwn = async (): Promise<Client> => {
    const opened = await openTemporal(config, patience);
    try {
      await refuseOtherDatabase(opened, await readIdentity(q));
      return opened;
    } catch (error) {
      await opened.connection.close();
      throw error;
    }
  };
  return {
    async open() {
      client ??= openOwn();
      try {
        return await client;
      } catch (error) {
        client = null;
        throw error;
      }
    },
    async close() {
      const opened = await client?.catch(() => null);
      await opened?.connection.close();
    },
  };
}

/** Milliseconds. A person waits. */
const answerPatience = 5_000;

/**
 * Asks Temporal something, for as long as a person waits.
 *
 * @throws {Refusal} 503 where it can't be reached or doesn't answer
 * @throws {TemporalUnreachableError}
 */
export async function needTemporal<Answer>(
  parts: Pick<DashboardParts, 'temporal'>,
  ask: (temporal: Client) => Promise<Answer>,
): Promise<Answer> {
  const temporal = await parts.temporal();
  try {
    return await temporal.withDeadline(Date.now() + answerPatience, () => ask(temporal));
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    if (isGrpcServiceError(cause) && gone.has(Number(cause.code))) {
      throw away('Temporal can’t be reached, and what was asked for needs it. Nothing was changed.');
    }
    throw error;
  }
}

/** gRPC's codes for what says nothing about the question: cancelled, deadline exceeded, exhausted, unavailable. */
const gone: ReadonlySet<number> = new Set([1, 4, 8, 14]);
