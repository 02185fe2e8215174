/** One kind of what is counted, in a colour of its own. */
export interface Series {
  readonly name: string;
  /** Of the style sheet: 1 good, 2 busy, 3 needs a person, 4 bad, 5 neither. */
  readonly colour: 1 | 2 | 3 | 4 | 5;
  /** One for each bar. */
  readonly values: readonly number[];
}

interface ChartProps {
  readonly id: string;
  readonly title: string;
  /** What one sees, in a sentence, for whoever does not. */
  readonly description: string;
  /** One for each bar; `short` ones stand below the axis where there is room. */
  readonly bars: readonly { readonly name: string; readonly short: string }[];
  readonly series: readonly Series[];
  /** A line across, e.g. a budget. */
  readonly line?: { readonly name: string; readonly value: number };
}

/** Units of the drawing; the page scales it. */
const [width, height, left, bottom, top] = [720, 200, 52, 22, 8];
/** Names below the axis: more would overlap. */
const mostNames = 12;

/** A chart that the server draws: bars of several parts, the same as a table for whoever wants numbers. */
export function StackedBars({ id, title, description, bars, series, line }: ChartProps) {
  const totals = bars.map((_, n) => series.reduce((sum, { values }) => sum + (values[n] ?? 0), 0));
  const highest = Math.max(...totals);
  // A line far above the bars would leave nothing of them to see: then its value is written instead.
  const isDrawn = line !== undefined && line.value <= 2 * highest;
  const ticks = ticksTo(isDrawn ? Math.max(highest, line.value) : highest);
  const most = ticks.at(-1) ?? 1;
  const y = (value: number): number => round(top + (height - top - bottom) * (1 - value / most));
  const step = (width - left) / bars.length;
  const everyNth = Math.ceil(bars.length / mostNames);
  return (
    <figure class="chart" id={id}>
      <figcaption>
        {title} <Legend series={series} line={isDrawn ? line : undefined} />{' '}
        {line !== undefined && !isDrawn && (
          <span class="hint">{`${line.name} is ${line.value.toLocaleString('en')}, above this chart`}</span>
        )}
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${id}-title ${id}-description`}>
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-description`}>{description}</desc>
        {ticks.map((tick) => (
          <g>
            <line class="axis" x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
            <text x={left - 6} y={y(tick) + 4} text-anchor="end">
              {tick.toLocaleString('en')}
            </text>
          </g>
        ))}
        {bars.map((bar, n) => (
          <g>
            <title>{`${bar.name}: ${partsInWords(series, n)}`}</title>
            {partsOf(series, n).map(({ colour, from, to }) => (
              <rect
                class={`series-${colour}`}
                x={round(left + n * step + step * 0.1)}
                y={y(to)}
                width={round(step * 0.8)}
                height={round(y(from) - y(to))}
              />
            ))}
            {n % everyNth === 0 && (
              <text x={round(left + (n + 0.5) * step)} y={height - 6} text-anchor="middle">
                {bar.short}
              </text>
            )}
          </g>
        ))}
        {isDrawn && <line class="budget" x1={left} x2={width} y1={y(line.value)} y2={y(line.value)} />}
      </svg>
      <ChartTable id={id} title={title} bars={bars} series={series} />
    </figure>
  );
}

function Legend({ series, line }: Pick<ChartProps, 'line' | 'series'>) {
  return (
    <ul class="legend">
      {series.map(({ name, colour }) => (
        <li>
          <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
            <rect class={`series-${colour}`} width="10" height="10" />
          </svg>
          {name}
        </li>
      ))}
      {line !== undefined && (
        <li>
          <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
            <line class="budget" x1="0" x2="10" y1="5" y2="5" />
          </svg>
          {line.name}
        </li>
      )}
    </ul>
  );
}

function partsOf(series: readonly Series[], n: number): readonly { colour: number; from: number; to: number }[] {
  let from = 0;
  return series.flatMap(({ colour, values }) => {
    const value = values[n] ?? 0;
    if (value === 0) return [];
    const part = { colour, from, to: from + value };
    from = part.to;
    return [part];
  });
}

function partsInWords(series: readonly Series[], n: number): string {
  const parts = series.flatMap(({ name, values }) => {
    const value = values[n] ?? 0;
    return value === 0 ? [] : [`${value.toLocaleString('en')} ${name}`];
  });
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** What a chart shows, as numbers, the newest first; folded away. */
function ChartTable({ id, title, bars, series }: Pick<ChartProps, 'bars' | 'id' | 'series' | 'title'>) {
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

/**
 * The values at which a chart's lines are drawn, from 0 to at least `most`: 1, 2 or 5 times a power of ten apart, four or
 * five of them.
 */
export function ticksTo(most: number): readonly number[] {
  const rough = Math.max(most, 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough);
  const count = Math.ceil(Math.max(most, 1) / step);
  return Array.from({ length: count + 1 }, (_, n) => n * step);
}
