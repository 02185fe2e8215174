import { Hono } from 'hono';
import { z } from 'zod';
import type { DashboardEnv } from '../../environment.ts';
import { choice } from '../../lists/parameter-kinds.ts';
import { readParameters } from '../../lists/read-parameters.ts';
import { setModeAction } from './mode-action.ts';
import { noticeNames } from './notices.ts';
import { setPaceAction } from './pace-action.ts';
import { pause, resume } from './pause-action.ts';
import { readSchedule } from './read-schedule.ts';
import { releaseAction } from './release-action.ts';
import { SchedulePage } from './schedule-page.tsx';

const parameters = z.object({ done: choice(noticeNames) });

/** Pace, pauses and brakes. */
export function scheduleRoutes(): Hono<DashboardEnv> {
  return new Hono<DashboardEnv>()
    .get('/schedule', async (c) => {
      const { done } = readParameters(c, parameters);
      return c.html(<SchedulePage c={c} shown={await readSchedule(c)} done={done} />);
    })
    .post('/schedule/pace', setPaceAction)
    .post('/schedule/mode', setModeAction)
    .post('/schedule/pause-audits', (c) => pause(c, 'audits'))
    .post('/schedule/resume-audits', (c) => resume(c, 'audits'))
    .post('/schedule/pause-events', (c) => pause(c, 'events'))
    .post('/schedule/resume-events', (c) => resume(c, 'events'))
    .post('/schedule/release', releaseAction);
}
