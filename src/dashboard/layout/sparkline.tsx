interface SparklineProps {
  /** The newest last. */
  readonly values: readonly number[];
  /** What one sees, in a sentence. */
  readonly description: string;
  /** What a bar of full height is; the largest value where not given. */
  readonly most?: number;
}

/** Units of the drawing; the page scales it. */
const [width, height, gap] = [120, 24, 1];

/** Values as small bars, the newest marked: where something is heading, without axes. */
export function Sparkline({ values, description, most = Math.max(1, ...values) }: SparklineProps) {
  const step = width / Math.max(values.length, 1);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={description}
    >
      {values.map((value, n) => {
        // What is little is still seen to be something.
        const tall = value === 0 ? 0 : Math.max(1, (height * value) / most);
        return (
          <rect
            class={n === values.length - 1 ? 'now' : ''}
            x={tenths(n * step)}
            y={tenths(height - tall)}
            width={tenths(Math.max(step - gap, 0.5))}
            height={tenths(tall)}
          />
        );
      })}
    </svg>
  );
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
