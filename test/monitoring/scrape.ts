/** One series of Prometheus' text form. */
interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a page of metrics says. */
export interface Scraped {
  readonly text: string;
  readonly series: readonly Series[];
  /** The names that have a TYPE, whether there is a series of them or not. */
  readonly names: readonly string[];
  /** The value of the series that has these labels (and perhaps others); undefined where there is none. */
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

export function parseMetrics(text: string): Scraped {
  const series = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): Series => {
      const [, name, inside = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`no line of a metric: ${line}`);
      const labels = [...inside.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!] as const);
      return { name, labels: Object.fromEntries(labels), value: Number(value) };
    });
  return {
    text,
    series,
    names: [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!),
    value: (name, labels = {}) =>
      series.find(
        (one) => one.name === name && Object.entries(labels).every(([label, text]) => one.labels[label] === text),
      )?.value,
  };
}

export async function scrape(base: string): Promise<Scraped> {
  const answer = await fetch(`${base}/metrics`);
  if (answer.status !== 200) throw new Error(`${base}/metrics answers ${answer.status}`);
  return parseMetrics(await answer.text());
}
