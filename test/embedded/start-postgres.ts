import { startEmbeddedPostgres } from '../../src/embedded/postgres.ts';

// A process that starts a server, says where, and stays (or ends at once) without ever stopping it.
const { folder, url } = await startEmbeddedPostgres({ settings: { fsync: 'off' } });
process.stdout.write(`${JSON.stringify({ folder, url })}\n`);
if (process.argv[2] === 'stay') setInterval(() => undefined, 1000);
