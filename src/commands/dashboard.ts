import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { lazyTemporal } from '../dashboard/lazy-temporal.ts';
import { serveDashboard } from '../dashboard/serve.ts';
import { log } from '../log.ts';
import { readTemporalConfig } from '../temporal.ts';
import { configOf } from './configuration.ts';
import { checkMigrated, withDatabase } from './database.ts';

export function addDashboard(program: Command): void {
  program
    .command('dashboard')
    .summary("the operators' pages")
    .description(
      "Serves the operators' pages where [dashboard] listen says, until it is stopped. Beyond this machine only with a " +
        'login ([dashboard] auth).',
    )
    .action(async (_options: object, command: Command) => {
      const config = configOf(command);
      await checkMigrated(config.database);
      await withDatabase(config.database, async (db) => {
        const temporal = lazyTemporal(readTemporalConfig());
        const dashboard = await serveDashboard({
          db,
          config: () => config,
          temporal: temporal.open,
          temporalUi: config.dashboard.temporalUi,
          secret: randomBytes(32).toString('base64url'),
          log,
        });
        log.info({ url: dashboard.url }, 'dashboard is served');
        await stopSignal();
        await dashboard.stop();
        await temporal.close();
        log.info('stopped');
      });
    });
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
