import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { paceTick } from '../database/pace/index.ts';
import type { Dependencies } from './dependencies.ts';
import { startAudit } from './start-audit.ts';

export type Pacer = ReturnType<typeof createPacer>;

export function createPacer({ db, config, temporal }: Dependencies & { readonly temporal: Client }) {
  return {
    /**
     * Claims as many entities as the budget allows by now, and starts an audit for each. Repeated for the same batch (its
     * worker died in between) it claims the same and starts what was not started.
     *
     * @param batch names this tick of the pace.
     */
    async startPacedAudits(batch: string): Promise<{ readonly started: number; readonly brakes: readonly string[] }> {
      const { claimed, brakes } = await paceTick(db, { now: new Date(), batch }, config());
      for (const entity of claimed) {
        await startAudit(temporal, entity, 'paced');
        Context.current().heartbeat();
      }
      return { started: claimed.length, brakes: brakes.map((brake) => `${brake.name}: ${brake.reason}`) };
    },
  };
}
