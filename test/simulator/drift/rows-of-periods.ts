import type { EventRow } from '../../../src/simulator/musicbrainz/event-document.ts';
import type { ReleaseRow } from '../../../src/simulator/musicbrainz/release-document.ts';
import { gids } from '../../domain/examples.ts';

/*
 * MusicBrainz' rows of the release and the event in test/domain/period-documents.ts, as the fixture's web service reads
 * them.
 */

const person = { gid: 'b6e035f4-3ce9-331c-97df-83397230b0df', name: 'Person' };
const group = { gid: 'e431f5f6-b5d2-343d-8b36-72607fffb74b', name: 'Group' };
const vera = {
  gid: '3f0a9b52-9d3e-4c5b-8a54-0d3c1a3b2f10',
  name: 'Vera Costa',
  sort_name: 'Costa, Vera',
  comment: 'singer',
};
const band = { gid: '5c2d7e1a-6b1f-4f0e-9a55-2b8d9c7e6f21', name: 'Os Faróis', sort_name: 'Faróis, Os', comment: '' };

export const releaseRow: ReleaseRow = {
  gid: gids.entity,
  name: 'Azul & Prata',
  comment: 'first pressing',
  barcode: '',
  quality: -1,
  status: { gid: '4e304316-386d-3409-af2e-78857eec5cfe', name: 'Official' },
  packaging: { gid: 'ec27701a-4a22-37f4-bfac-6616e0f9750a', name: 'Jewel Case' },
  language: 'por',
  script: 'Latn',
  asin: 'B0064X7QRS',
  presence: 'present',
  credits: [
    { name: 'Vera C.', join_phrase: ' e ', artist: vera, type: person, country: 'PT' },
    { name: 'Os Faróis', join_phrase: '', artist: band, type: group, country: 'PT' },
  ],
  dates: [
    {
      year: 2011,
      month: 11,
      day: null,
      area: { gid: 'b7fefc4b-2f5a-4c8f-9d8e-1a2b3c4d5e43', name: 'Portugal' },
      code: 'PT',
    },
  ],
  art: { count: 2, front: true, back: true },
};

const always = {
  begin_date_year: null,
  begin_date_month: null,
  begin_date_day: null,
  end_date_year: null,
  end_date_month: null,
  end_date_day: null,
  ended: false,
};
const plain = { link: always, link_order: 0, source_credit: '', target_credit: '' };

export const eventRow: EventRow = {
  gid: gids.entity,
  name: 'Noite Azul',
  comment: '',
  begin_date_year: 2014,
  begin_date_month: 7,
  begin_date_day: 5,
  end_date_year: 2014,
  end_date_month: 7,
  end_date_day: 5,
  time: '21:30',
  cancelled: false,
  setlist: '* Farol\n* Maré',
  type: { gid: 'ef55e8d7-3d00-394a-8012-f5506a29ff0b', name: 'Concert', comment: '' },
  artists: [
    {
      ...plain,
      link_type: { gid: '936c7c95-3156-3889-a062-8a0cd57f8946', name: 'main performer', comment: '' },
      type: { ...person, comment: '' },
      artist: vera,
      country: 'PT',
    },
  ],
  places: [
    {
      ...plain,
      link_type: { gid: 'e2c6f697-07dc-38b1-be0b-83d740165532', name: 'held at', comment: '' },
      type: { gid: 'cd92781a-a73f-30e8-a430-55d7521338db', name: 'Venue', comment: '' },
      place: { gid: '7d1b2c3e-4f5a-4b6c-8d7e-9f0a1b2c3d32', name: 'Cine-Teatro', comment: '', address: 'Rua Larga 1' },
      latitude: 38.7,
      longitude: -9.1,
    },
  ],
};
