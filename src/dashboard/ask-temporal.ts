import type { Client } from '@temporalio/client';
import type { TemporalAnswer } from '../starters/temporal-answer.ts';
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
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`Temporal did not answer within ${patience / 1000} s`)), patience);
  });
  const asked = (async () => {
    const temporal = await c.var.parts.temporal();
    return temporal.withDeadline(deadline, () => question(temporal));
  })();
  try {
    return { kind: 'answered', answer: await Promise.race([asked, late]) };
  } catch (error) {
    return { kind: 'unreachable', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
    // Nobody waits for it any more.
    asked.catch(() => undefined);
  }
}
