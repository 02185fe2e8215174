import { startTemporalServer } from '../../src/embedded/temporal-server.ts';
import type { RunPart } from './global-setup.ts';

export async function startTemporal(): Promise<RunPart<{ address: string }>> {
  const server = await startTemporalServer({ cli: { log: (line) => process.stderr.write(`${line}\n`) } });
  return { answer: { address: server.address }, stop: () => server.stop() };
}
