import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { redactorFor } from '../config/secrets.ts';
import type { Database } from '../database/connection.ts';
import { requireIdentity } from '../database/schema/deployment.ts';
import { checkNamespace, countPollers, readTemporalConfig } from '../temporal/connection.ts';
import { type Build, getsWork, ownBuild, readBuilds, readRouting } from '../temporal/worker-builds.ts';
import { inOneLine, printJson, printLines } from '../terminal/terminal.ts';
import { buildInWords, commandToMakeCurrent, givenWork, notGivenWork } from '../wording/builds.ts';
import { checkDatabaseAndSchema } from './check/database.ts';
import { type CheckOutcome, failed, notLooked, ok } from './check/outcome.ts';
import { checkConfiguration, checkServices } from './check/services.ts';
import { askTemporal } from './schedule/temporal.ts';

export function addCheck(program: Command): void {
  program
    .command('check')
    .summary('check that everything this program needs is there')
    .description(
      'Checks the configuration, the database, its migrations and schema, the rights of its user, whether it is a ' +
        'replica, what fills the queue, whether new events are announced, Temporal, whether it gives this build work, the archive with both keys, and the web service: a line each. Changes nothing; its few requests take their turns from the ' +
        'budget. Exit code 1 where something fails.',
    )
    .option('--json', 'print one JSON object')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { config, outcome } = checkConfiguration(command);
      const others = config === null ? [] : await checkAll(config);
      const outcomes = [outcome, ...others];
      const isFailed = outcomes.some(({ state }) => state === 'failed');
      const redact = config === null ? (text: string): string => text : redactorFor(config);
      const json = { ok: !isFailed, checks: outcomes };
      if (options.json) printJson([JSON.parse(redact(JSON.stringify(json)))]);
      else printLines(inWords(outcomes).map(redact));
      if (isFailed) throw new Error(`${listOf(outcomes)}: see above`);
    });
}

async function checkAll(config: Config): Promise<readonly CheckOutcome[]> {
  const { db, outcomes } = await checkDatabaseAndSchema(config);
  try {
    return [...outcomes, await checkTemporal(db), await checkBuild(config), ...(await checkServices(config, db))];
  } finally {
    await db?.close();
  }
}

async function checkTemporal(db: Database | null): Promise<CheckOutcome> {
  const asked = await askTemporal(async (temporal) => {
    const { readPaceSchedule } = await import('../starters/pause-schedule.ts');
    const schedule = await readPaceSchedule(temporal).catch(async (error: unknown) => {
      // In words that say what to do, where that is why.
      await checkNamespace(temporal, readTemporalConfig());
      throw error;
    });
    return {
      owner: schedule?.owner ?? null,
      namespace: temporal.options.namespace,
      isWorkedOn: (await countPollers(temporal)) > 0,
    };
  });
  if (asked.kind === 'unreachable') return failed('temporal', asked.reason);
  const { owner, namespace, isWorkedOn } = asked.answer;
  try {
    if (db !== null) await requireIdentity(db, owner);
  } catch (error) {
    return failed('temporal', inOneLine(error));
  }
  return ok('temporal', `namespace ${namespace} answers; ${isWorkedOn ? 'a worker is' : 'no worker is'} running`);
}

/** Whether workers that are the same build as this program, and have the same settings, are given work. */
async function checkBuild({ worker }: Config): Promise<CheckOutcome> {
  let own: Build | null;
  try {
    own = ownBuild(worker);
  } catch (error) {
    return failed('build', inOneLine(error));
  }
  const asked = await askTemporal(async (temporal) => {
    const routing = await readRouting(temporal);
    const deploymentName = own?.deploymentName ?? routing.current?.deploymentName;
    return { routing, builds: deploymentName === undefined ? [] : await readBuilds(temporal, deploymentName) };
  });
  if (asked.kind === 'unreachable') return notLooked('build', 'Temporal is away');
  const { routing, builds } = asked.answer;
  const lines = builds.map(buildInWords);
  if (getsWork(routing, own))
    return ok('build', own === null ? 'workers are not versioned' : givenWork(routing, own), lines);
  return failed('build', `${notGivenWork(routing, own)}: ${commandToMakeCurrent(routing, own)}`, lines);
}

const states: Readonly<Record<CheckOutcome['state'], string>> = {
  ok: 'ok',
  warning: 'warning',
  failed: 'FAILED',
  not_looked: 'not checked',
};

function inWords(outcomes: readonly CheckOutcome[]): readonly string[] {
  return outcomes.flatMap(({ name, state, detail, lines: more }) => [
    `${name.padEnd(14)} ${states[state].padEnd(13)} ${detail}`,
    ...more.map((line) => `    ${line}`),
  ]);
}

function listOf(outcomes: readonly CheckOutcome[]): string {
  const names = outcomes.filter(({ state }) => state === 'failed').map(({ name }) => name);
  return `${names.length} of ${outcomes.length} checks failed (${names.join(', ')})`;
}
