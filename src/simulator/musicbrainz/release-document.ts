import type { Queryable } from '../../database/connection.ts';
import { formatDate } from './partial-date.ts';
import type { PartialDate } from './specs.ts';
import type { XmlElement } from './xml.ts';
import { element, textElement, textElementUnlessEmpty } from './xml.ts';

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

interface ReleaseRow {
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

// Whole rows go by aliases that no column is called: `status` alone would be release.status, a number.
const releaseSql = `
  select release.gid, release.name, release.comment, release.barcode, release.quality, meta.amazon_asin as asin,
    meta.cover_art_presence as presence, to_json(status_row) as status, to_json(packaging_row) as packaging,
    coalesce(language.iso_code_3, language.iso_code_2t) as language, script.iso_code as script,
    (
      select json_agg(json_build_object(
        'name', credit.name, 'join_phrase', credit.join_phrase, 'artist', to_json(artist_row), 'type', to_json(type_row),
        'country', (select min(code) from musicbrainz.iso_3166_1 iso where iso.area = artist_row.area)
      ) order by credit.position)
      from musicbrainz.artist_credit_name credit
      join musicbrainz.artist artist_row on artist_row.id = credit.artist
      left join musicbrainz.artist_type type_row on type_row.id = artist_row.type
      where credit.artist_credit = release.artist_credit
    ) as credits,
    (
      select coalesce(json_agg(json_build_object(
        'year', date_year, 'month', date_month, 'day', date_day, 'area', to_json(area_row),
        'code', (select min(code) from musicbrainz.iso_3166_1 iso where iso.area = area_row.id)
      ) order by date_year nulls last, date_month nulls last, date_day nulls last, area_row.name), '[]')
      from (
        select country, date_year, date_month, date_day from musicbrainz.release_country dated
        where dated.release = release.id
        union all
        select null, date_year, date_month, date_day from musicbrainz.release_unknown_country dated
        where dated.release = release.id
      ) dates
      left join musicbrainz.area area_row on area_row.id = dates.country
    ) as dates,
    (
      select json_build_object('count', count(*), 'front', coalesce(bool_or(is_front), false),
                               'back', coalesce(bool_or(is_back), false))
      from cover_art_archive.index_listing listing where listing.release = release.id
    ) as art
  from musicbrainz.release
  join musicbrainz.release_meta meta on meta.id = release.id
  left join musicbrainz.release_status status_row on status_row.id = release.status
  left join musicbrainz.release_packaging packaging_row on packaging_row.id = release.packaging
  left join musicbrainz.language on language.id = release.language
  left join musicbrainz.script on script.id = release.script
  where release.gid = $1
     or release.id = (select new_id from musicbrainz.release_gid_redirect where gid = $1)`;

/** The release of a gid, or that it was merged into, with `inc=artists`. Null where MusicBrainz has none. */
export async function readReleaseElement(
  musicbrainz: Queryable,
  gid: string,
): Promise<{ gid: string; element: XmlElement } | null> {
  const { rows } = await musicbrainz.query<ReleaseRow>(releaseSql, [gid]);
  const row = rows[0];
  return row === undefined ? null : { gid: row.gid, element: releaseElement(row) };
}

function releaseElement(release: ReleaseRow): XmlElement {
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
      textElementUnlessEmpty('disambiguation', artist.comment),
      textElement('country', country),
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
