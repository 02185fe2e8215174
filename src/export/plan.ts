import type { RepairModePlan } from '../domain/decision/repair-mode-plan.ts';

/** The plan for repair mode as programs get it, from the shell and from the API alike. Described in docs/api.md. */
export function planInJson(plan: RepairModePlan): Readonly<Record<string, unknown>> {
  return {
    entities: plan.entities,
    is_part: plan.isPart,
    events: plan.events,
    images_copied: plan.imagesCopied,
    images_deleted: plan.imagesDeleted,
    requests: plan.requests,
    hours: plan.hours,
    limited_by: plan.limitedBy,
    checks: plan.checks.map((check) => ({
      check: check.check,
      entities: check.entities,
      alone: check.alone,
      events: check.events,
      share_of_decided: check.shareOfDecided,
      share_of_waiting: check.shareOfWaiting,
      breaker: check.breaks,
    })),
  };
}
