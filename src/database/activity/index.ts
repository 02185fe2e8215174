/** What was done in each hour: counted once when it is over, and until then as it is. */
export { countHours } from './count-hours.ts';
export { readActivity, type Activity, type ActivityHour } from './read-activity.ts';
export { commonFindings, type CommonFinding, type CommonFindings } from './common-findings.ts';
