/** What audits find, by check, for people. Nothing here changes anything. */
export { readCheckCounts } from './read-check-counts.ts';
export { readRecentFindings, type RecentAudits, type RecentFindings } from './read-recent-findings.ts';
export { readStatusMix } from './read-status-mix.ts';
