import type { BulkAction } from '../../../database/bulk-actions/index.ts';
import { bulkPageOf } from '../../bulk/kinds.ts';
import type { PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';
import { When } from '../../layout/when.tsx';
import { stateInWords, titleOf } from './words.ts';

/** The latest bulk actions, of whatever kind. */
export function BulkListPage({ c, actions }: { readonly c: PageContext; readonly actions: readonly BulkAction[] }) {
  return (
    <Page c={c} title="Bulk actions" section="/record" live>
      {actions.length === 0 ? (
        <p>There are none. They begin with a selection in the list of events or of reviews.</p>
      ) : (
        <div class="scroll">
          <table>
            <caption>The latest bulk actions, the newest first</caption>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">State</th>
                <th scope="col">By</th>
                <th scope="col">Begun</th>
                <th scope="col" class="number">
                  Done
                </th>
                <th scope="col" class="number">
                  Skipped
                </th>
                <th scope="col" class="number">
                  Refused
                </th>
              </tr>
            </thead>
            <tbody>
              {actions.map((action) => (
                <Row action={action} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Page>
  );
}

function Row({ action }: { readonly action: BulkAction }) {
  const page = bulkPageOf(action.kind);
  const tally = action.confirmedAt === null ? action.planned : action.outcome;
  return (
    <tr data-row={action.id}>
      <th scope="row">{page === null ? action.kind : <a href={`/bulk/${action.id}`}>{titleOf(action, page)}</a>}</th>
      <td>{stateInWords(action)}</td>
      <td>{action.actor ?? action.plannedBy}</td>
      <td>
        <When at={action.createdAt} />
      </td>
      {[tally.done, tally.skipped, tally.refused].map((number) => (
        <td class="number">{number.toLocaleString('en')}</td>
      ))}
    </tr>
  );
}
