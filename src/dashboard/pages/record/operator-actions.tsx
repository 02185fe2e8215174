import type { OperatorAction } from '../../../database/operator-actions/index.ts';
import { shortened } from '../../../wording/shortened.ts';
import { Changes } from '../../layout/changes.tsx';
import { When } from '../../layout/when.tsx';
import { bulkActionPath, targetPath } from './target-path.ts';

interface OperatorActionsProps {
  readonly actions: readonly OperatorAction[];
  readonly caption: string;
}

/** What people did, newest first; part of the record's page and of each entity's. */
export function OperatorActions({ actions, caption }: OperatorActionsProps) {
  return (
    <div class="scroll">
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">On</th>
            <th scope="col">Changed</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {actions.map((action) => (
            <tr data-row={String(action.id)}>
              <td>
                <When at={action.at} />
              </td>
              <td>{action.actor}</td>
              <td>{action.action}</td>
              <td>
                <Target of={action.target} after={action.after} />
              </td>
              <td>
                <Changes before={action.before} after={action.after} />
              </td>
              <td>{shortened(action.note ?? '', longest)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Target({ of, after }: { readonly of: string; readonly after: unknown }) {
  const path = bulkActionPath(after) ?? targetPath(of);
  return path === null ? <>{shortened(of, longest)}</> : <a href={path}>{of}</a>;
}

/** Characters; all of it is in the files. */
const longest = 500;
