import type { DriftKind } from './drift-kind.ts';
import { liveKind } from './drift-kind.ts';

/** The item's own metadata are not as they should be. Only what the archive derives from the XML mends itself. */
export const metadataDrift: readonly DriftKind[] = [
  liveKind({
    name: 'title_not_derived',
    description: 'The archive did not take the new title from the XML.',
    outcome: 'repaired',
    entityTypes: ['release'],
    change: (plan) => void (plan.derived['title'] = 'Working title'),
  }),
  liveKind({
    name: 'identifiers_not_derived',
    description: 'The archive took no external identifiers from the XML.',
    outcome: 'repaired',
    entityTypes: ['release'],
    change: (plan) => void (plan.derived['external-identifier'] = null),
  }),
  liveKind({
    name: 'collection_wrong',
    description: 'The item was made in another collection, which no upload changes.',
    outcome: 'manual_review',
    change: (plan) => void (plan.metadata['collection'] = 'opensource_media'),
  }),
  liveKind({
    name: 'mediatype_wrong',
    description: 'The item was made as data.',
    outcome: 'manual_review',
    change: (plan) => void (plan.metadata['mediatype'] = 'data'),
  }),
  liveKind({
    name: 'noindex_missing',
    description: 'The item is shown in the archive’s search.',
    outcome: 'manual_review',
    change: (plan) => void delete plan.metadata['noindex'],
  }),
];
