import { isImageSuffix } from '../documents/file-names.ts';
import { isMbid } from '../entity.ts';
import { jsonText } from '../json-text.ts';

/** The actions of `artwork_indexer.event_queue_action`. */
export type EventAction = 'copy_image' | 'deindex' | 'delete_image' | 'index' | 'noop';
export const eventActions: readonly EventAction[] = ['index', 'copy_image', 'delete_image', 'deindex', 'noop'];

/** The states of `artwork_indexer.event_state`. */
export type EventState = 'completed' | 'failed' | 'queued' | 'running';

/**
 * How an attempt of ours at an event ends, as `artwork_reconciler.event_attempt` has it. `queued`: it failed and will be
 * tried again; `given_back`: it waits, and the attempt does not count.
 */
export const attemptOutcomes = ['completed', 'failed', 'given_back', 'queued', 'superseded'] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

interface GidMessage {
  readonly gid: string;
}
export interface CopyImageMessage {
  readonly artwork_id: number;
  readonly old_gid: string;
  readonly new_gid: string;
  readonly suffix: string;
}
export interface DeleteImageMessage {
  readonly artwork_id: number;
  readonly gid: string;
  readonly suffix: string;
}
export interface NoopMessage {
  readonly fail?: boolean;
  /** Seconds. */
  readonly sleep?: number;
}

/** What is to be done about one entity's art: the action and its message, as the queue's columns hold them. */
export type EventOrder =
  | { readonly action: 'copy_image'; readonly message: CopyImageMessage }
  | { readonly action: 'deindex'; readonly message: GidMessage }
  | { readonly action: 'delete_image'; readonly message: DeleteImageMessage }
  | { readonly action: 'index'; readonly message: GidMessage }
  | { readonly action: 'noop'; readonly message: NoopMessage };

/** A message that no attempt can carry out. The event fails at once, and costs nothing else. */
export class InvalidMessageError extends Error {
  override readonly name = 'InvalidMessageError';
}

/**
 * The event a queue row stands for.
 *
 * @throws {InvalidMessageError} naming the field, what it holds and what it takes, where the message is not of the
 * action's form.
 */
export function parseOrder(action: string, message: unknown): EventOrder {
  const fields = asObject(message);
  switch (action) {
    case 'index':
    case 'deindex':
      return { action, message: { gid: gidField(fields, 'gid') } };
    case 'copy_image':
      return {
        action,
        message: {
          artwork_id: artworkIdField(fields),
          old_gid: gidField(fields, 'old_gid'),
          new_gid: gidField(fields, 'new_gid'),
          suffix: suffixField(fields),
        },
      };
    case 'delete_image':
      return {
        action,
        message: { artwork_id: artworkIdField(fields), gid: gidField(fields, 'gid'), suffix: suffixField(fields) },
      };
    case 'noop':
      return { action, message: noopMessage(fields) };
    default:
      throw new InvalidMessageError(
        `unknown action ${JSON.stringify(action)}: expected one of ${eventActions.join(', ')}`,
      );
  }
}

/** The gids of the entities that an event names; a copy names two, a noop none. The items it touches are theirs. */
export function gidsOf(order: EventOrder): readonly string[] {
  switch (order.action) {
    case 'copy_image':
      return [...new Set([order.message.old_gid, order.message.new_gid])];
    case 'noop':
      return [];
    case 'index':
    case 'deindex':
    case 'delete_image':
      return [order.message.gid];
  }
}

/**
 * The gids that any row of the queue names, sorted. Unlike {@link gidsOf} it takes any message: also an event that failed
 * because nobody can make sense of it has ended, and an entity may be waiting for it.
 */
export function gidsNamed(action: string, message: unknown): readonly string[] {
  if (action === 'noop' || typeof message !== 'object' || message === null) return [];
  const { gid, old_gid, new_gid } = message as Record<string, unknown>;
  const named = (action === 'copy_image' ? [old_gid, new_gid] : [gid]).map((value) =>
    typeof value === 'string' ? value.toLowerCase() : value,
  );
  return [...new Set(named.filter(isMbid))].sort();
}

/** The gid whose item an event writes to, as its message says; null where it says none. */
export function itemWritten(action: string, message: unknown): string | null {
  if (action === 'noop' || typeof message !== 'object' || message === null) return null;
  const { gid, new_gid } = message as Record<string, unknown>;
  const written = action === 'copy_image' ? new_gid : gid;
  return typeof written === 'string' ? written.toLowerCase() : null;
}

function asObject(message: unknown): Record<string, unknown> {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new InvalidMessageError(`message is ${jsonText(message)}: expected an object`);
  }
  return message as Record<string, unknown>;
}

function gidField(fields: Record<string, unknown>, name: string): string {
  const value = fields[name];
  const gid = typeof value === 'string' ? value.toLowerCase() : value;
  if (!isMbid(gid)) throw unexpected(name, value, 'an MBID');
  return gid;
}

function artworkIdField(fields: Record<string, unknown>): number {
  const given = fields['artwork_id'];
  // Whoever queues by hand may write it as a text; artwork-indexer puts it into a file's name either way.
  const value = typeof given === 'string' && /^[1-9]\d*$/.test(given) ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) {
    throw unexpected('artwork_id', given, 'a positive whole number');
  }
  return value;
}

function suffixField(fields: Record<string, unknown>): string {
  const value = fields['suffix'];
  if (!isImageSuffix(value)) throw unexpected('suffix', value, 'jpg, png, gif or pdf');
  return value;
}

function noopMessage(fields: Record<string, unknown>): NoopMessage {
  const { fail, sleep } = fields;
  if (fail !== undefined && typeof fail !== 'boolean') throw unexpected('fail', fail, 'true or false');
  if (sleep !== undefined && (typeof sleep !== 'number' || !(sleep >= 0))) throw unexpected('sleep', sleep, 'seconds');
  return { ...(fail === undefined ? {} : { fail }), ...(sleep === undefined ? {} : { sleep }) };
}

function unexpected(name: string, value: unknown, expected: string): InvalidMessageError {
  const found = value === undefined ? 'is missing' : `is ${jsonText(value).slice(0, 200)}`;
  return new InvalidMessageError(`message field ${name} ${found}: expected ${expected}`);
}
