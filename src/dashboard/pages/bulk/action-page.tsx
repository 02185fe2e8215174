import type { BulkAction } from '../../../database/bulk-actions/index.ts';
import type { BulkPage } from '../../bulk/bulk-page.ts';
import { bulkPageOf } from '../../bulk/kinds.ts';
import type { PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { ConfirmForms } from './confirm-forms.tsx';
import { type Examples, isDryRun } from './examples.ts';
import { FateTables } from './fate-tables.tsx';
import { countOf, stateInWords, titleOf } from './words.ts';

interface Props {
  readonly c: PageContext;
  readonly action: BulkAction;
  readonly examples: Examples;
}

/** One bulk action, from its dry run to its result. */
export function BulkActionPage({ c, action, examples }: Props) {
  const page = bulkPageOf(action.kind)!;
  const isMoving = action.state === 'choosing' || action.state === 'planning' || action.state === 'running';
  return (
    <Page c={c} title={titleOf(action, page)} section={page.section} live={isMoving}>
      <p>
        Chosen: {page.filterInWords(action.filter)}. State: <strong>{stateInWords(action)}</strong>.
      </p>
      {isMoving && <Progress action={action} page={page} />}
      {action.fault !== null && (
        <p class="notice bad">
          The last batch failed and changed nothing: {action.fault}. It is tried again in a moment; what was done before
          is done.
        </p>
      )}
      <Summary action={action} page={page} />
      <ConfirmForms c={c} action={action} page={page} />
      <Facts action={action} />
      <FateTables action={action} page={page} examples={examples} />
    </Page>
  );
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
          : `${decided.toLocaleString('en')} of ${countOf(action.chosen, page)} ${isDryRun(action) ? 'looked at' : 'gone through'}.`}{' '}
        It goes on whether this page is open or not.
      </p>
      {!isChoosing && action.chosen > 0 && (
        <progress aria-labelledby="progress-words" max={action.chosen} value={decided}></progress>
      )}
      <noscript>
        <p>
          <a href={`/bulk/${action.id}`}>Look again</a>
        </p>
      </noscript>
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
      <Tile figure={done} words={`${would}${page.done}`} />
      <Tile figure={skipped} words={`${would}skipped`} />
      <Tile figure={refused} words={`${would}refused`} />
      {page.along !== undefined && action.along > 0 && <Tile figure={action.along} words={`of all ${page.along}`} />}
    </ul>
  );
}

function Tile({ figure, words }: { readonly figure: number; readonly words: string }) {
  return (
    <li class="tile">
      <span class="figure">{figure.toLocaleString('en')}</span> {words}
    </li>
  );
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
