import { onTestFinished } from 'vitest';
import type { Simulator, SimulatorOptions } from '../../../src/simulator/simulator.ts';
import { startSimulator } from '../../../src/simulator/simulator.ts';

export const gid = '5c1a7f3e-8d2b-4e6a-9f40-b7c8d9e0a1f2';
export const otherGid = '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d';
export const identifier = `mbid-${gid}`;
export const otherIdentifier = `mbid-${otherGid}`;
export const image = `${identifier}-17.jpg`;

export const ready = { collection: 'coverartarchive', mediatype: 'image', noindex: 'true' };
export const agent = { 'user-agent': 'guest/1.0 (guest@example.org)' };
export const authorization = { authorization: 'LOW access:secret' };
/** What every write of an item that may be new carries. */
export const making = {
  'x-archive-auto-make-bucket': '1',
  'x-archive-meta-collection': 'coverartarchive',
  'x-archive-meta-mediatype': 'image',
  'x-archive-meta-noindex': 'true',
};

/** A clock that stands still until it is moved. */
interface Clock {
  /** Milliseconds since 1970. */
  time: number;
  pass(seconds: number): void;
}

export interface Guest {
  readonly simulator: Simulator;
  readonly clock: Clock;
  readonly get: (path: string, headers?: Record<string, string>, redirect?: 'follow' | 'manual') => Promise<Response>;
  readonly getJson: (path: string, headers?: Record<string, string>) => Promise<unknown>;
  readonly put: (bucket: string, file: string, body: string, headers?: Record<string, string>) => Promise<Response>;
  readonly copy: (bucket: string, file: string, source: string, headers?: Record<string, string>) => Promise<Response>;
  readonly remove: (bucket: string, file: string, headers?: Record<string, string>) => Promise<Response>;
  /** The names of an item's files, without those that the archive itself keeps. */
  readonly names: (bucket: string) => string[];
}

/** Starts a simulator for one test, whose clock stands still and whose writes are applied at once unless told not to. */
export async function guestOf(options: Partial<SimulatorOptions> = {}): Promise<Guest> {
  const clock: Clock = {
    time: Date.parse('2026-11-01T12:00:00Z'),
    pass(seconds) {
      this.time += seconds * 1000;
    },
  };
  const now = () => clock.time;
  const simulator = await startSimulator({
    seed: 7,
    musicbrainz: null,
    applySeconds: { min: 0, max: 0 },
    now,
    ...options,
  });
  onTestFinished(() => simulator.close());
  const write = (
    method: string,
    bucket: string,
    file: string,
    headers: Record<string, string>,
    body: string | null,
  ) => {
    const url = simulator.urls.s3
      .replace('{bucket}', bucket)
      .replace('{file}', file.split('/').map(encodeURIComponent).join('/'));
    return fetch(url, { method, body, headers: { ...agent, ...authorization, ...headers }, redirect: 'manual' });
  };
  const get: Guest['get'] = (path, headers = {}, redirect = 'manual') =>
    fetch(path.startsWith('http') ? path : `${simulator.urls.archive}${path}`, {
      headers: { ...agent, ...headers },
      redirect,
    });
  return {
    simulator,
    clock,
    get,
    getJson: async (path, headers) => (await get(path, headers)).json(),
    put: (bucket, file, body, headers = {}) => write('PUT', bucket, file, { ...making, ...headers }, body),
    copy: (bucket, file, source, headers = {}) =>
      write('PUT', bucket, file, { ...making, 'x-amz-copy-source': source, ...headers }, null),
    remove: (bucket, file, headers = {}) => write('DELETE', bucket, file, headers, null),
    names: (bucket) =>
      (simulator.archive.item(bucket)?.files ?? [])
        .map(({ name }) => name)
        .filter(
          (name) =>
            !/(_meta\.xml|_files\.xml|_meta\.sqlite|_archive\.torrent|_reviews\.xml|__ia_thumb\.jpg)$/.test(name),
        ),
  };
}

/** The `Code` of an S3 error. */
export async function errorCode(response: Response): Promise<string | undefined> {
  return /<Code>(.*)<\/Code>/.exec(await response.text())?.[1];
}
