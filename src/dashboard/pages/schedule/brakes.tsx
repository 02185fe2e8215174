import type { Brake } from '../../../domain/brake.ts';
import { brakeInWords, computedEndings, storedEndings, stopsInWords } from '../../../wording/schedule.ts';
import { WithdrawForm } from '../../bulk/choose-form.tsx';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { NoteField, refusedForm } from '../../forms/fields.tsx';
import { Badge, When } from '../../layout/inline.tsx';
import { releasable } from './actions.ts';
import { isOperator } from '../../person.ts';

interface BrakesProps {
  readonly c: PageContext;
  /** Those that are on. */
  readonly brakes: readonly Brake[];
}

const endings = { ...storedEndings, ...computedEndings };
const names = Object.keys(endings) as Brake['name'][];

/** The brakes that are on as cards: why, until when, and what ends them; the others that there are, folded. */
export function Brakes({ c, brakes }: BrakesProps) {
  const on = new Set(brakes.map(({ name }) => name));
  const off = names.filter((name) => !on.has(name));
  return (
    <section id="brakes" aria-label="Brakes">
      {brakes.length === 0 && <p class="notice good">No brake is on.</p>}
      <div class="cards">
        {brakes.map((brake) => (
          <BrakeCard c={c} brake={brake} />
        ))}
      </div>
      <details id="brakes-off">
        <summary>{`${off.length} brakes that are off`}</summary>
        <dl class="facts">
          {off.map((name) => (
            <div>
              <dt>{brakeInWords(name)}</dt>
              <dd>{endings[name]}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

function BrakeCard({ c, brake }: { readonly c: PageContext; readonly brake: Brake }) {
  const { name, reason, since, stops, until } = brake;
  return (
    <article class="card is-on" id={`brake-${name}`} aria-labelledby={`brake-${name}-name`}>
      <h3 id={`brake-${name}-name`}>{brakeInWords(name)}</h3>
      <p>
        <Badge of="brake" /> {stopsInWords({ name, stops })}
        {since !== null && (
          <>
            , began <When at={since} />
          </>
        )}
        {until !== undefined && (
          <>
            , ends{' '}
            <strong>
              <When at={until} />
            </strong>
          </>
        )}
      </p>
      <p>{reason}</p>
      <p class="hint">{endings[name]}</p>
      <ReleaseForm c={c} brake={brake} />
      {name === 'repairs_paused' && <WithdrawForm c={c} id="withdraw" />}
      {name === 'breaker' && typeof brake.detail?.['check'] === 'string' && (
        <WithdrawForm c={c} id="withdraw-found" check={brake.detail['check']} />
      )}
    </article>
  );
}

function ReleaseForm({ c, brake }: { readonly c: PageContext; readonly brake: Brake }) {
  const isReleasable = releasable.some((name) => name === brake.name);
  if (!isReleasable || brake.since === null) return <p class="none">It ends automatically.</p>;
  return (
    <ActionForm c={c} action="/schedule/release" class="actions" id={`release-${brake.name}`}>
      <input type="hidden" name="brake" value={brake.name} />
      <input type="hidden" name="since" value={brake.since.toISOString()} />
      <NoteField c={c} form={`release-${brake.name}`} label="Note" most={1000} />
      <button class="danger" aria-label={`Release ${brakeInWords(brake.name)}`}>
        Release
      </button>
    </ActionForm>
  );
}

/** For a bad day: no more of what audits ordered is carried out, and what waits is taken out of the queue. */
export function EmergencyStop({ c, brakes }: { readonly c: PageContext; readonly brakes: readonly Brake[] }) {
  const isPaused = brakes.some(({ name }) => name === 'repairs_paused');
  if (!isOperator(c.var.person)) return null;
  return (
    <details id="emergency" open={refusedForm(c, 'stop-repairs') !== null}>
      <summary>Wrong repairs? Stop them</summary>
      <div class="actions">
        {isPaused ? (
          <span>
            Repairs are <a href="/schedule#brake-repairs_paused">paused</a>.
          </span>
        ) : (
          <ActionForm c={c} action="/schedule/pause-repairs" id="stop-repairs">
            <NoteField c={c} form="stop-repairs" label="Note" most={1000} />
            <button class="danger">Pause repairs</button>
          </ActionForm>
        )}
        <WithdrawForm c={c} id="withdraw" />
      </div>
      <p class="hint">
        Events of MusicBrainz and of people continue. What is withdrawn is shown first; it can be queued again.
      </p>
    </details>
  );
}
