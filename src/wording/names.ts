import { shortened } from './text.ts';

/** As the database has it. */
interface Named {
  readonly name: string;
  readonly artist: string | null;
  readonly mergedInto: string | null;
}

/** What an entity is called, for people: `Harbour Songs, by The Swells`, `merged into Harbour Songs, by The Swells`. */
export function nameInWords({ name, artist, mergedInto }: Named): string {
  const own = name.trim() === '' ? '(no name)' : name;
  const whole = artist === null ? own : `${own}, by ${artist}`;
  return shortened(mergedInto === null ? whole : `merged into ${whole}`, 100);
}
