import type { Brake } from '../../../database/brakes/brake.ts';
import { brakeInWords, computedEndings, storedEndings, whatStops } from '../../../wording/schedule.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { NoteField } from '../../forms/fields.tsx';
import { Badge, When } from '../../layout/inline.tsx';
import { releasable } from './actions.ts';

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
        <Badge of="brake" /> {whatStops[stops]}
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
