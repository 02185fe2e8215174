import { Hono } from 'hono';
import { z } from 'zod';
import { type Brake, coolDownNames, storedBrakeNames } from '../../../database/brakes/brake.ts';
import type { StoredBrake } from '../../../database/brakes/stored-brakes.ts';
import { type OperatorAction, readActionsOn } from '../../../database/lists/operator-actions.ts';
import type { Pace } from '../../../database/pace/rate.ts';
import { type Pacing, readPacing } from '../../../database/pace/read-brakes.ts';
import { type PaceSchedule, readPaceSchedule, type TemporalAnswer } from '../../../starters/pause-schedule.ts';
import {
  canaryInWords,
  fullPassInWords,
  modeSourceInWords,
  paceAndSourceInWords,
  scheduleInWords,
} from '../../../wording/schedule.ts';
import { rounded } from '../../../wording/time.ts';
import type { DashboardEnv, PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { attributesOf, FieldProblem, NoteField, sentOf, wasSent } from '../../forms/fields.tsx';
import { When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { choice, readParameters } from '../../lists/parameters.ts';
import { askTemporal } from '../../temporal.ts';
import { OperatorActions } from '../record/operator-actions.tsx';
import {
  endWindowAction,
  type Notice,
  noticeNames,
  notices,
  pauseAction,
  pausedNames,
  type Paused,
  releaseAction,
  resumeAction,
  setPaceAction,
  setWindowAction,
} from './actions.ts';
import { Brakes } from './brakes.tsx';
import { Windows } from './windows.tsx';
import { ModeForm, setModeAction } from './mode-form.tsx';

/** What the page of the schedule shows. */
interface ShownSchedule extends Pacing {
  readonly temporal: TemporalAnswer<PaceSchedule | null>;
  /** What was last done to any of it. */
  readonly actions: readonly OperatorAction[];
}

/** Milliseconds. A page that is looked at every few seconds does without rather than wait. */
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

/** The stored brake of a name, where it is on. */
function storedBrake(brakes: readonly Brake[], name: StoredBrake['name']): (Brake & { since: Date }) | null {
  const brake = brakes.find((each) => each.name === name);
  return brake === undefined || brake.since === null ? null : { ...brake, since: brake.since };
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

interface PaceFormProps {
  readonly c: PageContext;
  readonly pace: Pace;
}

const units = { hour: 'an hour', day: 'a day', default: 'as the configuration says' };

/** Sets how many audits are started an hour, or a day. */
function PaceForm({ c, pace }: PaceFormProps) {
  return (
    <section class="card" aria-label="Pace">
      <p>
        The pace is <strong>{rounded(pace.perHour)} audits an hour</strong>
      </p>
      <ActionForm c={c} action="/schedule/pace" class="actions" id="pace">
        <input type="hidden" name="seen" value={pace.setAt?.toISOString() ?? ''} />
        <div class="field">
          <label>
            Audits{' '}
            <input
              name="number"
              inputmode="decimal"
              size={8}
              placeholder="600"
              autocomplete="off"
              value={sentOf(c, 'pace', 'number')?.[0] ?? ''}
              {...attributesOf(c, 'pace', 'number')}
            />
          </label>
          <FieldProblem c={c} form="pace" name="number" />
        </div>
        <div class="field">
          <label>
            Unit{' '}
            <select name="unit" {...attributesOf(c, 'pace', 'unit')}>
              {Object.entries(units).map(([unit, words]) => (
                <option value={unit} selected={wasSent(c, 'pace', 'unit', unit, unit === 'hour')}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <FieldProblem c={c} form="pace" name="unit" />
        </div>
        <NoteField c={c} form="pace" label="Note" most={1000} />
        <button>Set the pace</button>
      </ActionForm>
    </section>
  );
}

interface PauseFormProps {
  readonly c: PageContext;
  readonly what: Paused;
  readonly brakes: readonly Brake[];
}

/** Says whether audits, events or repairs are paused, and changes it. */
function PauseForm({ c, what, brakes }: PauseFormProps) {
  const pause = storedBrake(brakes, `${what}_paused`);
  const name = pausedNames[what];
  return (
    <section class="card" aria-label={`Pause of ${what}`}>
      <p>
        {name} are <strong>{pause === null ? 'not paused' : 'paused'}</strong>
        {pause !== null && (
          <>
            , began <When at={pause.since} />: {pause.reason}
          </>
        )}
      </p>
      <ActionForm
        c={c}
        action={`/schedule/${pause === null ? 'pause' : 'resume'}-${what}`}
        class="actions"
        id={`pause-${what}`}
      >
        {pause !== null && <input type="hidden" name="since" value={pause.since.toISOString()} />}
        <NoteField c={c} form={`pause-${what}`} label="Note" most={1000} />
        <button class={pause === null ? '' : 'primary'}>{`${pause === null ? 'Pause' : 'Resume'} ${what}`}</button>
      </ActionForm>
    </section>
  );
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
  if (next.getTime() <= Date.now()) return <>looks now</>;
  return (
    <>
      looks next <When at={next} />
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
  const { pace, mode, canary, fullPass, brakes, windows, temporal, actions } = shown;
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
        <PaceForm c={c} pace={pace} />
        <PauseForm c={c} what="audits" brakes={brakes} />
        <PauseForm c={c} what="events" brakes={brakes} />
        <PauseForm c={c} what="repairs" brakes={brakes} />
        <ModeForm c={c} mode={mode} />
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
