import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  auditsInHand,
  giveBackLapsedClaims,
  giveBackLostAudit,
  noticeEventsEndedElsewhere,
  recheckEntities,
  settleRepairQueue,
  switchToRepairMode,
} from '../database/entity-states/index.ts';
import { claimsInHand } from '../database/event-queries/index.ts';
import {
  deleteOldCompleted,
  failBlocked,
  giveBackForeignRunning,
  giveBackLostClaim,
} from '../database/event-states/index.ts';
import { countHours } from '../database/activity/index.ts';
import { readBrakes } from '../database/brakes/index.ts';
import { forgetFeedingSteps } from '../database/feeding-steps.ts';
import { trimHistory } from '../database/history/trim-history.ts';
import { noteBrakes, readMode } from '../database/pace/index.ts';
import { agreeOnPause } from '../starters/pause-schedule.ts';
import { isWorkflowOpen } from '../temporal.ts';
import { logBrakes } from './brake-log.ts';
import type { Dependencies } from './dependencies.ts';
import type { OutcomeLog } from './outcome-log.ts';

export type Housekeeper = ReturnType<typeof createHousekeeper>;

/** What keeps rows moving that nobody would move otherwise. Every step may be repeated, and finds nothing then. */
export function createHousekeeper({
  db,
  config,
  temporal,
  log,
}: Dependencies & { readonly temporal: Client; readonly log?: OutcomeLog | undefined }) {
  return {
    /** Events whose workflow is gone, those that the other daemon left running, and those that would wait for ever. */
    async giveBackEvents(): Promise<Record<string, number>> {
      let lostEvents = 0;
      for (const claim of await claimsInHand(db, config().housekeeping)) {
        Context.current().heartbeat();
        // Where Temporal can't be asked this throws, and nothing is given back.
        if (await isWorkflowOpen(temporal, claim.workflowId, claim.runId)) continue;
        if ((await giveBackLostClaim(db, claim, config())) !== 'not_ours') lostEvents += 1;
      }
      const foreignEvents = (await giveBackForeignRunning(db, config())).length;
      const blockedEvents = (await failBlocked(db, config())).length;
      return { lostEvents, foreignEvents, blockedEvents };
    },

    /** Audits whose workflow, or shell, is gone. */
    async giveBackAudits(): Promise<Record<string, number>> {
      let lostAudits = 0;
      const settings = { ...config().audit, ...config().housekeeping };
      for (const audit of await auditsInHand(db, settings)) {
        Context.current().heartbeat();
        if (await isWorkflowOpen(temporal, audit.workflowId, audit.runId)) continue;
        if ((await giveBackLostAudit(db, audit, settings)) === 'given_back') lostAudits += 1;
      }
      return { lostAudits, lapsedClaims: await giveBackLapsedClaims(db, config().audit) };
    },

    /** Entities whose events ended unseen, whose repairs have ended, or whose last audit is long ago. */
    async moveEntitiesOn(): Promise<Record<string, number>> {
      const { audit } = config();
      return {
        noticedEvents: await noticeEventsEndedElsewhere(db, audit),
        settledRepairs: await settleRepairQueue(db, audit),
        rechecked: await recheckEntities(db, audit),
        ...((await readMode(db, audit)).mode === 'repair' ? { freedFromReportMode: await switchToRepairMode(db) } : {}),
      };
    },

    /** Where somebody paused the schedule in Temporal, or Temporal was away when an operator paused or resumed audits. */
    async agreeOnPause(): Promise<Record<string, number>> {
      const agreement = await agreeOnPause(db, temporal);
      // While the schedule is paused no tick of the pace tells of brakes.
      logBrakes(log, await db.transaction(async (tx) => noteBrakes(tx, await readBrakes(tx, config()))));
      return agreement === 'agreed' ? {} : { [agreement]: 1 };
    },

    async deleteOldRows(): Promise<Record<string, number>> {
      // Before anything of them is deleted.
      const countedHours = await countHours(db);
      const deletedEvents = await deleteOldCompleted(db, config());
      Context.current().heartbeat();
      const deletedAudits = await trimHistory(db, config());
      return { countedHours, deletedEvents, deletedAudits, forgottenSteps: await forgetFeedingSteps(db) };
    },
  };
}
