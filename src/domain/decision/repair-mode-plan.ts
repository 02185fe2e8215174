import { findCheck, positionOf } from '../checks/catalogue.ts';
import type { EventAction } from '../queue/indexer-event.ts';
import { addCounts, type RequestCounts, type RequestKind } from '../queue/request-count.ts';

type RepairAction = Exclude<EventAction, 'noop'>;

/** Entities that wait for repair mode, of which audits found the same checks to be repaired. */
export interface WaitingGroup {
  /** Each once. */
  readonly checks: readonly string[];
  readonly entities: number;
  /** Of these, those that are live: the breaker judges no others. */
  readonly live: number;
  /** Copies to the entities' own items, from those of MBIDs merged into them. */
  readonly copiesHere: number;
  /** Copies from their items to those of the images' owners. */
  readonly copiesAway: number;
  readonly deletions: number;
  readonly deindexes: number;
}

/** What was found in report mode. */
export interface ReportedFindings {
  readonly groups: readonly WaitingGroup[];
  /** Events that would be queued, each once whoever orders it. */
  readonly events: Readonly<Record<RepairAction, number>>;
  /** Requests that the entities' audits made: they are audited again before anything is queued. */
  readonly requests: RequestCounts;
  /** Decided audits of live entities, the newest of each, and for each check how many repair or review it. */
  readonly decided: { readonly audits: number; readonly checks: Readonly<Record<string, number>> };
  /** Whether more entities wait than were counted. */
  readonly isPart: boolean;
}

/** What sets the time that repairs take, as it is now. */
export interface PlanSettings {
  readonly auditsPerHour: number;
  readonly archiveRequestsPerSecond: number;
  readonly webServiceRequestsPerSecond: number;
  readonly maxWaitingRepairs: number;
  readonly tickSeconds: number;
  readonly breakerShare: number;
  readonly breakerExcept: readonly string[];
}

/** What one check would have queued. An `index` that several checks ask for is one event, and counts for each. */
interface PlannedCheck {
  readonly check: string;
  readonly entities: number;
  /** Of these, the entities that would be left alone if the check's policy were `report`. */
  readonly alone: number;
  readonly events: Readonly<Record<RepairAction, number>>;
  /** Of the decided audits of live entities, from 0 to 1. */
  readonly shareOfDecided: number;
  /** Of the live entities that wait: these are audited one after the other once the mode is changed. */
  readonly shareOfWaiting: number;
  /** Whether either share puts the breaker on. */
  readonly breaks: boolean;
}

/** What bounds the time. */
export type PlanLimit = 'archive' | 'audits' | 'waiting_repairs' | 'web_service';

export interface RepairModePlan {
  readonly entities: number;
  readonly isPart: boolean;
  readonly events: Readonly<Record<RepairAction, number>>;
  readonly imagesCopied: number;
  readonly imagesDeleted: number;
  readonly requests: RequestCounts;
  readonly hours: number;
  readonly limitedBy: PlanLimit;
  /** The cheap and certain ones first: no image touched, then the fewest entities. */
  readonly checks: readonly PlannedCheck[];
}

/** Of what an event that is carried out at once sends (domain page artwork-indexer.md; a delete's guard looks first). */
const requestsOfEvent: Readonly<Record<RepairAction, RequestCounts>> = {
  index: { put: 2, ws: 1 },
  copy_image: { copy: 1 },
  delete_image: { tasks: 1, metadata: 2, delete: 1 },
  deindex: { delete: 1 },
};

/** Of an audit that sees the entity repaired. */
const requestsOfCleanAudit: RequestCounts = { metadata: 1, ws: 1 };

/** What repair mode would queue from what report mode has found, if nothing changed meanwhile. */
export function planRepairMode(found: ReportedFindings, settings: PlanSettings): RepairModePlan {
  const { groups, events } = found;
  const entities = sum(groups.map((group) => group.entities));
  const requests = addCounts(
    found.requests,
    times(requestsOfCleanAudit, entities),
    ...actions.map((action) => times(requestsOfEvent[action], events[action])),
  );
  return {
    entities,
    isPart: found.isPart,
    events,
    imagesCopied: events.copy_image,
    imagesDeleted: events.delete_image,
    requests,
    ...timeOf(entities, requests, sum(actions.map((action) => events[action])), settings),
    checks: plannedChecks(found, settings),
  };
}

const actions = ['index', 'copy_image', 'delete_image', 'deindex'] as const satisfies readonly RepairAction[];

function timeOf(
  entities: number,
  requests: RequestCounts,
  events: number,
  settings: PlanSettings,
): Pick<RepairModePlan, 'hours' | 'limitedBy'> {
  const ofArchive = sum(Object.entries(requests).map(([kind, count]) => ((kind as RequestKind) === 'ws' ? 0 : count)));
  const bounds: readonly (readonly [PlanLimit, number])[] = [
    // Each entity is audited before its repairs, and after them.
    ['audits', (2 * entities) / settings.auditsPerHour],
    ['archive', ofArchive / settings.archiveRequestsPerSecond / 3600],
    ['web_service', requests.ws! / settings.webServiceRequestsPerSecond / 3600],
    // The limit of what is queued between two ticks of the pacer.
    ['waiting_repairs', ((events / settings.maxWaitingRepairs) * settings.tickSeconds) / 3600],
  ];
  const [limitedBy, hours] = bounds.reduce((longest, each) => (each[1] > longest[1] ? each : longest));
  return { hours, limitedBy };
}

function plannedChecks({ groups, decided }: ReportedFindings, settings: PlanSettings): PlannedCheck[] {
  const waitingLive = sum(groups.map(({ live }) => live));
  const names = [...new Set(groups.flatMap(({ checks }) => checks))];
  const planned = names.map((check) => {
    const own = groups.filter(({ checks }) => checks.includes(check));
    const shareOfDecided = share(decided.checks[check] ?? 0, decided.audits);
    const shareOfWaiting = share(sum(own.map(({ live }) => live)), waitingLive);
    const common = Math.max(shareOfDecided, shareOfWaiting) >= settings.breakerShare;
    return {
      check,
      entities: sum(own.map(({ entities }) => entities)),
      alone: sum(own.filter(({ checks }) => checks.length === 1).map(({ entities }) => entities)),
      events: eventsOf(check, own),
      shareOfDecided,
      shareOfWaiting,
      breaks: common && !settings.breakerExcept.includes(check),
    };
  });
  const imagesOf = ({ events }: PlannedCheck): number => events.copy_image + events.delete_image;
  return planned.sort(
    (one, other) =>
      Math.sign(imagesOf(one)) - Math.sign(imagesOf(other)) ||
      one.entities - other.entities ||
      positionOf(one.check) - positionOf(other.check),
  );
}

/** What a check's own repair is; every repair of a live entity's images brings an `index` along. */
function eventsOf(check: string, own: readonly WaitingGroup[]): Readonly<Record<RepairAction, number>> {
  const total = (count: (group: WaitingGroup) => number): number => sum(own.map(count));
  const none = { index: 0, copy_image: 0, delete_image: 0, deindex: 0 };
  const policy = findCheck(check)?.policies[0];
  if (policy === 'deindex') return { ...none, deindex: total(({ deindexes }) => deindexes) };
  const index = total(({ live }) => live);
  if (policy === 'copy_image') return { ...none, index, copy_image: total(({ copiesHere }) => copiesHere) };
  if (policy === 'delete_image') {
    const copies = total(({ copiesAway }) => copiesAway);
    return { ...none, index, copy_image: copies, delete_image: total(({ deletions }) => deletions) };
  }
  return { ...none, index };
}

function times(counts: RequestCounts, factor: number): RequestCounts {
  return Object.fromEntries(Object.entries(counts).map(([kind, count]) => [kind, count * factor]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
