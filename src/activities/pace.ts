import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { type DeploymentIdentity, requireIdentity } from '../database/schema/deployment.ts';
import { readNotBegun } from '../database/entity-states/index.ts';
import { type PacedAudit, paceTick } from '../database/pace/index.ts';
import { logBrakes } from './brake-log.ts';
import type { Dependencies } from './dependencies.ts';
import type { OutcomeLog } from './outcome-log.ts';
import { startAudit } from '../starters/start-audit.ts';
import { within } from '../lifetime/within.ts';

export type Pacer = ReturnType<typeof createPacer>;

/**
 * An entity that was just given back may be claimed again before Temporal has closed its former workflow, under whose id
 * the next one is to run. How long to wait before each new try, in milliseconds: the first is enough where the server is
 * not busy. What is still refused after the last one is given back by housekeeping, minutes later.
 */
const closingTimes = [500, 1000, 2000, 4000, 8000] as const;

/**
 * Milliseconds. Its own loop tells Temporal that a tick is alive: what it waits for between two heartbeats has a limit
 * below their time-out (30 s, workflows/pace-audits.ts), as each call to Temporal has (temporal.ts).
 */
const longestQuery = 20_000;

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
     * @param served whose audits these are
     * @throws {OtherDatabaseError} before anything is claimed
     */
    async startPacedAudits(
      batch: string,
      served: DeploymentIdentity | null = null,
    ): Promise<{ readonly started: number; readonly brakes: readonly string[] }> {
      await soon(requireIdentity(db, served));
      const { claimed, brakes, changes } = await soon(paceTick(db, { now: new Date(), batch }, config()));
      logBrakes(log, changes);
      let refused = await startAll(claimed);
      for (const closingTime of closingTimes) {
        if (refused.length === 0) break;
        await wait(closingTime, undefined, { signal: Context.current().cancellationSignal });
        Context.current().heartbeat();
        // The one that runs may be the very audit that this batch started, before its worker died.
        const notBegun = new Set((await soon(readNotBegun(db, batch))).map(({ workflowId }) => workflowId));
        refused = await startAll(refused.filter(({ workflowId }) => notBegun.has(workflowId)));
      }
      return { started: claimed.length, brakes: brakes.map(({ name, reason }) => `${name}: ${reason}`) };
    },
  };

  /** @returns those of whose entity a workflow was still running. */
  async function startAll(audits: readonly PacedAudit[]): Promise<readonly PacedAudit[]> {
    const refused: PacedAudit[] = [];
    for (const audit of audits) {
      Context.current().heartbeat();
      if (!(await startAudit(temporal, audit, 'paced', config().audit))) refused.push(audit);
    }
    return refused;
  }
}

function soon<Answer>(asked: Promise<Answer>): Promise<Answer> {
  return within(longestQuery, 'the database', asked);
}
