import type { Activity } from '../../../database/activity/index.ts';

interface RequestTablesProps {
  readonly activity: Activity;
}

/** What was asked of archive.org and the web service, and what went wrong with it, over the whole time that is shown. */
export function RequestTables({ activity }: RequestTablesProps) {
  const total = (what: 'answer' | 'not_now' | 'request'): readonly (readonly [string, number])[] => {
    const sums = new Map<string, number>();
    for (const hour of activity.hours) {
      for (const [key, count] of Object.entries(hour[what])) sums.set(key, (sums.get(key) ?? 0) + count);
    }
    return [...sums].sort(([, one], [, other]) => other - one);
  };
  return (
    <div class="sides" id="requests">
      <Counts caption="Requests of audits" head="Kind" rows={total('request')} />
      <Counts
        caption="Answers to attempts at events that failed"
        head="Status"
        rows={total('answer')}
        href={() => '/events?state=any&newer=7d'}
      />
      <Counts
        caption="Audits that were given back"
        head="Why"
        rows={total('not_now')}
        href={() => '/entities?due=later'}
      />
    </div>
  );
}

interface CountsProps {
  readonly caption: string;
  readonly head: string;
  readonly rows: readonly (readonly [string, number])[];
  readonly href?: (key: string) => string;
}

function Counts({ caption, head, rows, href }: CountsProps) {
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
        {rows.map(([key, count]) => (
          <tr>
            <th scope="row">{href === undefined ? words(key) : <a href={href(key)}>{words(key)}</a>}</th>
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

function words(key: string): string {
  return key === 'none' ? 'no answer' : key.replaceAll('_', ' ');
}
