import type { Client } from '@temporalio/client';
import { readCoolDowns, type Service } from '../database/brakes/budget.ts';
import type { Database } from '../database/connection.ts';
import { readMigrationStatus } from '../database/schema/migration-status.ts';
import { within } from '../lifetime/within.ts';
import { inOneLine } from '../terminal/terminal.ts';
import { commit, version } from '../version.ts';
import type { LastAnswers } from './process-metrics.ts';

export type Phase = 'running' | 'starting' | 'stopping';

/** What `/healthz` says: a process that answers is alive, and nothing else is asked for it. */
export interface Health {
  readonly status: 'ok';
  readonly version: string;
  readonly commit: string;
  readonly phase: Phase;
}

/** Of this build. */
const build = { version, commit: commit() };

export function healthOf(phase: Phase): Health {
  return { status: 'ok', ...build, phase };
}

/** What this program depends on, and whether it is there. */
export interface Dependency {
  readonly name: 'archive' | 'database' | 'migrations' | 'musicbrainz' | 'temporal';
  readonly ok: boolean;
  /** Whether a process without it is not ready. */
  readonly required: boolean;
  /** What is wrong, or what is known of it; one line. */
  readonly detail: string;
}

interface DependencySources {
  readonly db: Database;
  readonly temporal: Client;
  readonly temporalAddress: string;
  /** Milliseconds that each of them has to answer. */
  readonly timeout: number;
  readonly lastAnswers: LastAnswers;
}

/**
 * Asks the database and Temporal, and tells what is known of the archive and of the web service: these are never asked
 * for the sake of monitoring, since every request is taken from the budget. That they ask for a pause, or answer nothing
 * but errors, makes no process unready: it knows how to wait.
 */
export async function askDependencies(sources: DependencySources): Promise<readonly Dependency[]> {
  const [[database, migrations, coolDowns], temporal] = await Promise.all([askDatabase(sources), askTemporal(sources)]);
  return [
    database,
    migrations,
    temporal,
    describeService('archive', coolDowns, sources.lastAnswers),
    describeService('musicbrainz', coolDowns, sources.lastAnswers),
  ];
}

type CoolDowns = Awaited<ReturnType<typeof readCoolDowns>>;

async function askDatabase({ db, timeout }: DependencySources): Promise<[Dependency, Dependency, CoolDowns]> {
  const about = { required: true } as const;
  try {
    await within(timeout, 'the database', db.query('select 1'));
  } catch (error) {
    const unknown = {
      name: 'migrations',
      ok: false,
      detail: 'not known while the database is away',
      ...about,
    } as const;
    return [{ name: 'database', ok: false, detail: inOneLine(error), ...about }, unknown, []];
  }
  const database = { name: 'database', ok: true, detail: 'answers', ...about } as const;
  try {
    const { migrations, unknown } = await within(timeout, 'the database', readMigrationStatus(db));
    const missing = migrations.filter(({ applied }) => !applied).map(({ name }) => name);
    if (missing.length > 0) return [database, outdated(`lacks ${missing.join(', ')}: run migrate`), []];
    if (unknown.length > 0) return [database, outdated(`is newer than this program: ${unknown.join(', ')}`), []];
    const coolDowns = await within(timeout, 'the database', readCoolDowns(db));
    return [
      database,
      { name: 'migrations', ok: true, detail: `all ${migrations.length} applied`, ...about },
      coolDowns,
    ];
  } catch (error) {
    return [database, outdated(inOneLine(error)), []];
  }
  function outdated(detail: string): Dependency {
    return { name: 'migrations', ok: false, detail, ...about };
  }
}

async function askTemporal({ temporal, temporalAddress, timeout }: DependencySources): Promise<Dependency> {
  const about = { name: 'temporal', required: true } as const;
  try {
    const { namespace } = temporal.options;
    await temporal.withDeadline(Date.now() + timeout, () => temporal.workflowService.describeNamespace({ namespace }));
    return { ...about, ok: true, detail: `namespace ${namespace} answers` };
  } catch (error) {
    return { ...about, ok: false, detail: `${temporalAddress}: ${inOneLine(error)}` };
  }
}

function describeService(name: Service, coolDowns: CoolDowns, lastAnswers: LastAnswers): Dependency {
  const coolDown = coolDowns.find(({ service }) => service === name);
  const last = lastAnswers[name];
  const said =
    last === undefined ? 'not asked by this process yet' : `last answer ${last.answer}, at ${last.at.toISOString()}`;
  const detail = coolDown === undefined ? said : `cooling down until ${coolDown.until.toISOString()}; ${said}`;
  return { name, ok: coolDown === undefined && last?.answer !== 'none', required: false, detail };
}
