import type { BulkAction, BulkOutcome, BulkRow } from '../../../database/bulk-actions/index.ts';
import type { BulkPage } from '../../bulk/bulk-page.ts';
import { type Examples, isDryRun } from './examples.ts';
import { countOf } from './words.ts';

interface Props {
  readonly action: BulkAction;
  readonly page: BulkPage;
  readonly examples: Examples;
}

/** What is refused or skipped first: that is what a person has to read. */
const order: readonly BulkOutcome[] = ['refused', 'skipped', 'done'];

export function FateTables({ action, page, examples }: Props) {
  return (
    <>
      {order.map((fate) => (
        <FateTable action={action} page={page} examples={examples} fate={fate} />
      ))}
    </>
  );
}

function FateTable({ action, page, examples, fate }: Props & { readonly fate: BulkOutcome }) {
  const rows = examples.rows[fate];
  if (rows.length === 0) return null;
  const dryRun = isDryRun(action);
  const total = (dryRun ? action.planned : action.outcome)[fate];
  const heading = `${dryRun ? 'Would be ' : ''}${fate === 'done' ? page.done : fate}`;
  const file = (ending: string) => `/bulk/${action.id}/rows.${ending}?${dryRun ? 'planned' : 'outcome'}=${fate}`;
  return (
    <section aria-labelledby={`fate-${fate}`}>
      <h2 id={`fate-${fate}`}>{heading.charAt(0).toUpperCase() + heading.slice(1)}</h2>
      <div class="scroll">
        <table>
          <caption>{rows.length < total ? `${rows.length} of ${countOf(total, page)}` : countOf(total, page)}</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">{fate === 'done' ? 'How' : 'Why'}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Row row={row} page={page} examples={examples} dryRun={dryRun} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="downloads">
        All {countOf(total, page)} as <a href={file('csv')}>CSV</a> or <a href={file('json')}>JSON lines</a>
      </p>
    </section>
  );
}

function Row({
  row,
  page,
  examples,
  dryRun,
}: {
  readonly row: BulkRow;
  readonly page: BulkPage;
  readonly examples: Examples;
  readonly dryRun: boolean;
}) {
  const known = examples.names.get(row.target);
  const reason = dryRun ? row.plannedReason : row.reason;
  return (
    <tr data-row={row.target}>
      <td>
        <a href={known?.path ?? page.targetPath(row.target)}>{known?.label ?? `${page.one} ${row.target}`}</a>
      </td>
      <td>{reason ?? (row.along ? 'along with what it depends on' : 'as chosen')}</td>
    </tr>
  );
}
