import { changesBetween } from '../../wording/changes.ts';
import { shortened } from '../../wording/shortened.ts';

/** Two recorded states, as what differs between them. */
export function Changes({ before, after }: { readonly before: unknown; readonly after: unknown }) {
  const changes = changesBetween(before, after);
  if (changes.length === 0) return <span class="none">nothing</span>;
  return (
    <dl class="changes">
      {changes.map((change) => (
        <div>
          <dt>{change.name || 'value'}</dt>
          <dd>
            {change.before !== null && <del>{shortened(change.before, longest)}</del>}
            {change.before !== null && change.after !== null && ' → '}
            {change.after !== null && <ins>{shortened(change.after, longest)}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Characters; all of it is in the files. */
const longest = 300;
