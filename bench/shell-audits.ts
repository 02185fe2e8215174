import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { EntityKey } from '../src/domain/entity.ts';
import type { Bench } from './bench.ts';
import { seedInStep } from './clean-entities.ts';
import { type BenchDeployment, executable, startBenchDeployment } from './deployment.ts';
import { rounded, usageOf, usageWithChildren } from './measure.ts';

/** `BENCH_ENTITIES` for less. */
const here = Number(process.env['BENCH_ENTITIES'] ?? 20_000);

/**
 * `artwork-reconciler audit -` as an operator runs it: how many a second, whether its memory grows, and whose CPU an audit
 * takes. Then the same by two processes, half of the entities each: no threads in one process could do better, as each has
 * all that it needs to itself.
 */
export const shell: Bench = {
  name: 'shell',
  async run() {
    const bench = await startBenchDeployment({ latencyMs: 0 });
    try {
      const entities = await seedInStep(bench, here, 'today');
      const one = await auditBy(bench, [entities]);
      const half = Math.ceil(here / 2);
      const two = await auditBy(bench, [entities.slice(0, half), entities.slice(half)]);
      const ratio = two.audits_per_second / one.audits_per_second;
      const what = (processes: string): string => `${here} entities by ${processes}, archive 0 ms`;
      const table = [
        { what: what('one audit -'), ...one },
        { what: what('two audit -'), ...two, of_one: rounded(ratio) },
      ];
      return { table, json: { one, two, ratio } };
    } finally {
      await bench.stop();
    }
  },
};

/** What has been used and printed so far. */
interface Mark {
  readonly at: number;
  readonly printed: number;
  readonly audits: number;
  readonly postgres: number;
  readonly bench: number;
  readonly memoryMb: number;
}

/**
 * From the first that is printed until a tenth is left: neither starting is measured, nor that one of two may end before the
 * other.
 */
async function auditBy(bench: BenchDeployment, shares: readonly (readonly EntityKey[])[]) {
  const children = shares.map((share) => {
    const child = spawn(process.execPath, [executable, 'audit', '-', '--json', '--config', '/dev/null'], {
      env: bench.env,
    });
    child.stderr.pipe(process.stderr);
    child.stdin.end(share.map(({ gid }) => `${gid}\n`).join(''));
    return child;
  });
  const all = shares.flat().length;
  let printed = 0;
  const mark = (): Mark => {
    const usages = children.map(({ pid }) => usageOf(pid ?? 0));
    return {
      at: Date.now(),
      printed,
      audits: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      postgres: usageWithChildren(bench.postgresPid),
      bench: usageOf(process.pid).cpuSeconds,
      memoryMb: usages.reduce((sum, { memoryMb }) => sum + memoryMb, 0),
    };
  };
  const marks = new Map<number, Mark>();
  const marked = [1, Math.floor(all / 4), Math.floor(all * 0.9)];
  const read = children.map(async ({ stdout }) => {
    for await (const line of createInterface({ input: stdout })) {
      if (line === '') continue;
      printed += 1;
      if (marked.includes(printed)) marks.set(printed, mark());
    }
  });
  await Promise.all(read);
  const [first, quarter, last] = marked.map((each) => marks.get(each)!) as [Mark, Mark, Mark];
  const cpuMs = (of: 'audits' | 'bench' | 'postgres'): number =>
    rounded(((last[of] - first[of]) * 1000) / (last.printed - first.printed));
  return {
    audits_per_second: rounded((last.printed - first.printed) / ((last.at - first.at) / 1000)),
    cpu_ms_per_audit: cpuMs('audits'),
    cpu_ms_of_postgresql: cpuMs('postgres'),
    cpu_ms_of_simulator: cpuMs('bench'),
    memory_mb_at_a_quarter: rounded(quarter.memoryMb),
    memory_mb_at_the_end: rounded(last.memoryMb),
  };
}
