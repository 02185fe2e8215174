import { Hono } from 'hono';
import { z } from 'zod';
import { coolDownNames, storedBrakeNames } from '../../../domain/brake.ts';
import { type OperatorAction, readActionsOn } from '../../../database/bulk-actions/operator-actions.ts';
import { type Pacing, readPacing } from '../../../database/pace/read-brakes.ts';
import { entityTypes } from '../../../domain/entity.ts';
import { type PaceSchedule, readPaceSchedule, type TemporalAnswer } from '../../../starters/pause-schedule.ts';
import {
  canaryInWords,
  fullPassInWords,
  modeSourceInWords,
  ofArchive,
  paceAndSourceInWords,
  scheduleInWords,
} from '../../../wording/schedule.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { choice, readParameters } from '../../forms/parameters.ts';
import { askTemporal } from '../../temporal.ts';
import { OperatorActions } from '../record/operator-actions.tsx';
import {
  endWindowAction,
  type Notice,
  noticeNames,
  notices,
  pauseAction,
  releaseAction,
  resumeAction,
  setPaceAction,
  setWindowAction,
} from './actions.ts';
import { Brakes } from './brakes.tsx';
import { PaceForm, PauseForm, storedBrake, Windows } from './forms.tsx';
import { ModeForm, setModeAction } from './mode-form.tsx';

/** What the page of the schedule shows. */
interface ShownSchedule extends Pacing {
  readonly temporal: TemporalAnswer<PaceSchedule | null>;
  /** What was last done to any of it. */
  readonly actions: readonly OperatorAction[];
}

/** Milliseconds. A page that is loaded every few seconds does without rather than wait. */
const patience = 1000;
const shownActions = 5;

async function readSchedule(c: PageContext): Promise<ShownSchedule> {
  const config = c.var.parts.config();
  const [temporal, known] = await Promise.all([
    askTemporal(c, patience, readPaceSchedule),
    c.var.read(async (q) => {
      const targets = ['pace', 'mode', 'window', ...storedBrakeNames, ...coolDownNames];
      const actions = await readActionsOn(q, targets, shownActions);
      return { ...(await readPacing(q, config)), actions };
    }),
  ]);
  return { ...known, temporal };
}

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
    .post('/schedule/pause-audits', (c) => pauseAction(c, 'audits'))
    .post('/schedule/resume-audits', (c) => resumeAction(c, 'audits'))
    .post('/schedule/pause-events', (c) => pauseAction(c, 'events'))
    .post('/schedule/resume-events', (c) => resumeAction(c, 'events'))
    .post('/schedule/window', setWindowAction)
    .post('/schedule/end-window', endWindowAction)
    .post('/schedule/pause-repairs', (c) => pauseAction(c, 'repairs'))
    .post('/schedule/resume-repairs', (c) => resumeAction(c, 'repairs'))
    .post('/schedule/release', releaseAction);
}

/** When somebody set what stands before it. */
function Since({ at }: { readonly at: Date | null }) {
  if (at === null) return null;
  return (
    <>
      , <When at={at} />
    </>
  );
}

/** As the shell says it, but for the next run: that is an age here. */
function TemporalSchedule({ temporal, isBraked }: Pick<ShownSchedule, 'temporal'> & { readonly isBraked: boolean }) {
  const schedule = temporal.kind === 'answered' ? temporal.answer : null;
  const [next] = schedule?.isPaused === isBraked ? schedule.nextRuns : [];
  if (schedule === null || schedule.isPaused || next === undefined) return <>{scheduleInWords(temporal, isBraked)}</>;
  if (next.getTime() <= Date.now()) return <>checks now</>;
  return (
    <>
      checks next <When at={next} />
    </>
  );
}

interface SchedulePageProps {
  readonly c: PageContext;
  readonly shown: ShownSchedule;
  readonly done: Notice | undefined;
}

/** How many audits are started, what keeps them and events from it, and the levers. */
function SchedulePage({ c, shown, done }: SchedulePageProps) {
  const { pace, ownPaces, mode, canary, fullPass, brakes, windows, temporal, actions } = shown;
  const isBraked = storedBrake(brakes, 'audits_paused') !== null;
  return (
    <Page c={c} title="Schedule" section="/schedule" live>
      {done !== undefined && (
        <p class="notice good" role="status">
          {notices[done]}
        </p>
      )}
      <dl class="facts" id="schedule">
        <div>
          <dt>Pace</dt>
          <dd>
            {paceAndSourceInWords(pace)}
            <Since at={pace.setAt} />
            {ownPaces.map((own) => (
              <div>
                {`${ofArchive(own.entityType).trimStart()}: ${paceAndSourceInWords(own)}`}
                <Since at={own.setAt} />
              </div>
            ))}
          </dd>
        </div>
        <div>
          <dt>A full pass</dt>
          <dd>{fullPassInWords(fullPass)}</dd>
        </div>
        <div>
          <dt>Mode</dt>
          <dd>
            {mode.mode}, {modeSourceInWords(mode)}
            <Since at={mode.setAt} />
            {mode.mode === 'report' && (
              <>
                : <a href="/plan">what repair mode would do</a>
              </>
            )}
          </dd>
        </div>
        {canary !== null && (
          <div id="canary-summary">
            <dt>Canary</dt>
            <dd>{canaryInWords(canary)}</dd>
          </div>
        )}
        <div>
          <dt>Temporal’s schedule</dt>
          <dd>
            <TemporalSchedule temporal={temporal} isBraked={isBraked} />
          </dd>
        </div>
      </dl>
      <h2>Pace, pauses and mode</h2>
      <div class="cards">
        <PaceForm c={c} pace={pace} entityType={null} />
        <PauseForm c={c} what="audits" brakes={brakes} />
        <PauseForm c={c} what="events" brakes={brakes} />
        <PauseForm c={c} what="repairs" brakes={brakes} />
        <ModeForm c={c} mode={mode} />
        {entityTypes.map((entityType) => (
          <PaceForm
            c={c}
            pace={ownPaces.find((own) => own.entityType === entityType) ?? null}
            entityType={entityType}
          />
        ))}
      </div>
      <h2>Windows</h2>
      <Windows c={c} windows={windows} />
      <h2>Brakes</h2>
      <Brakes c={c} brakes={brakes} />
      <h2>Last changes</h2>
      {actions.length === 0 ? (
        <p class="none">None is recorded.</p>
      ) : (
        <OperatorActions c={c} actions={actions} caption="What people last did to pace, mode, windows and brakes" />
      )}
      <p>
        <a href="/record">All that people did</a>
      </p>
    </Page>
  );
}
