import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findFreePort } from '../src/embedded/free-port.ts';
import type { Bench } from './bench.ts';
import { executable } from './deployment.ts';
import { median, rounded } from './measure.ts';

/** Rounds, in each of which every command is run once; `BENCH_ROUNDS` for less. */
const rounds = Number(process.env['BENCH_ROUNDS'] ?? 15);

const commands: Readonly<Record<string, readonly string[]>> = {
  'node -e 0, to compare with': ['-e', '0'],
  '--help': [executable, '--help'],
  'events list': [executable, 'events', 'list', '--config', '/dev/null'],
  'audit --help': [executable, 'audit', '--help'],
};

/** What a command takes before it has asked anything: those that need a database find none, and end. */
export const starts: Bench = {
  name: 'starts',
  async run() {
    const env = { PATH: process.env['PATH'], DATABASE_URL: `postgres://nobody@127.0.0.1:${await findFreePort()}/none` };
    const took = Object.entries(commands).map(([what, args]) => ({
      what,
      args,
      cpu: [] as number[],
      wall: [] as number[],
    }));
    for (let round = 0; round < rounds; round += 1) {
      for (const { args, cpu, wall } of took) {
        const [before, began] = [cpuOfChildren(), performance.now()];
        spawnSync(process.execPath, args, { env, stdio: 'ignore' });
        wall.push(performance.now() - began);
        cpu.push(cpuOfChildren() - before);
      }
    }
    const bare = median(took[0]?.cpu ?? []);
    const rows = took.map(({ what, cpu, wall }) => ({
      what,
      start_cpu_ms: rounded(median(cpu)),
      start_of_bare: rounded(median(cpu) / bare),
      start_ms: rounded(median(wall)),
      start_least_ms: rounded(Math.min(...wall)),
    }));
    return { table: rows, json: { rows } };
  },
};

/** Milliseconds of processes that have ended, in the kernel's hundredths; Linux alone has it. */
function cpuOfChildren(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
