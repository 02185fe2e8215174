import { formatDate } from './builders.ts';
import type { PartialDate } from './specs.ts';
import { element, textElement, textElementUnlessEmpty, type XmlElement } from './xml.ts';

interface Named {
  readonly gid: string;
  readonly name: string;
}

interface CreditRow {
  readonly name: string;
  readonly join_phrase: string;
  readonly artist: Named & { readonly sort_name: string; readonly comment: string };
  readonly type: Named | null;
  readonly country: string | null;
}

interface DateRow extends PartialDate {
  readonly area: Named | null;
  readonly code: string | null;
}

/** What `simulated_web_service.release` of the fixture gives. */
export interface ReleaseRow {
  readonly gid: string;
  readonly name: string;
  readonly comment: string;
  readonly barcode: string | null;
  readonly quality: number;
  readonly status: Named | null;
  readonly packaging: Named | null;
  readonly language: string | null;
  readonly script: string | null;
  readonly asin: string | null;
  readonly presence: string;
  readonly credits: readonly CreditRow[];
  readonly dates: readonly DateRow[];
  readonly art: { readonly count: number; readonly front: boolean; readonly back: boolean };
}

/** With `inc=artists`. */
export function releaseElement(release: ReleaseRow): XmlElement {
  const { language, script, dates } = release;
  return element('release', { id: release.gid }, [
    textElement('title', release.name),
    listedElement('status', release.status),
    textElement('quality', qualityNames.get(release.quality)),
    textElementUnlessEmpty('disambiguation', release.comment),
    listedElement('packaging', release.packaging),
    language === null && script === null
      ? null
      : element('text-representation', {}, [textElement('language', language), textElement('script', script)]),
    element('artist-credit', {}, release.credits.map(creditElement)),
    // The first release event stands for all of them, as it did before there could be several.
    ...(dates[0] ? [textElement('date', formatDate(dates[0])), textElement('country', dates[0].code)] : []),
    dates.length === 0
      ? null
      : element('release-event-list', { count: String(dates.length) }, dates.map(releaseEventElement)),
    textElement('barcode', release.barcode),
    textElementUnlessEmpty('asin', release.asin),
    artElement(release),
  ]);
}

/** -1, unknown, is said to be normal. */
const qualityNames: ReadonlyMap<number, string> = new Map([
  [-1, 'normal'],
  [0, 'low'],
  [1, 'normal'],
  [2, 'high'],
]);

function listedElement(name: string, listed: Named | null): XmlElement | null {
  return listed === null ? null : element(name, { id: listed.gid }, [listed.name]);
}

function creditElement({ name, join_phrase, artist, type, country }: CreditRow): XmlElement {
  return element('name-credit', { joinphrase: join_phrase === '' ? null : join_phrase }, [
    name === artist.name ? null : textElement('name', name),
    element('artist', { id: artist.gid, type: type?.name, 'type-id': type?.gid }, [
      textElement('name', artist.name),
      textElement('sort-name', artist.sort_name),
      textElement('country', country),
      textElementUnlessEmpty('disambiguation', artist.comment),
    ]),
  ]);
}

function releaseEventElement(date: DateRow): XmlElement {
  const { area, code } = date;
  return element('release-event', {}, [
    textElement('date', formatDate(date)),
    area === null
      ? null
      : element('area', { id: area.gid }, [
          textElement('name', area.name),
          textElement('sort-name', area.name),
          code === null ? null : element('iso-3166-1-code-list', {}, [textElement('iso-3166-1-code', code)]),
        ]),
  ]);
}

function artElement({ art, presence }: ReleaseRow): XmlElement {
  return element('cover-art-archive', {}, [
    textElement('artwork', String(presence === 'present')),
    textElement('count', String(art.count)),
    textElement('front', String(art.front)),
    textElement('back', String(art.back)),
    presence === 'darkened' ? textElement('darkened', 'true') : null,
  ]);
}
