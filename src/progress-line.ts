import { visible } from './terminal/terminal.ts';

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
