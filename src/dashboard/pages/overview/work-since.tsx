import type { Child } from 'hono/jsx';
import { type Activity, hoursAtOnce } from '../../../database/figures/activity.ts';
import type { WorkSince } from '../../../database/figures/work-since.ts';
import { aboutDuration, exactDuration } from '../../../wording/time.ts';
import type { PageContext } from '../../environment.ts';
import { attributesOf, FieldProblem, sentOf } from '../../forms/fields.tsx';
import { When } from '../../layout/inline.tsx';

/** The spans that are offered; the address takes any moment. */
const spans = [
  ['24h', 'the last 24 hours'],
  ['today', 'today (UTC)'],
  ['yesterday', 'yesterday and today (UTC)'],
  ['7d', 'the last 7 days'],
  ['30d', 'the last 30 days'],
] as const;

const form = 'work-span';

interface WorkSinceProps {
  readonly c: PageContext;
  /** Null where it took too long to read. */
  readonly work: WorkSince | null;
}

/** What was done since a moment that is chosen, and by whom. */
export function WorkSinceView({ c, work }: WorkSinceProps) {
  const chosen = (sentOf(c, form, 'since')?.[0] ?? c.req.query('since'))?.trim() || spans[0][0];
  const offered = spans.some(([span]) => span === chosen) ? spans : [...spans, [chosen, `since ${chosen}`] as const];
  const period = c.req.query('period');
  return (
    <section id="work" aria-label="What was done, and by whom">
      <form method="get" action="/#work" class="actions" id={form}>
        {period !== undefined && <input type="hidden" name="period" value={period} />}
        <label>
          Span{' '}
          <select name="since" {...attributesOf(c, form, 'since')}>
            {offered.map(([span, name]) => (
              <option value={span} selected={span === chosen}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <FieldProblem c={c} form={form} name="since" />
        <button>Show</button>
      </form>
      {work === null ? <TooLong /> : <Work work={work} />}
    </section>
  );
}

/** In place of figures that are not there in time. */
export function TooLong() {
  return <p class="notice warn">The figures took too long to read. They are here as soon as they are read.</p>;
}

/** Why some hours are not complete, and when they will be: the current one, or, as after an upgrade, many of them. */
export function PartNote({ c, activity: { countedTo } }: { readonly c: PageContext; readonly activity: Activity }) {
  const hours = Math.floor((Date.now() - countedTo.getTime()) / anHour);
  if (hours < 3) {
    return (
      <p class="notice">
        More was done since the last full hour than is read here: it is complete once that is counted.
      </p>
    );
  }
  const { seconds } = c.var.parts.config().housekeeping;
  return (
    <p class="notice" id="being-counted">
      The hours since <When at={countedTo} /> are being counted, as after an upgrade or a long stop: until then only a
      part of them is shown. Housekeeping counts {hoursAtOnce} of these {hours.toLocaleString('en')} every{' '}
      {exactDuration(seconds)}: where a worker runs, this ends in about{' '}
      {aboutDuration(Math.ceil(hours / hoursAtOnce) * seconds)}.
    </p>
  );
}

/** Milliseconds. */
const anHour = 3_600_000;

function Work({ work }: { readonly work: WorkSince }) {
  return (
    <>
      <p class="hint">
        Since <When at={work.since} />
        {': hours are counted whole.'}
        {work.isPart && ' More was done in the hours that are not counted yet than is read here.'}
      </p>
      <div class="sides">
        <CountTable
          caption="Requests of workers, by service, kind and answer"
          head="Request"
          rows={work.requests.map(({ service, kind, answer, count }) => [`${service} ${kind}: ${answer}`, count])}
        />
        <CountTable
          caption="Attempts at events"
          head="Outcome"
          rows={work.events.map(({ outcome, count }) => [outcome.replaceAll('_', ' '), count])}
        />
        <CountTable
          caption="Audits"
          head="Decision"
          rows={work.audits.map(({ decision, count }) => [decision.replaceAll('_', ' '), count])}
        />
        <CountTable
          caption="Repairs, by the check that they were for"
          head="Check"
          rows={work.repairs.map(({ check, count }) => [check, count])}
        />
        <CountTable
          caption="Reviews answered, by person"
          head="Person"
          rows={work.reviews.map(({ person, count }) => [person, count])}
        />
      </div>
    </>
  );
}

interface CountTableProps {
  readonly caption: string;
  readonly head: string;
  readonly rows: readonly (readonly [name: Child, count: number])[];
}

/** The number of times that each happened. */
export function CountTable({ caption, head, rows }: CountTableProps) {
  return (
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col" class="number">
            Number
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, count]) => (
          <tr>
            <th scope="row">{name}</th>
            <td class="number">{count.toLocaleString('en')}</td>
          </tr>
        ))}
        {rows.length === 0 && (
          <tr>
            <td colspan={2} class="none">
              none
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
