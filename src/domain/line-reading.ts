import type { EntityType } from './entity.ts';

/** What one line of an imported file tells. Nothing is passed over in silence: what isn't taken has its reason. */
export type LineReading =
  | {
      readonly kind: 'named';
      readonly gid: string;
      /** Null where the file doesn't tell: MusicBrainz is asked. */
      readonly entityType: EntityType | null;
      readonly priority: number;
      /** It was written in upper case, which no message of ours has. */
      readonly wasUpperCase: boolean;
    }
  /** About an entity of which the file says nothing that matters. */
  | { readonly kind: 'passed' }
  /** Understood, and not about an item of the art archives. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unreadable'; readonly reason: string };
