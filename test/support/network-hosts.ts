import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Of the range that is kept for tests of networks (RFC 2544), where nothing else is: each process has one of its own. */
const network = `198.18.${process.pid % 256}`;

/** Where all of them find this machine's servers. */
export const serverAddress = `${network}.1`;

/** A host of its own for a process: a network namespace, connected to this machine by a link. */
export interface NetworkHost {
  /** What a command begins with that is run there, and what takes its place is the process itself. */
  readonly prefix: readonly string[];
  /** From now on no packet is passed on between it and this port, in either direction, and neither end is told. */
  cutOff(port: number): Promise<void>;
  /** All of the network is back. */
  heal(): Promise<void>;
  /** @returns whether it could reach a port of this machine */
  reaches(port: number): Promise<boolean>;
}

const run = (command: string, ...args: readonly string[]): Promise<unknown> => execute(command, args);
const ip = (words: string): Promise<unknown> => run('ip', ...words.split(' '));

/** Hosts of a test file, and what they share. */
export class NetworkHosts {
  readonly #names: string[] = [];
  readonly #rules: (readonly string[])[] = [];
  readonly #forwards: Server[] = [];

  /** @throws {Error} where this machine lets nobody make a network namespace, which takes root and Linux */
  async open(): Promise<void> {
    await ip(`address replace ${serverAddress}/32 dev lo`);
  }

  async add(number: number): Promise<NetworkHost> {
    const name = `ar-host-${process.pid}-${number}`;
    // The names of devices are short.
    const [here, there] = [`arh${process.pid % 100_000}-${number}`, 'uplink'];
    const [near, far] = [`${network}.${4 * number + 1}`, `${network}.${4 * number + 2}`];
    await ip(`netns add ${name}`);
    this.#names.push(name);
    await ip(`link add ${here} type veth peer name ${there} netns ${name}`);
    await ip(`address add ${near}/30 dev ${here}`);
    await ip(`link set ${here} up`);
    const inside = ['netns', 'exec', name];
    await run('ip', ...inside, 'ip', 'address', 'add', `${far}/30`, 'dev', there);
    await run('ip', ...inside, 'ip', 'link', 'set', there, 'up');
    await run('ip', ...inside, 'ip', 'link', 'set', 'lo', 'up');
    await run('ip', ...inside, 'ip', 'route', 'add', 'default', 'via', near);
    const own: (readonly string[])[] = [];
    const drop = async (rule: readonly string[]): Promise<void> => {
      await run('iptables', '--wait', '--table', 'raw', '--append', ...rule);
      own.push(rule);
      this.#rules.push(rule);
    };
    return {
      prefix: ['ip', ...inside],
      async cutOff(port) {
        // As each end's packets come in at the other, so that the senders notice nothing.
        await drop(['PREROUTING', '-i', here, '-p', 'tcp', '--dport', String(port), '-j', 'DROP']);
        const back = ['-p', 'tcp', '--sport', String(port), '-j', 'DROP'];
        await run('ip', ...inside, 'iptables', '--wait', '--table', 'raw', '--append', 'PREROUTING', ...back);
      },
      heal: async () => {
        await run('ip', ...inside, 'iptables', '--wait', '--table', 'raw', '--flush', 'PREROUTING');
        for (const rule of own.splice(0)) await this.#allow(rule);
      },
      async reaches(port) {
        const script = `require('net').connect(${port},'${serverAddress}').setTimeout(10000,()=>process.exit(1)).on('error',()=>process.exit(1)).on('connect',()=>process.exit(0))`;
        return run('ip', ...inside, process.execPath, '-e', script).then(
          () => true,
          () => false,
        );
      },
    };
  }

  /** Lets the hosts reach a server that listens on loopback only: a connection's both halves live and end together. */
  async forward(port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (incoming) => {
      const outgoing = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      incoming.pipe(outgoing).pipe(incoming);
      incoming.on('error', () => outgoing.destroy());
      outgoing.on('error', () => incoming.destroy());
    });
    await new Promise<void>((listening) => server.listen(port, serverAddress, listening));
    server.unref();
    this.#forwards.push(server);
  }

  async #allow(rule: readonly string[]): Promise<void> {
    this.#rules.splice(this.#rules.indexOf(rule), 1);
    await run('iptables', '--wait', '--table', 'raw', '--delete', ...rule);
  }

  /** To be called when nothing runs there any more. */
  async close(): Promise<void> {
    for (const rule of [...this.#rules]) await this.#allow(rule);
    // Its end of the link, and so the other one, go with it.
    for (const name of this.#names) await ip(`netns delete ${name}`);
    for (const server of this.#forwards) server.close();
    await ip(`address delete ${serverAddress}/32 dev lo`).catch(() => undefined);
  }
}

/**
 * What has a process believe that its clock is so many seconds off: libfaketime, in the package of Debian's of that name.
 * (Linux' namespaces of time have no other clock of the day.) Time that passes passes for it as for all.
 *
 * @throws {Error} where it is not there
 */
export function clockApart(seconds: number): Record<string, string> {
  const folder = ['/usr/lib', '/usr/lib64'].flatMap((root) => {
    const below = ['', ...safeList(root)].map((name) => `${root}/${name}/faketime`);
    return below.filter((path) => safeList(path).includes('libfaketimeMT.so.1'));
  })[0];
  if (folder === undefined) throw new Error('there is no libfaketimeMT.so.1: apt-get install faketime');
  const offset = `${seconds < 0 ? '' : '+'}${seconds}`;
  return { LD_PRELOAD: `${folder}/libfaketimeMT.so.1`, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

function safeList(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
