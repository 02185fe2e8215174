import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandNames, openProgram } from '../../src/cli.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../docs/commands.md'), 'utf8');
const examples = [...text.matchAll(/^artwork-reconciler (.*)$/gm)].map(([, line]) => line!);
const sections = text.split(/^## /m).slice(1);

let program: Command;
// All commands with all that they need: a minute on a machine that is busy enough.
beforeAll(async () => (program = await openProgram(commandNames)));

const named = (parent: Command, name: string | undefined): Command | undefined =>
  parent.commands.find((command) => command.name() === name);
const optionsOf = (command: Command): string[] => command.options.flatMap(({ long }) => long ?? []);
const optionsIn = (written: string): string[] => [...written.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([it]) => it);

/** The command that a line runs: a subcommand where its first word names a group. */
function commandOf(line: string): Command | undefined {
  const [first, second] = line.split(' ');
  const command = named(program, first);
  return command === undefined || command.commands.length === 0 ? command : named(command, second);
}

describe('docs/commands.md', () => {
  test('has an example of every command', () => {
    const all = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
    const shown = new Set(examples.map(commandOf));
    expect(all.filter((command) => !shown.has(command)).map((command) => command.name())).toEqual([]);
  });

  test.each(examples)('names a command and options that there are: %s', (line) => {
    const command = commandOf(line);
    expect(command).toBeDefined();
    const known = [...optionsOf(command!), ...optionsOf(program)];
    expect(optionsIn(line).filter((option) => !known.includes(option))).toEqual([]);
  });

  test.each(examples)('has arguments of the right number: %s', (line) => {
    // What a shell makes of it; redirections are its own.
    const words = [...line.replace(/ [<>].*$/, '').matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const command = commandOf(line)!;
    const operands = command.parseOptions(words).operands.slice(command.parent === program ? 1 : 2);
    const least = command.registeredArguments.filter(({ required }) => required).length;
    const isVariadic = command.registeredArguments.some(({ variadic }) => variadic);
    expect(operands.length).toBeGreaterThanOrEqual(least);
    if (!isVariadic) expect(operands.length).toBeLessThanOrEqual(command.registeredArguments.length);
  });

  test.each(sections.map((section) => [section.split('\n')[0]!, section]))(
    'names options that there are, in what it says of %s',
    (heading, section) => {
      const commands = heading.split(', ').flatMap((name) => {
        const command = named(program, name);
        return command === undefined ? [] : [command, ...command.commands];
      });
      expect(commands).not.toEqual([]);
      const known = [...commands, program].flatMap(optionsOf);
      expect(optionsIn(section).filter((option) => !known.includes(option))).toEqual([]);
    },
  );
});

test.each(commandNames)('%s and what is below it have a summary in the list, and a description', (name) => {
  const command = named(program, name)!;
  for (const each of [command, ...command.commands]) {
    expect([each.name(), each.summary(), each.description()]).not.toContain('');
  }
});
