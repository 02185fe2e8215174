import type { PlanLimit, RepairModePlan } from '../domain/decision/repair-mode-plan.ts';
import { aboutDuration } from './time.ts';

/** Events by action, those that there are: `1,200 index, 3 copy_image`. */
export function plannedEventsInWords(events: RepairModePlan['events']): string {
  const some = Object.entries(events).filter(([, count]) => count > 0);
  return some.length === 0
    ? 'none'
    : some.map(([action, count]) => `${count.toLocaleString('en')} ${action}`).join(', ');
}

const limits: Readonly<Record<PlanLimit, string>> = {
  archive: '[archive] requests_per_second',
  audits: 'the pace of audits',
  waiting_repairs: '[audit] max_waiting_repairs',
  web_service: '[musicbrainz] requests_per_second',
};

/** How long it takes if nothing else is audited meanwhile, and what that is set by. */
export function planTimeInWords({ entities, hours, limitedBy }: RepairModePlan): string {
  return entities === 0 ? 'no time' : `${aboutDuration(3600 * hours)}, set by ${limits[limitedBy]}`;
}

/** A share from 0 to 1. */
export function percent(share: number): string {
  return `${(100 * share).toLocaleString('en', { maximumSignificantDigits: 2 })} %`;
}
