import type { ListedEntity } from '../database/audit-queries/index.ts';
import type { EntityKey } from '../domain/entity.ts';
import { itemName } from '../domain/file-names.ts';
import type { Finding } from '../domain/finding.ts';
import { audit2021Line } from './audit-2021-list.ts';
import { csvLine } from './csv.ts';
import { jsonLine } from './json-lines.ts';

/** Where the links of a list lead: `[musicbrainz] url` and `[archive] url`. */
export interface Sites {
  readonly musicbrainz: string;
  readonly archive: string;
}

/** How a list is written; `tsv` is the form of the lists of 2021. */
export const listFormats = ['csv', 'json', 'tsv'] as const;
export type ListFormat = (typeof listFormats)[number];

/** A list's first line, where its form has one. */
export function listHead(format: ListFormat): string {
  return format === 'csv' ? csvLine(columns) : '';
}

/** An entity of a list as one line, with its end. */
export function listLine(format: ListFormat, entity: ListedEntity, sites: Sites): string {
  const { musicbrainzUrl, archiveUrl } = linksOf(entity, sites);
  const checks = [...new Set(entity.findings.map(({ check }) => check))];
  switch (format) {
    case 'tsv':
      return audit2021Line({ gid: entity.gid, musicbrainzUrl, archiveUrl, checks });
    case 'csv':
      return csvLine([
        entity.entityType,
        entity.gid,
        musicbrainzUrl,
        archiveUrl,
        entity.identity,
        entity.status,
        entity.decision,
        entity.decidedAt,
        checks.join('; '),
        entity.findings.map(inWords).join('; '),
      ]);
    case 'json':
      return jsonLine({
        entity_type: entity.entityType,
        gid: entity.gid,
        musicbrainz_url: musicbrainzUrl,
        archive_url: archiveUrl,
        identity: entity.identity,
        status: entity.status,
        priority: entity.priority,
        decision: entity.decision,
        mode: entity.mode,
        audit: entity.auditId,
        decided_at: entity.decidedAt,
        findings: entity.findings,
      });
  }
}

const columns = [
  'entity_type',
  'mbid',
  'musicbrainz_url',
  'archive_url',
  'identity',
  'status',
  'decision',
  'decided_at',
  'checks',
  'findings',
];

/** The pages of an entity and of its item. */
function linksOf({ entityType, gid }: EntityKey, { musicbrainz, archive }: Sites) {
  const root = (url: string): string => url.replace(/\/+$/, '');
  return {
    musicbrainzUrl: `${root(musicbrainz)}/${entityType}/${gid}`,
    archiveUrl: `${root(archive)}/details/${itemName(gid)}`,
  };
}

/** A finding with its first examples; how many there are is said where these are not all. */
function inWords({ check, count, examples }: Finding): string {
  const told = examples.map(({ subject, expected, found }) => `${subject}: expected ${expected}, found ${found}`);
  return `${check}${count > examples.length ? ` (${count})` : ''}: ${told.join(', ')}`;
}
