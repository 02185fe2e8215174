import { fullPassInWords, paceInWords } from '../../../wording/pace.ts';
import { modeAndWhoInWords, scheduleInWords } from '../../../wording/schedule.ts';
import type { PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';
import { OperatorActions } from '../record/operator-actions.tsx';
import { BrakesTable } from './brakes-table.tsx';
import { ModeForm } from './mode-form.tsx';
import { type Notice, notices } from './notices.ts';
import { PaceForm } from './pace-form.tsx';
import { PauseForm } from './pause-forms.tsx';
import { type ShownSchedule, storedBrake } from './read-schedule.ts';

interface SchedulePageProps {
  readonly c: PageContext;
  readonly shown: ShownSchedule;
  readonly done: Notice | undefined;
}

/** How many audits are started, what keeps them and events from it, and the levers. */
export function SchedulePage({ c, shown, done }: SchedulePageProps) {
  const { pace, mode, fullPass, brakes, temporal, actions } = shown;
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
          <dd>{paceInWords(pace)}</dd>
        </div>
        <div>
          <dt>A full pass</dt>
          <dd>{fullPassInWords(fullPass)}</dd>
        </div>
        <div>
          <dt>Mode</dt>
          <dd>
            {modeAndWhoInWords(mode)}
            {mode.mode === 'report' && (
              <>
                : <a href="/plan">what repair mode would do</a>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>Temporal’s schedule</dt>
          <dd>{scheduleInWords(temporal, isBraked)}</dd>
        </div>
      </dl>
      <h2>Pace</h2>
      <PaceForm c={c} pace={pace} />
      <h2>Mode</h2>
      <ModeForm c={c} mode={mode} />
      <h2>Pause</h2>
      <PauseForm c={c} what="audits" brakes={brakes} />
      <PauseForm c={c} what="events" brakes={brakes} />
      <h2>Brakes</h2>
      <BrakesTable c={c} brakes={brakes} />
      <h2>Last changes</h2>
      {actions.length === 0 ? (
        <p class="none">None is recorded.</p>
      ) : (
        <OperatorActions actions={actions} caption="What people last did to pace, mode and brakes" />
      )}
      <p>
        <a href="/record">All that people did</a>
      </p>
    </Page>
  );
}
