import { expect, test } from 'vitest';
import { formOfLine, openAudit2021Reader } from '../../src/domain/imports/audit-2021-files.ts';
import { jsonLine } from '../../src/export/csv.ts';
import { audit2021Line } from '../../src/export/named-lists.ts';

const gid = '76df3287-6cda-33eb-8e9a-044b5e15ffdd';
const item = {
  gid,
  musicbrainzUrl: `https://musicbrainz.org/release/${gid}`,
  archiveUrl: `https://archive.org/details/mbid-${gid}`,
  checks: ['meta.mediatype', 'meta.noindex'],
};

test('a line as the lists of 2021 have it is read back by their importer', () => {
  const line = audit2021Line(item);
  expect(line).toBe(`${gid}\t${item.musicbrainzUrl}\t${item.archiveUrl}\tmeta.mediatype; meta.noindex\n`);
  expect(formOfLine(line.trimEnd())).toBe('actionable');
  expect(openAudit2021Reader('actionable', 'ia_set_mediatype')(line.trimEnd())).toMatchObject({ kind: 'named', gid });
});

test('a tab in a text makes no further column', () => {
  expect(
    audit2021Line({ ...item, checks: ['a\tb\nc'] })
      .trimEnd()
      .split('\t'),
  ).toHaveLength(4);
});

test('nothing is in it that a terminal would obey', () => {
  expect(audit2021Line({ ...item, checks: ['\u001b[2J', '\u009b1m'] })).toContain('\ufffd[2J; \ufffd1m\n');
});

test('JSON lines are one line each', () => {
  expect(jsonLine({ text: 'a\nb', at: new Date(0) })).toBe('{"text":"a\\nb","at":"1970-01-01T00:00:00.000Z"}\n');
});
