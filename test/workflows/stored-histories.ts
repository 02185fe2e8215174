import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';

const folder = resolve(import.meta.dirname, '../histories');

export interface StoredHistory {
  /** What happened in it; the file's name. */
  readonly name: string;
  readonly workflowId: string;
  readonly history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
}

export function readStoredHistories(): StoredHistory[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const stored = JSON.parse(readFileSync(join(folder, file), 'utf8'), fromStored) as Omit<StoredHistory, 'name'>;
      return { name: file.replace(/\.json$/, ''), ...stored };
    });
}

export function forgetStoredHistories(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
}

/** Stores a workflow's history under a name that has none yet, without what it says of the machine that it ran on. */
export async function storeHistory(name: string, handle: WorkflowHandle): Promise<void> {
  const file = join(folder, `${name}.json`);
  if (existsSync(file)) return;
  const { events } = await handle.fetchHistory();
  const stored = { workflowId: handle.workflowId, history: { events: toStored('events', events) } };
  writeFileSync(file, `${JSON.stringify(stored, null, 1)}\n`);
}

/*
 * The SDK's own JSON form fails where its packages bring protobufjs several times. In this one payloads are texts, so
 * that a difference between two recordings can be read.
 */

export function toStored(key: string, value: unknown): unknown {
  if (key === 'identity') return 'worker';
  if (key === 'stackTrace') return '';
  // A worker's own (sticky) queue is named after its process and machine.
  if (key === 'name' && typeof value === 'string' && /^\d+@/.test(value)) return 'sticky';
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('utf8') };
  if (Array.isArray(value)) return value.map((inner) => toStored(key, inner));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([name, inner]) => [name, toStored(name, inner)]),
  );
}

export function fromStored(_key: string, value: unknown): unknown {
  const isBytes = value !== null && typeof value === 'object' && 'bytes' in value && typeof value.bytes === 'string';
  return isBytes ? Buffer.from(value.bytes as string) : value;
}
