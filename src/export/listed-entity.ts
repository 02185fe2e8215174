import type { ListedEntity } from '../database/audit-queries/index.ts';
import type { EntityKey } from '../domain/entity.ts';
import { itemName } from '../domain/documents/file-names.ts';
import type { Finding } from '../domain/checks/finding.ts';
import { audit2021Line } from './audit-2021-list.ts';
import { csvLine } from './csv.ts';
import { jsonLine } from './json-lines.ts';
import type { NamedList } from './named-lists.ts';

/** Where the links of a list lead: `[musicbrainz] url` and `[archive] url`. */
export interface Sites {
  readonly musicbrainz: string;
  readonly archive: string;
}

/** How a list is written; `tsv` is the form of the lists of 2021. */
export const listFormats = ['csv', 'json', 'tsv'] as const;
export type ListFormat = (typeof listFormats)[number];

/**
 * A list's first line, where its form has one.
 *
 * @param named null where it is none of the lists for the archive's staff
 */
export function listHead(format: ListFormat, named: NamedList | null): string {
  return format === 'csv' ? csvLine([...(named === null ? [] : staffColumns), ...columns]) : '';
}

/** An entity of a list as one line, with its end; on a list for the archive's staff, with what to do about its item. */
export function listLine(format: ListFormat, entity: ListedEntity, sites: Sites, named: NamedList | null): string {
  const { musicbrainzUrl, archiveUrl } = linksOf(entity, sites);
  const checks = [...new Set(entity.findings.map(({ check }) => check))];
  const staff = named === null ? null : { identifier: itemName(entity.gid), toDo: named.toDo(entity) };
  switch (format) {
    case 'tsv':
      return audit2021Line({
        gid: entity.gid,
        musicbrainzUrl,
        archiveUrl,
        checks: staff ? [...checks, staff.toDo] : checks,
      });
    case 'csv':
      return csvLine([
        ...(staff ? [staff.identifier, staff.toDo] : []),
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
        ...(staff && { identifier: staff.identifier, to_do: staff.toDo }),
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

/** Before the others: who is handed the list needs no more than these. */
const staffColumns = ['identifier', 'to_do'];

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
