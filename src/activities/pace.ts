import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { paceTick, type PacedAudit } from '../database/pace/index.ts';
import { logBrakes } from './brake-log.ts';
import type { Dependencies } from './dependencies.ts';
import type { OutcomeLog } from './outcome-log.ts';
import { startAudit } from '../starters/start-audit.ts';

export type Pacer = ReturnType<typeof createPacer>;

/**
 * An entity that was just given back may be claimed again before Temporal has closed its former workflow, under whose id
 * the next one is to run. Milliseconds; what is still refused then is given back by housekeeping.
 */
const closingTime = 500;

export function createPacer({
  db,
  config,
  temporal,
  log,
}: Dependencies & { readonly temporal: Client; readonly log?: OutcomeLog | undefined }) {
  return {
    /**
     * Claims as many entities as the budget allows by now, and starts an audit for each. Repeated for the same batch (its
     * worker died in between) it claims the same and starts what was not started.
     *
     * @param batch names this tick of the pace.
     */
    async startPacedAudits(batch: string): Promise<{ readonly started: number; readonly brakes: readonly string[] }> {
      const { claimed, brakes, changes } = await paceTick(db, { now: new Date(), batch }, config());
      logBrakes(log, changes);
      const refused = await startAll(claimed);
      if (refused.length > 0) {
        await wait(closingTime, undefined, { signal: Context.current().cancellationSignal });
        await startAll(refused);
      }
      return { started: claimed.length, brakes: brakes.map(({ name, reason }) => `${name}: ${reason}`) };
    },
  };

  /** @returns those of whose entity a workflow was still running. */
  async function startAll(audits: readonly PacedAudit[]): Promise<readonly PacedAudit[]> {
    const refused: PacedAudit[] = [];
    for (const audit of audits) {
      if (!(await startAudit(temporal, audit, 'paced'))) refused.push(audit);
      Context.current().heartbeat();
    }
    return refused;
  }
}
