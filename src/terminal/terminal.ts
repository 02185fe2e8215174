/**
 * What a terminal obeys instead of showing: control characters, line ends in the middle of a line, and what turns the
 * direction of writing. File names, answers and notes may hold them, and could forge a line or hide one.
 */
const obeyed = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const short: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** A text as one line, with what a terminal would obey written out: `\n`, `\u001b`. */
export function visible(text: string): string {
  return text.replace(
    obeyed,
    (character) => short.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Prints for people. All that people read in a terminal comes through here or through a progress line. */
export function printLines(lines: readonly string[], to: NodeJS.WritableStream = process.stdout): void {
  to.write(lines.map((line) => `${visible(line)}\n`).join(''));
}

/** Prints for programs, to the letter: a value a line, as JSON. */
export function printJson(values: readonly unknown[]): void {
  process.stdout.write(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
}

/** Between two plain lines, where there is no terminal. Milliseconds. */
const plainInterval = 5_000;

/** Shows how far something is: one line that changes on a terminal, else a plain line now and then. */
export interface ProgressLine {
  show(line: string): void;
  /** A line that stays. */
  say(line: string): void;
  end(): void;
}

export function openProgressLine(stream: NodeJS.WriteStream): ProgressLine {
  let shown = '';
  let shownAt = 0;
  const clear = stream.isTTY ? '\r\u001b[K' : '';
  return {
    show(text) {
      const line = visible(text);
      if (line === shown || (!stream.isTTY && Date.now() - shownAt < plainInterval)) return;
      shown = line;
      shownAt = Date.now();
      stream.write(stream.isTTY ? `${clear}${line.slice(0, (stream.columns || 80) - 1)}` : `${line}\n`);
    },
    say(line) {
      stream.write(`${clear}${visible(line)}\n`);
      if (stream.isTTY) stream.write(shown.slice(0, (stream.columns || 80) - 1));
    },
    end() {
      if (stream.isTTY && shown !== '') stream.write('\n');
      shown = '';
    },
  };
}

/** An error's message; where it has none, as with several addresses that all refused, that of the first inside it. */
export function inOneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message === '' && error instanceof AggregateError && error.errors.length > 0)
    return inOneLine(error.errors[0]);
  const message = error.message.trim() || (error as NodeJS.ErrnoException).code || error.name;
  return message.replace(/\s*\n\s*/g, ' ');
}
