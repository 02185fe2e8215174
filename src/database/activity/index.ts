/** What was done in each hour: counted once when it is over, and until then as it is. */
export { countHours } from './count-hours.ts';
export { type Activity, type ActivityHour, readActivity } from './read-activity.ts';
export { type CommonFinding, type CommonFindings, commonFindings } from './common-findings.ts';
