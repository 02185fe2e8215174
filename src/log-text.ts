import { visible } from './terminal/terminal.ts';

/** pino's numbers. */
const levels: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/**
 * A line of the log for reading: time, level, words, and the fields as `name=value`, in the order in which they came. What
 * is no line of the log is left as it is.
 */
export function asText(line: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { level, time, msg, ...others } = fields;
  const named = Object.entries(others).map(([name, value]) => `${name}=${asValue(value)}`);
  const words = [asWords(time), (levels[Number(level)] ?? String(level)).padEnd(5), asWords(msg), ...named];
  return `${visible(words.join(' ').trimEnd())}\n`;
}

/** Quoted where a reader couldn't see where it ends. */
function asValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function asWords(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
