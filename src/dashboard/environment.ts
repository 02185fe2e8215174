import type { Activity } from '../database/figures/activity.ts';
import type { Attention, Standing } from '../database/figures/standing.ts';
import type { WorkSince } from '../database/figures/work-since.ts';
import type { Client } from '@temporalio/client';
import type { Context, Hono } from 'hono';
import type { Config } from '../config/config.ts';
import type { Database, Queryable } from '../database/connection.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusals.ts';

/** What the dashboard is made of; given once, at its start. */
export interface DashboardParts {
  readonly db: Database;
  /** The configuration as it is at the moment of asking. */
  readonly config: () => Config;
  /**
   * Temporal's client, connected when it is first needed. Pages that only read the database never ask.
   *
   * @throws {TemporalUnreachableError}
   */
  readonly temporal: () => Promise<Client>;
  /** Where Temporal's UI is, for links; null where that isn't known. */
  readonly temporalUi: string | null;
  /** Signs cookies and form tokens. The same for all instances that share visitors. */
  readonly secret: string;
  readonly log: DashboardLog;
  /** Answers /healthz, /readyz and /metrics, where there is one. */
  readonly monitoring?: Hono;
}

interface DashboardLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A form that was refused, for the page that shows it again. */
export interface RefusedForm {
  readonly refusal: Refusal;
  /** Its id in that page. */
  readonly form: string;
  /** What was sent, by the names of its fields. */
  readonly sent: ReadonlyMap<string, readonly string[]>;
  /** Who sent it: it is shown again to nobody else. */
  readonly by: Pick<DashboardEnv['Variables'], 'formToken' | 'logoutPath' | 'person'>;
}

/** What every handler finds in its context. */
export interface DashboardEnv {
  Variables: {
    parts: DashboardParts;
    /** Who asks. Set for every page but the ways in (login, health, assets). */
    person: Person;
    /** What a form must send back; bound to this browser's session. */
    formToken: string;
    /** Where a form logs out; not set where nobody logged in here. */
    logoutPath?: string;
    /** Set where the page is asked for to show again what was refused. */
    refused?: RefusedForm;
    /** What the frame of every page shows; null where it can't be read, or not in time. */
    attention: () => Promise<Attention | null>;
    /** How everything stands, for the overview and programs alike; null where it can't be read, or not in time. */
    standing: () => Promise<Standing | null>;
    /** What was done in the last hours; null as above. */
    activity: (hours: number) => Promise<Activity | null>;
    /** What was done since a moment; null as above. */
    work: (since: Date) => Promise<WorkSince | null>;
    /** Reads on one snapshot, read-only, each statement with the configured time limit. */
    read: <Result>(work: (q: Queryable) => Promise<Result>) => Promise<Result>;
  };
}

export type PageContext = Context<DashboardEnv>;
