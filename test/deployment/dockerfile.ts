import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  readonly argument: string;
}

export interface Stage {
  readonly image: string;
  /** Null for the last one, which is the image. */
  readonly name: string | null;
  /** Without `FROM`. */
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, as far as ours need the syntax: comments, continued lines, `FROM … AS …`, `ARG`s before. */
export function readStages(file: string): Stage[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  const stages: { image: string; name: string | null; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name, argument] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined || argument === undefined) throw new Error(`not an instruction: ${line}`);
    if (name === 'FROM') {
      const [image, , stage] = argument.split(/\s+/);
      stages.push({ image: image!, name: stage ?? null, instructions: [] });
    } else if (stages.length > 0) stages.at(-1)!.instructions.push({ name, argument });
    else if (name !== 'ARG') throw new Error(`before the first FROM, where only ARG may be: ${line}`);
  }
  return stages;
}

export interface Copy {
  /** The stage that is copied from; null: the build's context. */
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

/** What a `COPY` copies. */
export function readCopy({ argument }: Instruction): Copy {
  const words = argument.split(/\s+/);
  const from = /^--from=(.+)$/.exec(words[0]!)?.[1] ?? null;
  const paths = from === null ? words : words.slice(1);
  return { from, sources: paths.slice(0, -1), target: paths.at(-1)! };
}

/** The arguments of an instruction, where it has the form that runs no shell in between; else null. */
export function execForm({ argument }: Instruction): string[] | null {
  return argument.startsWith('[') ? (JSON.parse(argument) as string[]) : null;
}

/** The files and folders below `root` that a source of a COPY names: itself, or all that end as `folder/*.md` says. */
export function filesNamed(root: string, source: string): string[] {
  const [, ending] = /^\*(\.\w+)$/.exec(basename(source)) ?? [];
  if (ending === undefined) return existsSync(join(root, source)) ? [source] : [];
  const folder = dirname(source);
  return readdirSync(join(root, folder)).flatMap((name) => (name.endsWith(ending) ? [join(folder, name)] : []));
}
