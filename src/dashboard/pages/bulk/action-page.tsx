import type { BulkAction } from '../../../database/bulk-actions/bulk-action.ts';
import { isListFilter } from '../../../database/operators/by-list.ts';
import type { StateNow } from '../../../database/bulk-actions/list-bulk-rows.ts';
import { projects } from '../../../domain/entity.ts';
import { bulkStateInWords } from '../../../wording/lists.ts';
import type { BulkPage } from '../../bulk/bulk-page.ts';
import { bulkPageOf } from '../../bulk/kinds.ts';
import { isUnderWay } from '../../bulk/work.ts';
import type { PageContext } from '../../environment.ts';
import { ActionForm } from '../../forms/action-form.tsx';
import { NoteField } from '../../forms/fields.tsx';
import { When } from '../../layout/inline.tsx';
import { Page } from '../../layout/page.tsx';
import { isOperator } from '../../person.ts';
import { countOf, type Examples, isDryRun, LeftOutTable, OutcomeTables, titleOf } from './outcome-tables.tsx';

interface Props {
  readonly c: PageContext;
  readonly action: BulkAction;
  readonly examples: Examples;
  /** Why nobody works on it just now, where somebody should. */
  readonly waits: string | null;
}

/** One bulk action, from its dry run to its result. */
export function BulkActionPage({ c, action, examples, waits }: Props) {
  const page = bulkPageOf(action.kind)!;
  const isMoving = isUnderWay(action);
  return (
    <Page c={c} title={titleOf(action, page)} section={page.section} live={isMoving} isMoving={isMoving}>
      <p>
        Chosen: {chosenInWords(action, page)}. State: <strong>{bulkStateInWords(action)}</strong>.
      </p>
      {isMoving && <Progress action={action} page={page} />}
      {waits !== null && (
        <p class="notice warn" id="waits">
          {waits} Nothing is lost meanwhile: it continues automatically, and can be stopped here.
        </p>
      )}
      {action.fault !== null && action.state === 'stopped' && <p class="notice bad">{action.fault}.</p>}
      {action.fault !== null && action.state !== 'stopped' && (
        <p class="notice bad">
          The last batch failed and changed nothing: {action.fault}. It is tried again in a moment; what was done before
          is done.
        </p>
      )}
      <Summary action={action} page={page} />
      <Now action={action} page={page} now={examples.now} />
      <ConfirmForms c={c} action={action} page={page} refusedLines={examples.list?.refused ?? 0} />
      <Facts action={action} />
      <LeftOutTable action={action} list={examples.list} />
      <OutcomeTables c={c} action={action} page={page} examples={examples} />
    </Page>
  );
}

function chosenInWords({ filter }: BulkAction, page: BulkPage): string {
  if (!isListFilter(filter)) return page.filterInWords(filter);
  const types = filter.entityType === undefined ? '' : `, of ${projects[filter.entityType].many} only`;
  return `what a list names (${filter.list})${types}${filter.allOrNothing ? '; all of it, or nothing' : ''}`;
}

interface NowProps {
  readonly action: BulkAction;
  readonly page: BulkPage;
  readonly now: readonly StateNow[];
}

/** What has become of the rows that were done, each number leading to the list of them. */
function Now({ action, page, now }: NowProps) {
  if (now.length === 0) return null;
  return (
    <p id="now">
      Now:{' '}
      {now.map((each, n) => (
        <>
          {n > 0 && ', '}
          <a href={page.nowPath(action.id, each.state)}>{inWords(action, each)}</a>
        </>
      ))}
      .
    </p>
  );
}

/** `10 failed again` of what was queued again. */
function inWords({ kind }: BulkAction, { state, count }: StateNow): string {
  const isAgain = kind === 'requeue_events' && state === 'failed';
  return `${count.toLocaleString('en')} ${state.replace('_', ' ')}${isAgain ? ' again' : ''}`;
}

function Progress({ action, page }: { readonly action: BulkAction; readonly page: BulkPage }) {
  const { done, skipped, refused } = isDryRun(action) ? action.planned : action.outcome;
  const decided = Math.min(action.chosen, done + skipped + refused);
  const isChoosing = action.state === 'choosing';
  return (
    <section aria-label="Progress">
      <p id="progress-words" role="status">
        {isChoosing
          ? `${countOf(action.chosen, page)} found so far.`
          : `${decided.toLocaleString('en')} of ${countOf(action.chosen, page)} ${isDryRun(action) ? 'checked' : 'gone through'}.`}{' '}
        It continues whether this page is open or not.
      </p>
      {!isChoosing && action.chosen > 0 && (
        <progress aria-labelledby="progress-words" max={action.chosen} value={decided}></progress>
      )}
    </section>
  );
}

function Summary({ action, page }: { readonly action: BulkAction; readonly page: BulkPage }) {
  if (action.state === 'choosing') return null;
  const dryRun = isDryRun(action);
  const { done, skipped, refused } = dryRun ? action.planned : action.outcome;
  const would = dryRun ? 'would be ' : '';
  return (
    <ul class="tiles">
      <Tile figure={done} words={`${would}${page.done}`} href="#outcome-done" />
      <Tile figure={skipped} words={`${would}skipped`} href="#outcome-skipped" />
      <Tile figure={refused} words={`${would}refused`} href="#outcome-refused" />
      {page.along !== undefined && action.along > 0 && <Tile figure={action.along} words={`of all ${page.along}`} />}
    </ul>
  );
}

interface TileProps {
  readonly figure: number;
  readonly words: string;
  /** Where on the page those that it counts are listed. */
  readonly href?: string;
}

function Tile({ figure, words, href }: TileProps) {
  const shown = (
    <>
      <span class="figure">{figure.toLocaleString('en')}</span> {words}
    </>
  );
  return <li class="tile">{href === undefined || figure === 0 ? shown : <a href={href}>{shown}</a>}</li>;
}

function Facts({ action }: { readonly action: BulkAction }) {
  return (
    <dl class="facts">
      <div>
        <dt>Dry run</dt>
        <dd>
          by {action.plannedBy}, <When at={action.createdAt} />
        </dd>
      </div>
      {action.confirmedAt !== null && (
        <div>
          <dt>Confirmed</dt>
          <dd>
            by {action.actor}, <When at={action.confirmedAt} />
          </dd>
        </div>
      )}
      {action.endedAt !== null && (
        <div>
          <dt>Ended</dt>
          <dd>
            {action.stoppedBy !== null && `by ${action.stoppedBy}, `}
            <When at={action.endedAt} />
          </dd>
        </div>
      )}
      {action.note !== null && (
        <div>
          <dt>Note</dt>
          <dd>{action.note}</dd>
        </div>
      )}
    </dl>
  );
}

interface ConfirmFormsProps {
  readonly c: PageContext;
  readonly action: BulkAction;
  readonly page: BulkPage;
  /** Lines of its list that name nothing that could be done. */
  readonly refusedLines: number;
}

/** What a person can do about a bulk action now: confirm or discard a dry run, stop what runs. */
function ConfirmForms({ c, action, page, refusedLines }: ConfirmFormsProps) {
  const { state } = action;
  if (!isOperator(c.var.person) || state === 'done' || state === 'stopped') return null;
  const isPlanned = state === 'planned';
  return (
    <>
      {isPlanned && <Confirm c={c} action={action} page={page} refusedLines={refusedLines} />}
      <ActionForm c={c} action={`/bulk/${action.id}/stop`} class="actions" id="stop">
        <button class={state === 'running' ? 'danger' : ''}>
          {state === 'running' ? 'Stop' : 'Discard the dry run'}
        </button>
        <span class="hint">
          {state === 'running' ? 'What is done stays done; the rest is left as it is.' : 'Nothing was changed yet.'}
        </span>
      </ActionForm>
    </>
  );
}

function Confirm({ c, action, page, refusedLines }: ConfirmFormsProps) {
  const { done, skipped, refused } = action.planned;
  if (isListFilter(action.filter) && action.filter.allOrNothing && refused + refusedLines > 0) {
    return <p class="notice warn">Nothing can be done: all or nothing was asked for, and some of it can’t.</p>;
  }
  if (done + skipped === 0) return <p class="notice warn">There is nothing to do.</p>;
  return (
    <ActionForm c={c} action={`/bulk/${action.id}/confirm`} class="actions" id="confirm">
      <NoteField
        c={c}
        form="confirm"
        label={`Note for the record${page.needsNote ? '' : ' (optional)'}`}
        most={2000}
        isNeeded={page.needsNote}
        isLong
      />
      <button class="primary">
        {page.verb} {countOf(done, page)}
      </button>
      <p class="hint">
        Exactly these rows, however much time goes by: what matches the filter later is not touched, and what has
        changed since the dry run is refused and named.
      </p>
    </ActionForm>
  );
}
