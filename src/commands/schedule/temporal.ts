import type { Client } from '@temporalio/client';
import type { Database } from '../../database/connection.ts';
import type { TemporalAnswer } from '../../starters/pause-schedule.ts';
import { inOneLine } from '../../terminal/terminal.ts';
import { agreementInWords } from '../../wording/schedule.ts';

/** Milliseconds. What is asked for here is of use without Temporal too, so nobody waits long for it. */
const patience = 3000;
/** … of one that is there: a server with much to do is not away. */
const answerPatience = 10_000;

/** Asks Temporal something, or says why it can't be asked. Its client is loaded only now: that takes a while, too. */
export async function askTemporal<Answer>(
  question: (temporal: Client) => Promise<Answer>,
): Promise<TemporalAnswer<Answer>> {
  const { openTemporal, readTemporalConfig } = await import('../../temporal/connection.ts');
  try {
    const temporal = await openTemporal(readTemporalConfig(), patience);
    try {
      return {
        kind: 'answered',
        answer: await temporal.withDeadline(Date.now() + answerPatience, () => question(temporal)),
      };
    } finally {
      await temporal.connection.close();
    }
  } catch (error) {
    return { kind: 'unreachable', reason: inOneLine(error) };
  }
}

/** Makes Temporal's schedule follow the pause in the database, and says in words how it stands. */
export async function followInTemporal(db: Database): Promise<string> {
  const asked = await askTemporal(async (temporal) => {
    const { agreeOnPause } = await import('../../starters/pause-schedule.ts');
    return agreeOnPause(db, temporal);
  });
  return agreementInWords(asked);
}
