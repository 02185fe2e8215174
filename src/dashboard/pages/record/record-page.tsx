import type { OperatorActionPage } from '../../../database/operator-actions/index.ts';
import type { PageContext } from '../../environment.ts';
import { Page } from '../../layout/page.tsx';
import { Downloads } from '../../lists/downloads.tsx';
import { Pager } from '../../lists/pager.tsx';
import { OperatorActions } from './operator-actions.tsx';

interface RecordPageProps {
  readonly c: PageContext;
  readonly page: OperatorActionPage;
  /** What there is to choose from. */
  readonly actions: readonly string[];
}

/** Who did what, when, on what, what it was before and after, and why. */
export function RecordPage({ c, page, actions }: RecordPageProps) {
  return (
    <Page c={c} title="Operator record" section="/record">
      <Filters c={c} actions={actions} />
      {page.rows.length === 0 ? (
        <p class="message">
          {page.next === null ? 'Nothing that matches is recorded.' : 'None of the newest; older ones may match.'}
        </p>
      ) : (
        <OperatorActions actions={page.rows} caption="What people did, newest first" />
      )}
      <Pager c={c} next={page.next} />
      <Downloads c={c} />
    </Page>
  );
}

function Filters({ c, actions }: Pick<RecordPageProps, 'actions' | 'c'>) {
  const chosen = c.req.query('action') ?? '';
  return (
    <form class="filters" method="get" action="/record">
      <label>
        Who <input name="actor" value={c.req.query('actor') ?? ''} autocomplete="off" />
      </label>
      <label>
        What{' '}
        <select name="action">
          <option value="">anything</option>
          {[...new Set([...actions, ...(chosen === '' ? [] : [chosen])])].map((action) => (
            <option value={action} selected={action === chosen}>
              {action}
            </option>
          ))}
        </select>
      </label>
      <label>
        On <input name="target" value={c.req.query('target') ?? ''} placeholder="review 7" autocomplete="off" />
      </label>
      <label>
        Newer than <input name="newer" value={c.req.query('newer') ?? ''} placeholder="3d" autocomplete="off" />
      </label>
      <button>Filter</button>
    </form>
  );
}
