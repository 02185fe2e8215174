import type { Queryable } from './connection.ts';

/** A worker that runs, and what it goes by. */
export interface RunningWorkerRow {
  /** Process and host, as Temporal names it too. */
  readonly name: string;
  /** `workingSettings` of its configuration. */
  readonly settings: Readonly<Record<string, string>>;
}

/** A setting in which workers differ; each value with those that go by it, null where it is not set. */
export interface SettingDifference {
  readonly setting: string;
  readonly values: readonly { readonly value: string | null; readonly workers: readonly string[] }[];
}

/**
 * Writes what a worker goes by, again where it is there already, and takes away what others left behind that ended
 * without a word.
 *
 * @param worker.forSeconds for how long it counts as running, if it isn't written again
 */
export async function announceWorker(
  q: Queryable,
  worker: RunningWorkerRow & { readonly id: string; readonly forSeconds: number },
): Promise<void> {
  await q.query(
    `with lapsed as (delete from artwork_reconciler.worker where lapses_at < now() and id <> $1)
     insert into artwork_reconciler.worker (id, name, lapses_at, settings)
     values ($1, $2, now() + make_interval(secs => $3), $4::jsonb)
     on conflict (id) do update set lapses_at = excluded.lapses_at, settings = excluded.settings`,
    [worker.id, worker.name, worker.forSeconds, JSON.stringify(worker.settings)],
  );
}

/** A worker that stops is none any more. */
export async function withdrawWorker(q: Queryable, id: string): Promise<void> {
  await q.query('delete from artwork_reconciler.worker where id = $1', [id]);
}

/** The workers that run, by name. One that was killed counts for as long as it said it would be back. */
export async function readWorkers(q: Queryable): Promise<readonly RunningWorkerRow[]> {
  const { rows } = await q.query<RunningWorkerRow>(
    'select name, settings from artwork_reconciler.worker where lapses_at >= now() order by name, id',
  );
  return rows;
}

/** The settings in which workers differ, by name; the value that most of them have first. */
export function differingSettings(workers: readonly RunningWorkerRow[]): readonly SettingDifference[] {
  const names = [...new Set(workers.flatMap(({ settings }) => Object.keys(settings)))].sort();
  return names.flatMap((setting) => {
    const byValue = new Map<string | null, string[]>();
    for (const { name, settings } of workers) {
      const value = settings[setting] ?? null;
      byValue.set(value, [...(byValue.get(value) ?? []), name]);
    }
    if (byValue.size < 2) return [];
    const values = [...byValue].map(([value, having]) => ({ value, workers: having }));
    return [{ setting, values: values.sort((one, other) => other.workers.length - one.workers.length) }];
  });
}
