import type { BulkAction } from '../../../database/bulk-actions/bulk-action.ts';
import type { BulkOutcome } from '../../../database/operators/bulk-kind.ts';
import { type BulkRow, bulkRowList, type StateNow } from '../../../database/bulk-actions/list-bulk-rows.ts';
import {
  bulkLineList,
  type BulkLine,
  countLeftOut,
  isListFilter,
  readStandIns,
} from '../../../database/operators/by-list.ts';
import type { Queryable } from '../../../database/connection.ts';
import { readList } from '../../../database/lists/list.ts';
import type { EntityKey } from '../../../domain/entity.ts';
import type { PageContext } from '../../environment.ts';
import { Badge, entityPath } from '../../layout/inline.tsx';
import { frontOf, Pictured } from '../../layout/thumbnail.tsx';
import type { BulkPage, BulkTarget } from '../../bulk/bulk-page.ts';
import { bulkPageOf } from '../../bulk/kinds.ts';
import { ListTable } from '../../lists/list-view.tsx';

/** Rows of an outcome that the page shows; all of them are in its files. */
const shownRows = 20;

export interface Examples {
  readonly rows: Readonly<Record<BulkOutcome, readonly BulkRow[]>>;
  readonly names: ReadonlyMap<number, BulkTarget>;
  /** What has become of the rows that were done; empty before. */
  readonly now: readonly StateNow[];
  /** Of a list, the lines that stand for no row, and the entities of rows that are no audit entities yet. */
  readonly list: ListExamples | null;
}

interface ListExamples {
  readonly leftOut: readonly BulkLine[];
  readonly refused: number;
  readonly skipped: number;
  readonly standIns: ReadonlyMap<number, EntityKey>;
}

/** Whether what counts is what the dry run says: nothing was done yet. */
export function isDryRun({ confirmedAt }: BulkAction): boolean {
  return confirmedAt === null;
}

/** Some rows of each outcome. */
export async function readExamples(q: Queryable, action: BulkAction): Promise<Examples> {
  const of = isDryRun(action) ? 'planned' : 'outcome';
  const some = async (is: BulkOutcome): Promise<readonly BulkRow[]> =>
    (await readList(q, bulkRowList, { bulkAction: action.id, [of]: is }, { limit: shownRows, look: shownRows + 1 }))
      .rows;
  const rows = { refused: await some('refused'), skipped: await some('skipped'), done: await some('done') };
  const targets = Object.values(rows).flatMap((list) => list.map(({ target }) => target));
  const ids = targets.filter((target) => target > 0);
  const names: ReadonlyMap<number, BulkTarget> =
    ids.length === 0 ? new Map() : await bulkPageOf(action.kind)!.nameTargets(q, ids);
  const list = isListFilter(action.filter) ? await readListExamples(q, action.id, targets) : null;
  const now = isDryRun(action) ? [] : await bulkPageOf(action.kind)!.statesNow(q, action.id);
  return { rows, names, now, list };
}

async function readListExamples(q: Queryable, id: string, targets: readonly number[]): Promise<ListExamples> {
  const page = { limit: shownRows, look: shownRows + 1 };
  const { rows: leftOut } = await readList(q, bulkLineList, { bulkAction: id, leftOut: true }, page);
  return { leftOut, ...(await countLeftOut(q, id)), standIns: await readStandIns(q, id, targets) };
}

interface Props {
  readonly c: PageContext;
  readonly action: BulkAction;
  readonly page: BulkPage;
  readonly examples: Examples;
}

/** Of a list, the lines that stand for no row: what can't be read, and what says the same again. */
export function LeftOutTable({ action, list }: { readonly action: BulkAction; readonly list: ListExamples | null }) {
  if (list === null || list.leftOut.length === 0) return null;
  const total = list.refused + list.skipped;
  const caption = `${total.toLocaleString('en')} ${total === 1 ? 'line' : 'lines'}`;
  const file = (ending: string) => `/bulk/${action.id}/lines.${ending}`;
  return (
    <section aria-labelledby="left-out">
      <h2 id="left-out">Lines that are not taken</h2>
      <div class="scroll">
        <table>
          <caption>{list.leftOut.length < total ? `${list.leftOut.length} of ${caption}` : caption}</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">What it says</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {list.leftOut.map(({ line, input, plannedReason }) => (
              <tr data-row={`line-${line}`}>
                <td class="number">{line}</td>
                <td>{input}</td>
                <td>{plannedReason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="downloads">
        All lines of the list, with what becomes of each, as <a href={file('csv')}>CSV</a> or{' '}
        <a href={file('json')}>JSON lines</a>
      </p>
    </section>
  );
}

/** What is refused or skipped first: that is what a person has to read. */
const order: readonly BulkOutcome[] = ['refused', 'skipped', 'done'];

export function OutcomeTables({ c, action, page, examples }: Props) {
  return (
    <>
      {order.map((outcome) => (
        <OutcomeTable c={c} action={action} page={page} examples={examples} outcome={outcome} />
      ))}
    </>
  );
}

function OutcomeTable({ c, action, page, examples, outcome }: Props & { readonly outcome: BulkOutcome }) {
  const rows = examples.rows[outcome];
  if (rows.length === 0) return null;
  const dryRun = isDryRun(action);
  const total = (dryRun ? action.planned : action.outcome)[outcome];
  const heading = `${dryRun ? 'Would be ' : ''}${outcome === 'done' ? page.done : outcome}`;
  const file = (ending: string) => `/bulk/${action.id}/rows.${ending}?${dryRun ? 'dry_run' : 'outcome'}=${outcome}`;
  return (
    <section aria-labelledby={`outcome-${outcome}`}>
      <h2 id={`outcome-${outcome}`}>{heading.charAt(0).toUpperCase() + heading.slice(1)}</h2>
      <ListTable
        caption={rows.length < total ? `${rows.length} of ${countOf(total, page)}` : countOf(total, page)}
        columns={['What', outcome === 'done' ? 'How' : 'Why']}
      >
        {rows.map((row) => (
          <Row c={c} row={row} page={page} examples={examples} dryRun={dryRun} />
        ))}
      </ListTable>
      <p class="downloads">
        All {countOf(total, page)} as <a href={file('csv')}>CSV</a> or <a href={file('json')}>JSON lines</a>
      </p>
    </section>
  );
}

function Row({
  c,
  row,
  page,
  examples,
  dryRun,
}: {
  readonly c: PageContext;
  readonly row: BulkRow;
  readonly page: BulkPage;
  readonly examples: Examples;
  readonly dryRun: boolean;
}) {
  const named: BulkTarget | undefined = examples.names.get(row.target);
  const known = named ?? standInOf(examples, row.target);
  const reason = dryRun ? row.plannedReason : row.reason;
  return (
    <tr data-row={row.target}>
      <td data-label="">
        <Pictured c={c} of={known?.picture ?? null}>
          <a class="title" href={known?.path ?? page.targetPath(row.target)}>
            {known?.title ?? `${page.one} ${row.target}`}
          </a>
          {!dryRun && named && (
            <>
              now <Badge of={named.state} />{' '}
            </>
          )}
          <span class="kind">{known?.detail ?? 'not there any more'}</span>
        </Pictured>
      </td>
      <td data-label={reason === null ? 'How' : 'Why'}>
        {reason ?? (row.along ? 'along with what it depends on' : 'as chosen')}
      </td>
    </tr>
  );
}

/** An entity that is no audit entity yet. */
function standInOf({ list }: Examples, target: number): Omit<BulkTarget, 'state'> | undefined {
  const key = list?.standIns.get(target);
  if (key === undefined) return undefined;
  const detail = `${key.entityType} ${key.gid}`;
  return { title: `${key.entityType} that is new`, detail, picture: frontOf(key, null), path: entityPath(key) };
}

/** `1,200 events`. */
export function countOf(number: number, { one, many }: BulkPage): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** What an action is, as its heading and lists say it. */
export function titleOf(action: BulkAction, page: BulkPage): string {
  const what = countOf(action.chosen, page);
  if (action.confirmedAt === null) return `${page.verb} ${what}: dry run`;
  return `${page.verb} ${what}`;
}
