import type { ProjectName } from '../domain/entity.ts';

/** Types of Temporal failures, by what a workflow should do about them; the messages are for people only. */
export const failureTypes = {
  /** Cannot be judged: Temporal tries again, then the attempt fails. */
  unreadable: 'Unreadable',
  /** A long pause was asked for: release the work, at no cost to it. */
  coolDown: 'CoolDown',
  /** A project's key is refused: stop the project, at no cost to the work. */
  keyRefused: 'KeyRefused',
  /** This request is refused: the attempt fails at once. */
  refused: 'Refused',
  /** No attempt can ever succeed: the event fails for good. */
  impossible: 'Impossible',
  /** The database went away, or has a fault of its own: Temporal tries again, then the work is released, at no cost to it. */
  databaseAway: 'DatabaseAway',
  /** Not yet: snooze the event, at no cost to it. */
  notYet: 'NotYet',
} as const;
export type FailureType = (typeof failureTypes)[keyof typeof failureTypes];

/**
 * What different items may fail with for one reason, which is none of theirs: the archive or the web service has a fault,
 * can't be reached, or lets nobody write.
 */
export type Likeness = 'AccessDenied' | 'no answer' | 'server error';

/** What goes with a failure of those types; its only detail. */
export interface FailureDetail {
  /** Of `databaseAway`, where the statement itself may be what is too much for the database. */
  readonly sqlState?: string;
  /** Of `coolDown`, where it was no service that asked for the pause but a window of an operator's. */
  readonly window?: true;
  /** Of `refused` and `unreadable`, where others may fail alike. */
  readonly alike?: Likeness;
  /** Of `coolDown` and `notYet`: seconds. */
  readonly waitSeconds?: number;
  /** Of `keyRefused`. */
  readonly project?: ProjectName;
  /** What the service answered, where it did. */
  readonly answer?: {
    readonly status: number | null;
    /** Of S3's error document. Not set by older versions. */
    readonly code?: string | null;
    readonly bodyExcerpt: string;
    readonly requestId: string | null;
  };
}
