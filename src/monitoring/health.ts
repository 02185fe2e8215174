import { commit, version } from '../version.ts';

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
