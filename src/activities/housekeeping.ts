import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { failBlocked } from '../database/attempts/fail-for-good.ts';
import { releaseForeignRunning, releaseLostClaim } from '../database/attempts/release-event.ts';
import { deleteOldCompleted, trimHistory } from '../database/audits/trim-history.ts';
import { forgetUnconfirmed } from '../database/bulk-actions/bulk-action.ts';
import { feedCanary } from '../database/pace/canary.ts';
import type { Queryable } from '../database/connection.ts';
import { countEach, isDatabaseAway, tryEach } from '../database/database-away.ts';
import { endHandOvers } from '../database/entities/hand-over.ts';
import {
  type AuditInProgress,
  auditsInProgress,
  releaseLapsedClaims,
  releaseLostAudit,
} from '../database/entities/lost-audits.ts';
import { recheckEntities, switchToRepairMode } from '../database/entities/make-due.ts';
import { noticeEventsEndedElsewhere } from '../database/entities/notice-ended-events.ts';
import { settleRepairQueue } from '../database/entities/settle-repairs.ts';
import { countHours } from '../database/figures/activity.ts';
import { recordStanding } from '../database/figures/standing.ts';
import { forgetIngestSteps } from '../database/ingest/steps.ts';
import { readMode } from '../database/pace/mode.ts';
import { noteBrakes } from '../database/pace/pace-tick.ts';
import { readBrakes } from '../database/pace/read-brakes.ts';
import { type ClaimInProgress, claimsInProgress } from '../database/queue/due-events.ts';
import { leaveEditedToMusicBrainz } from '../database/attempts/withdraw-events.ts';
import { requireIdentity } from '../database/schema/deployment.ts';
import type { DeploymentIdentity } from '../domain/deployment.ts';
import type { OutcomeLog } from '../logging/log.ts';
import { agreeOnPause } from '../starters/pause-schedule.ts';
import { isTemporalAway, isWorkflowOpen } from '../temporal/connection.ts';
import type { Dependencies } from './dependencies.ts';
import { logBrakes } from './outcome-log.ts';

export type Housekeeper = ReturnType<typeof createHousekeeper>;

type Counts = Record<string, number>;

/**
 * What keeps rows moving that nobody would move otherwise: steps that return what they did, by name. Every step may be
 * repeated, and finds nothing then. A part of one that fails keeps no other from its turn.
 */
export function createHousekeeper({
  db,
  config,
  temporal,
  log,
}: Dependencies & { readonly temporal: Client; readonly log?: OutcomeLog | undefined }) {
  const releaseEvent = (claim: ClaimInProgress) => releaseLostClaim(db, claim, config());
  const giveBackAudit = (audit: AuditInProgress) =>
    releaseLostAudit(db, audit, { ...config().audit, ...config().housekeeping });
  const steps = {
    /** Events whose workflow is gone, those that the other daemon left running, and those that would wait for ever. */
    giveBackEvents: () =>
      all([
        async () => ({
          lostEvents: await releaseLost(await claimsInProgress(db, config().housekeeping), releaseEvent),
        }),
        async () => ({ foreignEvents: (await releaseForeignRunning(db, config())).length }),
        async () => ({ blockedEvents: (await failBlocked(db, config())).length }),
        async () => ({ leftToMusicBrainz: await leaveEditedToMusicBrainz(db) }),
      ]),

    /** Audits whose workflow, or shell, is gone. */
    giveBackAudits: () =>
      all([
        async () => ({
          lostAudits: await releaseLost(await auditsInProgress(db, config().housekeeping), giveBackAudit),
        }),
        async () => ({ lapsedClaims: await releaseLapsedClaims(db, config().audit) }),
      ]),

    /** Entities whose events ended unseen, whose repairs have ended, or whose last audit is long ago. */
    moveEntitiesOn: () =>
      all([
        async () => ({ noticedEvents: await noticeEventsEndedElsewhere(db, config().audit) }),
        async () => ({ settledRepairs: await settleRepairQueue(db, config().audit) }),
        async () => ({ endedHandOvers: await endHandOvers(db) }),
        async () => ({ rechecked: await recheckEntities(db, config().audit) }),
        async (): Promise<Counts> => {
          const { mode, canary } = await readMode(db, config().audit);
          if (canary !== null) return { freedFromReportMode: await feedCanary(db, canary) };
          return mode === 'repair' ? { freedFromReportMode: await switchToRepairMode(db) } : {};
        },
      ]),

    /** Where somebody paused the schedule in Temporal, or Temporal was away when an operator paused or resumed audits. */
    agreeOnPause: () =>
      all([
        async (): Promise<Counts> => {
          const agreement = await agreeOnPause(db, temporal);
          return agreement === 'agreed' ? {} : { [agreement]: 1 };
        },
        async () => {
          // While the schedule is paused no tick of the pace reports brakes.
          logBrakes(log, await db.transaction(async (tx) => noteBrakes(tx, await readBrakes(tx, config()))));
          return {};
        },
      ]),

    deleteOldRows: () =>
      all([
        async () => ({
          // Before anything of them is deleted.
          countedHours: await countHours(db),
          ...(await all([
            async () => ({ deletedEvents: await deleteOldCompleted(db, config()) }),
            async () => ({ deletedAudits: await trimHistory(db, config()) }),
          ])),
        }),
        async () => {
          await recordStanding(db);
          return {};
        },
        async () => ({ forgottenSteps: await forgetIngestSteps(db) }),
        async () => ({ forgottenDryRuns: await forgetUnconfirmed(db, config().bulk.unconfirmedHours) }),
      ]),
  };
  return onlyForItsOwn(db, {
    ...steps,

    // The same, as rounds take them: in Temporal's history a step costs more than what most of these find to do.
    release: () => all([steps.giveBackEvents, steps.giveBackAudits, steps.agreeOnPause]),
    /** Nothing is deleted of which it could have been seen first that it ended. */
    moveOnAndDelete: () => all([steps.moveEntitiesOn, steps.deleteOldRows]),
  });

  /** Releases what Temporal says nobody works on. Where it can't be asked about one, that one stays. @returns how many */
  async function releaseLost<Held extends { readonly workflowId: string; readonly runId: string | null }>(
    held: readonly Held[],
    release: (lost: Held) => Promise<string>,
  ): Promise<number> {
    const { cancellationSignal } = Context.current();
    return countEach(
      held,
      async (one) => {
        Context.current().heartbeat();
        if (await isWorkflowOpen(temporal, one.workflowId, one.runId)) return 0;
        return (await release(one)) === 'not_ours' ? 0 : 1;
      },
      (error) => isDatabaseAway(error) || isTemporalAway(error) || cancellationSignal.aborted,
    );
  }
}

/** Does each part, whatever becomes of the others. @returns all their counts @throws as `tryEach` does */
async function all(parts: readonly (() => Promise<Counts>)[]): Promise<Counts> {
  const done = await tryEach(parts, (part) => part());
  return Object.assign({}, ...done) as Counts;
}

type Steps = Record<string, () => Promise<Counts>>;
type ServingSteps<Given extends Steps> = {
  readonly [Name in keyof Given]: (served?: DeploymentIdentity | null) => Promise<Counts>;
};

/** The same steps, each of which first checks whose deployment it is to look after. @throws {OtherDatabaseError} */
function onlyForItsOwn<Given extends Steps>(q: Queryable, steps: Given): ServingSteps<Given> {
  const serving = Object.entries(steps).map(
    ([name, step]) =>
      [
        name,
        async (served: DeploymentIdentity | null = null) => {
          await requireIdentity(q, served);
          return step();
        },
      ] as const,
  );
  return Object.fromEntries(serving) as ServingSteps<Given>;
}
