import { readOnly } from '../../../database/connection.ts';
import { addReasonKinds, countReasonKinds, type ReasonKindCount } from '../../../database/queue/reason-kinds.ts';
import { shortened } from '../../../wording/text.ts';
import type { DashboardParts, PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { Badge, Reason, When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { isOperator } from '../../person.ts';
import { BulkEventButtons } from './list-page.tsx';

/** The failed events that nobody has dismissed, by action and the kind of reason why they failed last. */
interface ReasonCounts {
  /** The most common first. */
  readonly kinds: readonly ReasonKindCount[];
  /** The id down to which events are counted so far; null where all are. */
  readonly countedTo: number | null;
  readonly at: Date;
}

/**
 * Counts page by page beside the requests, and keeps the counts for a while: a hundred thousand failed events take longer
 * than a page may. The first request waits for the first page of events; later ones get what is known by then.
 */
export function reasonCounter(): (parts: DashboardParts) => Promise<ReasonCounts> {
  let known: ReasonCounts | null = null;
  let counting: Promise<ReasonCounts> | null = null;
  return async (parts) => {
    const { reasonSeconds } = parts.config().dashboard;
    const isOld = known === null || Date.now() - known.at.getTime() > reasonSeconds * 1000;
    if (!isOld || (counting !== null && known !== null)) return known!;
    counting ??= count(parts, (counts) => {
      // What is known of all is better than what is known of some.
      if (known === null || known.countedTo !== null || counts.countedTo === null) known = counts;
      if (counts.countedTo === null) counting = null;
    }).catch((error: unknown) => {
      counting = null;
      throw error;
    });
    return known ?? counting;
  };
}

/** @returns the counts after the first page of events; `tell` gets those after each */
async function count(parts: DashboardParts, tell: (counts: ReasonCounts) => void): Promise<ReasonCounts> {
  let kinds: readonly ReasonKindCount[] = [];
  const page = async (before: number | null): Promise<ReasonCounts> => {
    const { scanRows, statementSeconds } = parts.config().dashboard;
    const found = await readOnly(parts.db, statementSeconds, (q) => countReasonKinds(q, { before, limit: scanRows }));
    kinds = addReasonKinds(kinds, found.kinds);
    const counts = { kinds, countedTo: found.next, at: new Date() };
    tell(counts);
    return counts;
  };
  const rest = async (from: number): Promise<void> => {
    for (let before: number | null = from; before !== null;) before = (await page(before)).countedTo;
  };
  const first = await page(null);
  if (first.countedTo !== null) {
    void rest(first.countedTo).catch((error: unknown) => {
      parts.log.warn({ error }, 'failed events were not counted by reason to the end');
      tell({ kinds, countedTo: null, at: new Date(0) });
    });
  }
  return first;
}

/** Kinds of reasons that the page shows: rarer ones are found by their text. */
const shown = 200;

/** Failed events by action and by why they failed: what is the same but for numbers and names is one kind. */
export function ReasonsPage({ c, counts }: { readonly c: PageContext; readonly counts: ReasonCounts }) {
  const { kinds, countedTo, at } = counts;
  const mayAct = isOperator(c.var.person);
  return (
    <Page c={c} title="Failed events by reason" section="/events" live>
      <p>
        <a href="/events">All failed events</a>. Counted <When at={at} />
        {countedTo === null ? '.' : `, down to event ${countedTo} so far; it continues.`} Dismissed events are not
        counted.
      </p>
      {kinds.length === 0 ? (
        <p class="message">
          No event has failed. What waits for its next attempt is among those that{' '}
          <a href="/events?state=queued">wait</a>.
        </p>
      ) : (
        <div class="scroll">
          <table class="list">
            <caption>
              {kinds.length > shown ? `The ${shown} most common of ${kinds.length} kinds` : 'Kinds of reasons'}, the
              most common first
            </caption>
            <thead>
              <tr>
                <th scope="col" class="number">
                  Events
                </th>
                <th scope="col">Action</th>
                <th scope="col">Reason</th>
                <th scope="col">Newest</th>
                {mayAct && <th scope="col">With all of them</th>}
              </tr>
            </thead>
            <tbody>
              {kinds.slice(0, shown).map((kind) => (
                <KindRow c={c} kind={kind} mayAct={mayAct} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Page>
  );
}

interface KindRowProps {
  readonly c: PageContext;
  readonly kind: ReasonKindCount;
  readonly mayAct: boolean;
}

function KindRow({ c, kind: { action, kind, count, newest, example }, mayAct }: KindRowProps) {
  const filter = { action, alike: kind };
  return (
    <tr data-row={newest}>
      <td class="number" data-label="Events">
        {count.toLocaleString('en')}
      </td>
      <td data-label="Action">
        <Badge of={action} />
      </td>
      <th scope="row" class="text">
        <a href={`/events?${new URLSearchParams(filter).toString()}`}>{shortened(kind, 300)}</a>
      </th>
      <td data-label="Newest">
        <a href={`/events/${newest}`}>event {newest}</a>: <Reason text={example} />
      </td>
      {mayAct && (
        <td data-label="With all of them">
          <ActionForm c={c} action="/events/bulk" class="actions" id={`kind-${newest}`}>
            <input type="hidden" name="scope" value="matching" />
            <input type="hidden" name="state" value="failed" />
            {Object.entries(filter).map(([name, value]) => (
              <input type="hidden" name={name} value={value} />
            ))}
            <BulkEventButtons />
          </ActionForm>
        </td>
      )}
    </tr>
  );
}
