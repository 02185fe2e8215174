import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type Clients, openClients, readKey } from '../../clients/clients.ts';
import { CoolDownError, KeyRefusedError } from '../../clients/errors.ts';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/connection.ts';
import { entityTypes, type Project, projectNames, projects, usualEntityType } from '../../domain/entity.ts';
import { inOneLine } from '../../terminal/terminal.ts';
import { program } from '../../version.ts';
import { configOf } from '../database.ts';
import { type CheckName, type CheckOutcome, failed, notLooked, ok, warning } from './outcome.ts';

/** Nobody's: so there is no item of it, and what is asked changes nothing. */
const nobody = '00000000-0000-4000-8000-000000000000';

/**
 * Asks the archive, with each key, and the web service: five requests at most, each after its turn in the budget. One
 * that cools down is left alone.
 */
export async function checkServices(config: Config, db: Database | null): Promise<readonly CheckOutcome[]> {
  const names = ['archive', ...projectNames.map((name) => `key of ${name}` as const), 'musicbrainz'] as const;
  if (db === null || config.archive.contact === null) {
    const why = db === null ? 'turns for requests are in the database, which is not usable' : 'there is no contact';
    return names.map((name) => notLooked(name, `not asked: ${why}`));
  }
  const clients = openClients({ db, config, program });
  const outcomes = [
    await asked('archive', async () => {
      await clients.reader.observe(nobody);
      return `${config.archive.url} answers`;
    }),
  ];
  for (const entityType of entityTypes) outcomes.push(await checkKey(config, clients, projects[entityType]));
  const musicbrainz = await asked('musicbrainz', async () => {
    await clients.musicbrainz.lookUp({ entityType: usualEntityType, gid: nobody });
    return `${config.musicbrainz.url} answers`;
  });
  return [...outcomes, musicbrainz];
}

async function checkKey(config: Config, clients: Clients, project: Project): Promise<CheckOutcome> {
  const name = `key of ${project.name}` as const;
  if (readKey(config.s3, project) === null) return warning(name, 'is not configured');
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

/** The configuration, and what is to be said of it; null where nothing else can be checked without one. */
export function checkConfiguration(command: Command): { config: Config | null; outcome: CheckOutcome } {
  let config: Config;
  try {
    config = configOf(command);
  } catch (error) {
    return { config: null, outcome: failed('configuration', inOneLine(error)) };
  }
  const { contact } = config.archive;
  const from = sourceOf(command);
  if (contact === null) {
    const detail = `${from}: [archive] contact is missing: no worker starts, and nobody asks the archive without it`;
    return { config, outcome: failed('configuration', detail) };
  }
  const lacking = entityTypes
    .map((entityType) => projects[entityType])
    .filter((project) => readKey(config.s3, project) === null);
  if (lacking.length === 0) return { config, outcome: ok('configuration', from) };
  const without = `${from}; no key of ${lacking.map(({ name }) => name).join(' and ')}: nothing can be written there, nor its tasks be seen`;
  return { config, outcome: warning('configuration', without) };
}

function sourceOf(command: Command): string {
  const { config: file } = command.optsWithGlobals<{ config?: string }>();
  if (file !== undefined) return resolve(file);
  return existsSync('config.ini') ? resolve('config.ini') : 'environment and defaults';
}
