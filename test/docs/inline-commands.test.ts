import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { commandNames, openProgram } from '../../src/cli.ts';
import { documentedPages } from './documented-lines.ts';

const root = resolve(import.meta.dirname, '../..');

let program: Command;
// All commands with all that they need: some seconds on a busy machine.
beforeAll(async () => (program = await openProgram(commandNames)), 120_000);

/** Commands in the middle of a sentence; a single word may as well be something else of that name. */
const commandInText = new RegExp(
  String.raw`\`(?:artwork-reconciler (?=[a-z])|(?=(?:${commandNames.join('|')}) [a-z-]))([^\`\n]+)\``,
  'g',
);

test.each(documentedPages)('the commands that %s names in its text exist, with their options', (page) => {
  const text = readFileSync(resolve(root, page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
  const written = [...text.matchAll(commandInText)].map(([, command]) => command!);
  expect(written.filter((command) => !exists(command))).toEqual([]);
});

function exists(written: string): boolean {
  const words = written.split(' ');
  const named = (parent: Command, name: string | undefined): Command | undefined =>
    parent.commands.find((command) => command.name() === name);
  const first = named(program, words[0]);
  const command = first && first.commands.length > 0 ? named(first, words[1]) : first;
  if (command === undefined) return false;
  const known = [...command.options, ...program.options].flatMap(({ long }) => long ?? []);
  const options = [...written.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option);
  return options.every((option) => known.includes(option));
}
