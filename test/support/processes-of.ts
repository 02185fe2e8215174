import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * The running processes that have anything to do with a folder: its path stands in their arguments or environment, or
 * they work below it. Each as `pid arguments`.
 *
 * Of the system's own records, so on Linux only; elsewhere there is nothing to be found.
 */
export async function processesOf(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    if (Number(pid) === process.pid) continue;
    // A process that ends meanwhile has nothing to read any more.
    const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [args, env] = [await read('cmdline'), await read('environ')];
    const workingFolder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if ([args, env, workingFolder].some((text) => text.includes(folder)))
      found.push(`${pid} ${args.replaceAll('\0', ' ').trim()}`);
  }
  return found;
}
