import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { readNotBegun } from '../database/entities/claims.ts';
import { type EntityName, readEntityNames } from '../database/musicbrainz/entity-kinds.ts';
import { type PacedAudit, paceTick } from '../database/pace/pace-tick.ts';
import { requireIdentity } from '../database/schema/deployment.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import { within } from '../lifetime/within.ts';
import type { OutcomeLog } from '../logging/log.ts';
import { startAudit } from '../starters/start.ts';
import type { Dependencies } from './dependencies.ts';
import { logBrakes } from './outcome-log.ts';

export type Pacer = ReturnType<typeof createPacer>;

/**
 * An entity that was just released may be claimed again before Temporal has closed its former workflow, under whose id
 * the next one is to run. How long to wait before each new try, in milliseconds: the first is enough where the server is
 * not busy. What is still refused after the last one is released by housekeeping, minutes later.
 */
const closingTimes = [500, 1000, 2000, 4000, 8000] as const;

/**
 * Milliseconds. Its own loop reports to Temporal that a tick is alive: what it waits for between two heartbeats has a limit
 * below their time-out (30 s, workflows/pace-audits.ts), as each call to Temporal has (temporal.ts).
 */
const longestQuery = 20_000;

export function createPacer({
  db,
  config,
  temporal,
  searchAttributes,
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
      const identity = await soon(requireIdentity(db, served));
      // The ticks of one pace may come to workers whose clocks are apart.
      const { rows } = await soon(db.query<{ now: Date }>('select clock_timestamp() as now'));
      const { claimed, brakes, changes } = await soon(paceTick(db, { now: rows[0]!.now, batch }, config()));
      logBrakes(log, changes);
      const names = await soon(readEntityNames(db, claimed));
      const { tickSeconds } = config().audit;
      let refused = await startAll(claimed, identity, names, (tickSeconds * 1000) / Math.max(claimed.length, 1));
      for (const closingTime of closingTimes) {
        if (refused.length === 0) break;
        Context.current().heartbeat();
        await wait(closingTime, undefined, { signal: Context.current().cancellationSignal });
        // The one that runs may be the very audit that this batch started, before its worker died.
        const notBegun = new Set((await soon(readNotBegun(db, batch))).map(({ workflowId }) => workflowId));
        refused = await startAll(
          refused.filter(({ workflowId }) => notBegun.has(workflowId)),
          identity,
          names,
          0,
        );
      }
      return { started: claimed.length, brakes: brakes.map(({ name, reason }) => `${name}: ${reason}`) };
    },
  };

  /**
   * @param apart milliseconds by which each begins after the one before: over the tick, so that they don't all want a turn at
   *   the web service at once. One that finds a turn at once is a step shorter.
   * @returns those of whose entity a workflow was still running.
   */
  async function startAll(
    audits: readonly PacedAudit[],
    identity: DeploymentIdentity,
    names: ReadonlyMap<string, EntityName>,
    apart: number,
  ): Promise<readonly PacedAudit[]> {
    const refused: PacedAudit[] = [];
    for (const [place, audit] of audits.entries()) {
      Context.current().heartbeat();
      const name = names.get(audit.gid) ?? null;
      const shown = { name, links: config(), usable: searchAttributes, delay: Math.floor(place * apart) };
      if (!(await startAudit(temporal, audit, 'paced', config().audit, identity, shown))) refused.push(audit);
    }
    return refused;
  }
}

/** What the database says, where it says so before the next heartbeat is due. */
function soon<Answer>(asked: Promise<Answer>): Promise<Answer> {
  Context.current().heartbeat();
  return within(longestQuery, 'the database', asked);
}
