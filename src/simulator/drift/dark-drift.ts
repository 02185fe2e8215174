import type { DriftKind } from './drift-kind.ts';
import { liveKind } from './drift-kind.ts';

/** Only one side says that the art was taken from the public. */
export const darkDrift: readonly DriftKind[] = [
  liveKind({
    name: 'dark_without_flag',
    description: 'The archive made the item dark, and nobody set the flag at MusicBrainz.',
    outcome: 'manual_review',
    change: (plan) => void (plan.dark = true),
  }),
  liveKind({
    name: 'public_despite_flag',
    description: 'MusicBrainz says that the art is darkened; the item is public.',
    outcome: 'manual_review',
    darkened: true,
    change: (plan) => void (plan.dark = false),
  }),
];
