import { openDatabase } from '../src/database/connection.ts';
import { handle, type RequestSettings } from '../test/support/other-daemon-requests.ts';
import { atOnce, type PeerPace, peerQueues } from './peer-queues.ts';

/**
 * What a worker of a peer is started with, as JSON in its first argument: a process of its own, as ours is one. Each of
 * its jobs is what the other daemon does for such an event.
 */
export interface PeerProcess {
  readonly peer: string;
  readonly schema: string;
  readonly pace: PeerPace;
  readonly requests: RequestSettings;
}

const { peer, schema, pace, requests } = JSON.parse(process.argv[2] ?? '') as PeerProcess;

const databaseUrl = process.env['DATABASE_URL'] ?? '';
const db = openDatabase({ connectionString: databaseUrl, max: atOnce, prepare: true });
const worker = await peerQueues
  .find(({ name }) => name === peer)
  ?.work(databaseUrl, {
    schema,
    pace,
    // A job that fails would be tried again, which is not what is measured.
    handle: (event) => handle(db, event, requests).catch(failed),
  });

function failed(error: unknown): never {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}

process.on('SIGTERM', () => {
  void worker?.stop().finally(() => process.exit(0));
});
