import { readFileSync } from 'node:fs';

/** The median; 0 of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which so much of them lies (0 … 1); 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Two digits that mean something. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** Seconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

/** What a process has used so far, as Linux tells; zeros elsewhere. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly memoryMb: number;
}

/** Ticks a second of the times in /proc, on every Linux that Node runs on. */
const ticks = 100;

export function usageOf(pid: number): Usage {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticks, memoryMb: Number(resident) / 1024 };
  } catch {
    return { cpuSeconds: 0, memoryMb: 0 };
  }
}

/** CPU seconds of a server and its processes, those that have ended included. */
export function usageWithChildren(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const ended = (Number(fields[13]) + Number(fields[14])) / ticks;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    const running = [pid, ...children.map(Number)].map((each) => usageOf(each).cpuSeconds);
    return running.reduce((sum, seconds) => sum + seconds, ended);
  } catch {
    return 0;
  }
}
