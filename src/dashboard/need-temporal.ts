import { type Client, isGrpcServiceError } from '@temporalio/client';
import type { DashboardParts } from './environment.ts';
import { away } from './refusals.ts';

/** Milliseconds. A person waits. */
const patience = 5_000;

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
    return await temporal.withDeadline(Date.now() + patience, () => ask(temporal));
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
