import { type EntityType, entityTypes, type ProjectName, projectNames, projects } from './entity.ts';

/** What a person can pause. `repairs`: the events that audits queued. */
export const pauseKinds = ['audits', 'events', 'repairs'] as const;
export type PauseKind = (typeof pauseKinds)[number];

/** What stays set until somebody or something releases it. */
export const storedBrakeNames = [
  /** By an operator: `events pause`. */
  'events_paused',
  /** By an operator: `repairs pause`. */
  'repairs_paused',
  /** By an operator: `schedule pause`. */
  'audits_paused',
  /** Recent audits say the same thing too often. */
  'breaker',
  /** The database has orphans that the web service still gives. */
  'database_and_ws_disagree',
  /** The workflow of an event can't continue: a warning. */
  'events_stuck',
  /** archive.org refuses the key of an art archive. */
  ...projectNames.map(keysBrake),
  /** Events of different items of an art archive failed with the same answer, one after the other. */
  ...projectNames.map(writesBrake),
  /** By an operator, of one art archive alone. */
  ...projectNames.flatMap((project) => pauseKinds.map((what) => `${what}_paused_${project}` as const)),
] as const;
export type StoredBrakeName = (typeof storedBrakeNames)[number];

/** What follows from other rows, and ends with them. */
export const computedBrakeNames = [
  'audits_disabled',
  'cool_down_archive',
  'cool_down_musicbrainz',
  'events_due',
  'too_many_in_progress',
  'too_many_repairs_waiting',
  /** Windows that an operator set, by what they stop. */
  'window_audits',
  'window_events',
  ...projectNames.flatMap((project) => [`window_audits_${project}` as const, `window_events_${project}` as const]),
] as const;
export type ComputedBrakeName = (typeof computedBrakeNames)[number];

/** What follows from a service's wish, and may be taken off all the same. */
export const coolDownNames = [
  'cool_down_archive',
  'cool_down_musicbrainz',
] as const satisfies readonly ComputedBrakeName[];
export type CoolDownName = (typeof coolDownNames)[number];

/** Something that keeps work from being started. */
export interface Brake {
  readonly name: ComputedBrakeName | StoredBrakeName;
  /** For people: why it is on, and what ends it. */
  readonly reason: string;
  /** Null where nothing tells since when. */
  readonly since: Date | null;
  /** When it ends, where that is known. */
  readonly until?: Date;
  /** Of one that is stored: what it was set for, e.g. the finding that a breaker saw. */
  readonly detail?: Readonly<Record<string, unknown>>;
  /**
   * What is not started meanwhile. Refused keys, and writes that fail alike, stop one project's events; their audits go
   * on. `repairs`: the events that audits queued; those of MusicBrainz and of people continue. `nothing`: a warning, of the
   * breaker in report mode, or of single events.
   */
  readonly stops: 'audits' | 'audits_and_events' | 'events' | 'nothing' | 'repairs';
}

/** The brake that is on while events of different items of a project fail alike. */
export function writesBrake(project: ProjectName): `writes_fail_${ProjectName}` {
  return `writes_fail_${project}`;
}

/** What stops a project's events until one of them that is tried now and then reports its end. */
export function probedBrakes(project: ProjectName): readonly StoredBrakeName[] {
  return [keysBrake(project), writesBrake(project)];
}

/** The brake of a person's pause. @param entityType null: of all */
export function pauseBrake<Kind extends PauseKind>(
  what: Kind,
  entityType: EntityType | null,
): `${Kind}_paused_${ProjectName}` | `${Kind}_paused` {
  return entityType === null ? `${what}_paused` : `${what}_paused_${projects[entityType].name}`;
}

/** The brake of windows without audits, or without events. @param entityType null: of all */
export function windowBrake<Kind extends 'audits' | 'events'>(
  what: Kind,
  entityType: EntityType | null,
): `window_${Kind}_${ProjectName}` | `window_${Kind}` {
  return entityType === null ? `window_${what}` : `window_${what}_${projects[entityType].name}`;
}

const pauses: readonly (readonly [string, PauseKind])[] = pauseKinds.flatMap((what) =>
  [null, ...entityTypes].map((entityType) => [pauseBrake(what, entityType), what] as const),
);

/** What a brake pauses, where it is a person's pause. */
export function pausedBy(name: Brake['name']): PauseKind | null {
  return pauses.find(([pause]) => pause === name)?.[1] ?? null;
}

/** The entity type whose work alone a brake keeps from being started; null where it keeps all. */
export function brakedType(name: Brake['name']): EntityType | null {
  return entityTypes.find((entityType) => name.endsWith(`_${projects[entityType].name}`)) ?? null;
}

const stopsEvents: ReadonlySet<StoredBrakeName> = new Set([
  ...projectNames.flatMap((project) => probedBrakes(project)),
]);

/** The brake that is on while archive.org refuses a project's key. */
export function keysBrake(project: ProjectName): `keys_refused_${ProjectName}` {
  return `keys_refused_${project}`;
}

/** What a stored brake stops. */
export function whatStops(name: StoredBrakeName): Brake['stops'] {
  if (name === 'events_stuck') return 'nothing';
  const paused = pausedBy(name);
  if (paused !== null) return paused;
  return stopsEvents.has(name) ? 'events' : 'audits';
}

/** Whether no paced audit, or none of one entity type, is started while this brake is on. */
export function stopsAudits(brake: Brake): boolean {
  return brake.stops === 'audits' || brake.stops === 'audits_and_events';
}

/** The entity types of which paced audits may be started while these brakes are on. */
export function auditableTypes(brakes: readonly Brake[]): readonly EntityType[] {
  const braked = brakes.filter(stopsAudits).map(({ name }) => brakedType(name));
  return braked.includes(null) ? [] : entityTypes.filter((entityType) => !braked.includes(entityType));
}

/** A moment as people read it, to the second and with its zone: `2026-01-31 12:00:00 UTC`. */
export function inUtc(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
