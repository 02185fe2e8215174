import type { ProjectName } from '../../domain/entity.ts';

/** What one check came to. */
export interface CheckOutcome {
  readonly name: CheckName;
  /** `not_looked`: what it needs is away, so that nothing is known of it. */
  readonly state: 'failed' | 'not_looked' | 'ok' | 'warning';
  /** What is there, or what is wrong and what to do; one line. */
  readonly detail: string;
  /** What there is to say beyond that, a line each. */
  readonly lines: readonly string[];
}

export type CheckName =
  | 'archive'
  | 'build'
  | 'configuration'
  | 'database'
  | 'edits'
  | `key of ${ProjectName}`
  | 'listening'
  | 'migrations'
  | 'musicbrainz'
  | 'rights'
  | 'schema'
  | 'temporal'
  | 'triggers'
  | 'workers';

export function ok(name: CheckName, detail: string, lines: readonly string[] = []): CheckOutcome {
  return { name, state: 'ok', detail, lines };
}

export function warning(name: CheckName, detail: string, lines: readonly string[] = []): CheckOutcome {
  return { name, state: 'warning', detail, lines };
}

export function failed(name: CheckName, detail: string, lines: readonly string[] = []): CheckOutcome {
  return { name, state: 'failed', detail, lines };
}

export function notLooked(name: CheckName, detail: string): CheckOutcome {
  return { name, state: 'not_looked', detail, lines: [] };
}
