import { CoolDownError, KeyRefusedError } from '../../clients/errors.ts';
import { type Clients, openClients } from '../../clients/clients.ts';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/connection.ts';
import { projects } from '../../domain/project.ts';
import { program } from '../../version.ts';
import { inOneLine } from '../errors.ts';
import { hasKey } from './configuration.ts';
import { type CheckName, type CheckOutcome, failed, notLooked, ok, warning } from './outcome.ts';

/** Nobody's: so there is no item of it, and what is asked changes nothing. */
const nobody = '00000000-0000-4000-8000-000000000000';

/**
 * Asks the archive, with each key, and the web service: five requests at most, each after its turn in the budget. One
 * that cools down is left alone.
 */
export async function checkServices(config: Config, db: Database | null): Promise<readonly CheckOutcome[]> {
  const names = ['archive', 'key of caa', 'key of eaa', 'musicbrainz'] as const;
  if (db === null || config.archive.contact === null) {
    const why = db === null ? 'turns for requests are in the database, which is not usable' : 'there is no contact';
    return names.map((name) => notLooked(name, `not asked: ${why}`));
  }
  const clients = openClients({ db, config, program });
  return [
    await asked('archive', async () => {
      await clients.reader.observe(nobody);
      return `${config.archive.url} answers`;
    }),
    await checkKey(config, clients, 'release'),
    await checkKey(config, clients, 'event'),
    await asked('musicbrainz', async () => {
      await clients.musicbrainz.lookUp({ entityType: 'release', gid: nobody });
      return `${config.musicbrainz.url} answers`;
    }),
  ];
}

async function checkKey(config: Config, clients: Clients, entityType: 'event' | 'release'): Promise<CheckOutcome> {
  const project = projects[entityType];
  const name = `key of ${project.name}` as const;
  if (!hasKey(config, project.name)) return warning(name, 'is not configured');
  return asked(name, async () => {
    await clients.limits.outstandingTasks(project, nobody);
    return 'is accepted';
  });
}

async function asked(name: CheckName, ask: () => Promise<string>): Promise<CheckOutcome> {
  try {
    return ok(name, await ask());
  } catch (error) {
    if (error instanceof CoolDownError) return warning(name, `not asked: ${error.message}`);
    if (error instanceof KeyRefusedError) return failed(name, `is refused: ${inOneLine(error)}`);
    return failed(name, inOneLine(error));
  }
}
