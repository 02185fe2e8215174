import type { DemoOutcome } from './outcome.ts';

/** The demo's end, for people. */
export function outcomeTable(outcome: DemoOutcome): string {
  const rows: [string, string][] = [
    ['audited', `${outcome.audited} entities`],
    ['clean', `${outcome.clean}, of which ${outcome.repaired} were repaired and seen to be`],
    ['in review', String(outcome.manual_review)],
    ['legacy', `${outcome.legacy} orphans of which nothing is left in public`],
    ['indexer events', `${outcome.events_completed} completed, ${outcome.events_failed} failed`],
    ['requests', `${list(outcome.archive_requests)}; to the web service ${outcome.musicbrainz_requests}`],
    ['each clean audit', list(outcome.requests_per_clean_audit)],
    ['took', `${outcome.seconds} s`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n');
}

function list(counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts).filter(([, count]) => count > 0);
  return named.length === 0
    ? 'none'
    : named.map(([kind, count]) => `${kind} ${Math.round(count * 100) / 100}`).join(', ');
}
