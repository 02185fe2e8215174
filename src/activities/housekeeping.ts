import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  type AuditInHand,
  auditsInHand,
  giveBackLapsedClaims,
  giveBackLostAudit,
  noticeEventsEndedElsewhere,
  recheckEntities,
  settleRepairQueue,
  switchToRepairMode,
} from '../database/entity-states/index.ts';
import { type ClaimInHand, claimsInHand } from '../database/event-queries/index.ts';
import {
  deleteOldCompleted,
  failBlocked,
  giveBackForeignRunning,
  giveBackLostClaim,
} from '../database/event-states/index.ts';
import { countHours } from '../database/activity/index.ts';
import { readBrakes } from '../database/brakes/index.ts';
import type { Queryable } from '../database/connection.ts';
import { isDatabaseAway } from '../database/database-away.ts';
import { type DeploymentIdentity, requireIdentity } from '../database/schema/deployment.ts';
import { forgetFeedingSteps } from '../database/feeding-steps.ts';
import { trimHistory } from '../database/audits/trim-history.ts';
import { noteBrakes, readMode } from '../database/pace/index.ts';
import { agreeOnPause } from '../starters/pause-schedule.ts';
import { countEach, tryEach } from '../database/try-each.ts';
import { isTemporalAway, isWorkflowOpen } from '../temporal/connection.ts';
import { logBrakes } from './brake-log.ts';
import type { Dependencies } from './dependencies.ts';
import type { OutcomeLog } from './outcome-log.ts';

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
  const giveBackEvent = (claim: ClaimInHand) => giveBackLostClaim(db, claim, config());
  const giveBackAudit = (audit: AuditInHand) =>
    giveBackLostAudit(db, audit, { ...config().audit, ...config().housekeeping });
  return onlyForItsOwn(db, {
    /** Events whose workflow is gone, those that the other daemon left running, and those that would wait for ever. */
    giveBackEvents: () =>
      all([
        async () => ({ lostEvents: await giveBackLost(await claimsInHand(db, config().housekeeping), giveBackEvent) }),
        async () => ({ foreignEvents: (await giveBackForeignRunning(db, config())).length }),
        async () => ({ blockedEvents: (await failBlocked(db, config())).length }),
      ]),

    /** Audits whose workflow, or shell, is gone. */
    giveBackAudits: () =>
      all([
        async () => ({ lostAudits: await giveBackLost(await auditsInHand(db, config().housekeeping), giveBackAudit) }),
        async () => ({ lapsedClaims: await giveBackLapsedClaims(db, config().audit) }),
      ]),

    /** Entities whose events ended unseen, whose repairs have ended, or whose last audit is long ago. */
    moveEntitiesOn: () =>
      all([
        async () => ({ noticedEvents: await noticeEventsEndedElsewhere(db, config().audit) }),
        async () => ({ settledRepairs: await settleRepairQueue(db, config().audit) }),
        async () => ({ rechecked: await recheckEntities(db, config().audit) }),
        async (): Promise<Counts> => {
          const { mode } = await readMode(db, config().audit);
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
          // While the schedule is paused no tick of the pace tells of brakes.
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
        async () => ({ forgottenSteps: await forgetFeedingSteps(db) }),
      ]),
  });

  /** Gives back what Temporal says nobody works on. Where it can't be asked about one, that one stays. @returns how many */
  async function giveBackLost<Held extends { readonly workflowId: string; readonly runId: string | null }>(
    held: readonly Held[],
    giveBack: (lost: Held) => Promise<string>,
  ): Promise<number> {
    const { cancellationSignal } = Context.current();
    return countEach(
      held,
      async (one) => {
        Context.current().heartbeat();
        if (await isWorkflowOpen(temporal, one.workflowId, one.runId)) return 0;
        return (await giveBack(one)) === 'not_ours' ? 0 : 1;
      },
      (error) => isDatabaseAway(error) || isTemporalAway(error) || cancellationSignal.aborted,
    );
  }
}

/** Does each part, whatever becomes of the others. @returns all their counts @throws as `tryEach` does */
async function all(parts: readonly (() => Promise<Counts>)[]): Promise<Counts> {
  const done = await tryEach(parts, async (part) => {
    Context.current().heartbeat();
    return part();
  });
  return Object.assign({}, ...done) as Counts;
}

type Steps = Record<string, () => Promise<Counts>>;
type ServingSteps<Given extends Steps> = {
  readonly [Name in keyof Given]: (served?: DeploymentIdentity | null) => Promise<Counts>;
};

/** The same steps, each of which first looks whose deployment it is to look after. @throws {OtherDatabaseError} */
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
