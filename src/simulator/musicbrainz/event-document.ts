import { formatDate } from './builders.ts';
import { element, textElement, textElementUnlessEmpty, type XmlElement } from './xml.ts';

interface Named {
  readonly gid: string;
  readonly name: string;
  readonly comment: string;
}

interface Link {
  readonly begin_date_year: number | null;
  readonly begin_date_month: number | null;
  readonly begin_date_day: number | null;
  readonly end_date_year: number | null;
  readonly end_date_month: number | null;
  readonly end_date_day: number | null;
}

interface Relation {
  readonly link: Link & { readonly ended: boolean };
  readonly link_type: Named;
  readonly link_order: number;
  readonly source_credit: string;
  readonly target_credit: string;
  readonly type: Named | null;
}

interface ArtistRelation extends Relation {
  readonly artist: Named & { readonly sort_name: string };
  readonly country: string | null;
}

interface PlaceRelation extends Relation {
  readonly place: Named & { readonly address: string };
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** What `simulated_web_service.event` of the fixture gives. */
export interface EventRow extends Named, Link {
  readonly time: string | null;
  readonly cancelled: boolean;
  readonly setlist: string | null;
  readonly type: Named | null;
  readonly artists: readonly ArtistRelation[];
  readonly places: readonly PlaceRelation[];
}

/** With `inc=artist-rels+place-rels`. */
export function eventElement(event: EventRow): XmlElement {
  const { begin, end } = span(event);
  return element('event', { id: event.gid, ...typeAttributes(event.type) }, [
    textElement('name', event.name),
    textElementUnlessEmpty('disambiguation', event.comment),
    event.cancelled ? textElement('cancelled', 'true') : null,
    begin === null && end === null
      ? null
      : element('life-span', {}, [textElement('begin', begin), textElement('end', end)]),
    textElement('time', event.time),
    textElementUnlessEmpty('setlist', event.setlist),
    relationList('artist', event.artists, artistElement),
    relationList('place', event.places, placeElement),
  ]);
}

function relationList<Row extends Relation>(
  target: 'artist' | 'place',
  relations: readonly Row[],
  targetElement: (relation: Row) => XmlElement,
): XmlElement | null {
  if (relations.length === 0) return null;
  const relationElements = relations.map((relation) => {
    const { begin, end } = span(relation.link);
    const shown = targetElement(relation);
    return element('relation', { type: relation.link_type.name, 'type-id': relation.link_type.gid }, [
      textElement('target', shown.attributes['id']),
      relation.link_order === 0 ? null : textElement('ordering-key', String(relation.link_order)),
      // Seen from the event: the artist performs at it, it is held at the place.
      textElement('direction', target === 'artist' ? 'backward' : 'forward'),
      textElement('begin', begin),
      textElement('end', end),
      relation.link.ended ? textElement('ended', 'true') : null,
      shown,
      textElementUnlessEmpty('source-credit', relation.source_credit),
      textElementUnlessEmpty('target-credit', relation.target_credit),
    ]);
  });
  return element('relation-list', { 'target-type': target }, relationElements);
}

function artistElement({ artist, type, country }: ArtistRelation): XmlElement {
  return element('artist', { id: artist.gid, ...typeAttributes(type) }, [
    textElement('name', artist.name),
    textElement('sort-name', artist.sort_name),
    textElement('country', country),
    textElementUnlessEmpty('disambiguation', artist.comment),
  ]);
}

function placeElement({ place, type, latitude, longitude }: PlaceRelation): XmlElement {
  return element('place', { id: place.gid, ...typeAttributes(type) }, [
    textElement('name', place.name),
    textElementUnlessEmpty('disambiguation', place.comment),
    textElementUnlessEmpty('address', place.address),
    latitude === null || longitude === null
      ? null
      : element('coordinates', {}, [
          textElement('latitude', String(latitude)),
          textElement('longitude', String(longitude)),
        ]),
  ]);
}

function typeAttributes(type: Named | null): Record<string, string | undefined> {
  return { type: type?.name, 'type-id': type?.gid };
}

function span(dates: Link): { begin: string | null; end: string | null } {
  return {
    begin: formatDate({ year: dates.begin_date_year, month: dates.begin_date_month, day: dates.begin_date_day }),
    end: formatDate({ year: dates.end_date_year, month: dates.end_date_month, day: dates.end_date_day }),
  };
}
