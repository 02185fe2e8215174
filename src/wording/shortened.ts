import { oneLine } from './one-line.ts';

/** A text as lists show it: in one line, and cut where it is longer than `most` characters. */
export function shortened(text: string, most = 200): string {
  const characters = [...oneLine(text.slice(0, 4 * most))];
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}
