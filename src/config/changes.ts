import type { Config } from './config.ts';
import { inFile, isSecret } from './schema.ts';

/**
 * What a reload changed, a line each: `[audit] per_hour: 600 → 60`. Secrets are named, not shown.
 */
export function describeChanges(before: Config, after: Config): string[] {
  const old = byKey(before);
  const names = byKey(after);
  const lines: string[] = [];
  for (const name of new Set([...old.keys(), ...names.keys()])) {
    const [was, is] = [old.get(name), names.get(name)];
    if (was?.shown === is?.shown) continue;
    const secret = was?.secret ?? is?.secret ?? false;
    lines.push(secret ? `${name}: changed` : `${name}: ${was?.shown ?? 'not set'} → ${is?.shown ?? 'not set'}`);
  }
  return lines;
}

/** What takes over a changed configuration while it runs. */
export type Reloading = 'dashboard' | 'worker';

/** What each reads only when it starts. */
const atStart: Readonly<Record<Reloading, RegExp>> = {
  dashboard: /^\[(dashboard\] (auth|listen|pid_file|secret|temporal_ui)|(database|sentry)\] \w+):/,
  worker: /^\[(archive\] concurrency|(database|sentry|worker)\] \w+|monitoring\] listen):/,
};

/** Whether such a line is about a key that this process reads only when it starts. */
export function readAtStartOnly(process: Reloading, change: string): boolean {
  return atStart[process].test(change);
}

/**
 * What a worker goes by in its work, by section and key as the file writes them; of a secret only that there is one.
 * Left out is what may well differ from worker to worker: how it is reached, where it logs to, and the mode, which is in
 * the database.
 */
export function workingSettings(config: Config): Readonly<Record<string, string>> {
  const settings = [...byKey(config)].filter(([name]) => !ofOneProcess.test(name));
  return Object.fromEntries(settings.map(([name, { shown, secret }]) => [name, secret ? 'set' : shown]));
}

const ofOneProcess = /^\[(audit\] mode$|(dashboard|database|log|monitoring|sentry)\]|worker\] (build_id|pid_file)$)/;

function byKey(config: Config): Map<string, { shown: string; secret: boolean }> {
  const keys = new Map<string, { shown: string; secret: boolean }>();
  for (const [section, values] of Object.entries(config)) {
    for (const [name, value] of Object.entries(values as Record<string, unknown>)) {
      if (value === null || value === undefined) continue;
      const key = inFile(name);
      const secret = isSecret(section, key) || key === 'connection_string';
      keys.set(`[${section}] ${key}`, {
        shown: Array.isArray(value) ? value.join(', ') : JSON.stringify(value),
        secret,
      });
    }
  }
  return keys;
}
