import { startTemporalServer } from '../../src/embedded/temporal-server.ts';

// A process that starts a server, says where, and stays without ever stopping it.
const { address, pid } = await startTemporalServer();
process.stdout.write(`${JSON.stringify({ address, pid })}\n`);
setInterval(() => undefined, 1000);
