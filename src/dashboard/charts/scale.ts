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
