import type { ChartProps } from './stacked-bars.tsx';

/** What a chart shows, as numbers, the newest first; folded away. */
export function ChartTable({ id, title, bars, series }: Pick<ChartProps, 'bars' | 'id' | 'series' | 'title'>) {
  return (
    <details id={`${id}-table`}>
      <summary>As a table</summary>
      <div class="scroll" tabindex={0} role="region" aria-label={`${title}, as a table`}>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">Hour (UTC)</th>
              {series.map(({ name }) => (
                <th scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bars
              .map((bar, n) => (
                <tr>
                  <th scope="row">{bar.name}</th>
                  {series.map(({ values }) => (
                    <td class="number">{(values[n] ?? 0).toLocaleString('en')}</td>
                  ))}
                </tr>
              ))
              .reverse()}
          </tbody>
        </table>
      </div>
    </details>
  );
}
