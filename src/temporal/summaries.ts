/*
 * What workflows and their steps are called in Temporal's UI: a line each. They are part of every history, so they are short.
 */
import type { EntityKey, EntityType } from '../domain/entity.ts';
import { jsonText } from '../domain/json-text.ts';

/** The server refuses more than 400 bytes, and the workflow with it. */
const longest = 100;

/** A text as a summary: of one line, and never too long, whatever a row of the queue holds. */
export function asSummary(text: string): string {
  const characters = [
    ...text
      .slice(0, 2 * longest)
      .replace(/\s+/g, ' ')
      .trim(),
  ];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}

/** Temporal drops what a workflow was called at its start where it continues as new: such a one sets its details itself. */
export const progressIsAsked = 'The query `progress` says how far it is.';

/** A field of a message, which may hold any JSON: of an object, `String` would call what it has as its `toString`. */
function inWords(value: unknown): string {
  return typeof value === 'string' ? value : jsonText(value);
}

/** The beginning of an MBID, which is enough to tell a few apart. */
function shortMbid(gid: unknown): string {
  return inWords(gid).slice(0, 8);
}

/** `audit release 76df3287`. */
export function auditSummary({ entityType, gid }: EntityKey): string {
  return `audit ${entityType} ${shortMbid(gid)}`;
}

/**
 * `copy image 8000022.png: b3b1cc8a → 6192dcbe (release)`.
 *
 * @param event.message as the row has it: one that can't be understood is shown as it is
 */
export function eventSummary(event: {
  readonly entityType: EntityType;
  readonly action: string;
  readonly message: unknown;
}): string {
  const { entityType, action, message } = event;
  const words = action.replace('_', ' ');
  const {
    gid,
    old_gid: from,
    new_gid: to,
    artwork_id: id,
    suffix,
  } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const image = `${inWords(id)}.${inWords(suffix)}`;
  if (action === 'noop') return asSummary(`${words} ${jsonText(message)}`);
  if (from !== undefined && to !== undefined) {
    return asSummary(`${words} ${image}: ${shortMbid(from)} → ${shortMbid(to)} (${entityType})`);
  }
  if (gid === undefined) return asSummary(`${words} ${jsonText(message)} (${entityType})`);
  if (id === undefined) return asSummary(`${words} ${entityType} ${shortMbid(gid)}`);
  return asSummary(`${words} ${image}: ${shortMbid(gid)} (${entityType})`);
}
