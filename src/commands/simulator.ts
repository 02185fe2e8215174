import type { Command } from 'commander';
import type { Database } from '../database/connection.ts';
import { noFaults, unpleasantFaults } from '../simulator/archive/faults.ts';
import { seedDemo } from '../simulator/drift/seed-demo.ts';
import { installWebService, prepareEmptyMusicbrainz } from '../simulator/musicbrainz/seed.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { printLines } from '../terminal/terminal.ts';
import { configOf, withDatabase } from './database.ts';
import { UsageError } from './errors.ts';

interface Options {
  readonly listen: string;
  readonly publicHost?: string;
  readonly seed: string;
  readonly entities?: string;
  readonly faults?: boolean;
}

export function addSimulator(program: Command): void {
  program
    .command('simulator')
    .description(
      "Runs a simulated archive.org, and a MusicBrainz web service that answers from the configured database's rows, " +
        'until it is stopped. What is in the archive is kept in memory. The data nodes listen on the next port.',
    )
    .option('--listen <host:port>', 'where to listen', '127.0.0.1:8090')
    .option('--public-host <host>', 'how others name this host, where it listens on all addresses')
    .option('--seed <number>', 'the same seed gives the same faults and durations', '1')
    .option(
      '--entities <number>',
      'first fill empty MusicBrainz tables and the archive with this many entities, some drifted',
    )
    .option('--faults', 'with the unpleasant parts of the real one')
    .action(async (options: Options, command: Command) => {
      const { host, port } = parseListen(options.listen);
      const seed = parseNumber('--seed', options.seed);
      const entities = options.entities === undefined ? 0 : parseNumber('--entities', options.entities);
      await withDatabase(configOf(command).database, async (musicbrainz) => {
        const simulator = await startSimulator({
          seed,
          musicbrainz,
          host,
          port,
          faults: options.faults ? unpleasantFaults() : noFaults(),
          ...(options.publicHost === undefined ? {} : { publicHost: options.publicHost }),
        });
        try {
          if (entities === 0) await installWebService(musicbrainz);
          else await fillWithEntities(musicbrainz, simulator, { seed, entities });
          // Whoever reads that it is up may stop it at once.
          const stopped = stopSignal();
          printLines(settingsFor(simulator));
          await stopped;
        } finally {
          await simulator.close();
        }
      });
    });
}

/** What to put into the configuration of who is to use it. */
function settingsFor({ urls }: Simulator): readonly string[] {
  return [
    '[archive]',
    `url = ${urls.archive}`,
    `node_url = ${urls.node}`,
    `caa_url = ${urls.caa}`,
    `eaa_url = ${urls.eaa}`,
    '',
    '[s3]',
    `url = ${urls.s3}`,
    `limit_url = ${urls.limit}`,
    '',
    '[musicbrainz]',
    `url = ${urls.musicbrainz}`,
  ];
}

function parseListen(text: string): { host: string; port: number } {
  const [, host, digits] = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  // Two ports are taken: the data nodes have the next one.
  if (host === undefined || !(port <= 65_534)) {
    throw new UsageError(`--listen takes host:port, the port from 0 to 65534; it got ${JSON.stringify(text)}`);
  }
  return { host, port };
}

function parseNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new UsageError(`${option} takes a whole number of 9 digits at most; it got ${JSON.stringify(text)}`);
  }
  return Number(text);
}

/**
 * The archive's items are made to fit the rows, and exist in memory only: rows that are there already would be entities
 * without items. All of it is one transaction: where it fails, the tables are empty still.
 */
async function fillWithEntities(
  musicbrainz: Database,
  simulator: Simulator,
  options: { seed: number; entities: number },
): Promise<void> {
  await musicbrainz.transaction(async (transaction) => {
    await prepareEmptyMusicbrainz(transaction);
    await installWebService(transaction);
    await seedDemo(transaction, simulator.archive, options);
  });
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
