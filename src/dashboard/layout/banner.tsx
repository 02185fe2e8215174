import type { Brake } from '../../domain/brake.ts';
import type { Attention } from '../../database/figures/standing.ts';
import { brakeInWords, modeInWords, modeSourceInWords, stopsInWords } from '../../wording/schedule.ts';
import { When } from './inline.tsx';

/** In place of the banner where what it says can't be read, or not in time: nobody may take that for no brakes. */
export function UnknownBanner() {
  return (
    <aside class="banner is-stopped" id="standing" aria-label="Mode and brakes" data-fresh>
      <p>
        <a href="/schedule">Mode and brakes</a>: not known now: they can’t be read, or not in time
      </p>
    </aside>
  );
}

/** What is done with what is found, and what keeps work from being started: on every page. */
export function Banner({ attention: { mode, brakes } }: { readonly attention: Attention }) {
  const stopping = brakes.filter(({ stops }) => stops !== 'nothing');
  const [name, explanation] = modeInWords[mode.mode].split(': ');
  return (
    <aside
      class={`banner ${stopping.length > 0 ? 'is-stopped' : `is-${mode.mode}`}`}
      id="standing"
      aria-label="Mode and brakes"
      data-fresh
    >
      <p>
        <a href="/schedule#mode">Mode: {name}</a>
        <span class="explanation">
          , {modeSourceInWords(mode)}
          {mode.setAt !== null && (
            <>
              , <When at={mode.setAt} />
            </>
          )}
          {explanation !== undefined && `: ${explanation}`}
        </span>
      </p>
      {brakes.length > 0 && (
        <ul>
          {brakes.map((brake) => (
            <BrakeInBanner brake={brake} />
          ))}
        </ul>
      )}
    </aside>
  );
}

/** Whether the page is kept up to date, which the script says, and pauses. */
export function Updates() {
  return (
    <aside class="live" aria-label="Updates" hidden>
      <span class="live-state" aria-live="polite"></span>{' '}
      <button type="button" class="link" data-pause data-key="s" aria-keyshortcuts="s"></button>
    </aside>
  );
}

function BrakeInBanner({ brake: { name, reason, stops } }: { readonly brake: Brake }) {
  return (
    <li class={stops === 'nothing' ? 'warning' : 'stop'}>
      <a href={`/schedule#brake-${name}`} title={reason}>
        {brakeInWords(name)}
      </a>
      : {stopsInWords({ name, stops })}
    </li>
  );
}
