import { describe, expect, it } from 'vitest';
import { expectedIndex } from '../../../src/domain/documents/index-document.ts';
import { readXml } from '../../../src/domain/documents/xml-document.ts';
import type { EntityType } from '../../../src/domain/entity.ts';
import { indexBytes } from '../../../src/simulator/drift/index-of-day.ts';
import { eventElement } from '../../../src/simulator/musicbrainz/event-document.ts';
import { releaseElement } from '../../../src/simulator/musicbrainz/release-document.ts';
import { metadataDocument } from '../../../src/simulator/musicbrainz/xml.ts';
import { bytes } from '../../domain/examples.ts';
import { indexedRelease, periods } from '../../domain/period-documents.ts';
import { eventRow, releaseRow } from './rows-of-periods.ts';

/** A document's values, and whether it is one line. */
function read(xml: Uint8Array, entityType: EntityType): unknown {
  const reading = readXml(xml, entityType);
  const text = Buffer.from(xml).toString();
  return {
    values: reading.kind === 'read' ? new Map([...reading.values].sort()) : reading,
    isOneLine: !/\n</.test(text),
  };
}

describe.each(periods)('the simulator’s files of $period', ({ mtime, releaseXml, eventXml, index }) => {
  const day = new Date(mtime * 1000).toISOString().slice(0, 10);

  it('have the XML of that day', () => {
    const release = metadataDocument(releaseElement(releaseRow), day);
    expect(read(release, 'release')).toEqual(read(bytes(releaseXml), 'release'));
    // The guest's attribute is what the simulated MusicBrainz doesn't have.
    const withoutAttributes = eventXml.replace(/<attribute-list>.*?<\/attribute-list>/, '');
    expect(read(metadataDocument(eventElement(eventRow), day), 'event')).toEqual(
      read(bytes(withoutAttributes), 'event'),
    );
  });

  it('have the index.json of that day, byte for byte', () => {
    expect(indexBytes(expectedIndex(indexedRelease), day).toString()).toBe(index);
  });
});
