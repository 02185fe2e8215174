import type { Client } from '@temporalio/client';
import type { TemporalAnswer } from '../starters/temporal-answer.ts';
import { within } from '../lifetime/within.ts';
import type { PageContext } from './environment.ts';

/**
 * Asks Temporal something that a page can do without: where there is no answer in time, it says why not.
 *
 * @param patience milliseconds, the connecting included, which goes on for whoever asks next
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
