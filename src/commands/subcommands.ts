import type { Command } from 'commander';

/** Some subcommands of a command, and the file that adds them. */
interface Subcommands {
  readonly names: readonly string[];
  readonly load: () => Promise<readonly ((command: Command) => void)[]>;
}

/**
 * Adds the subcommands that the arguments name, or all of them where they name none: `events list` is run often, and needs
 * nothing of what `events requeue` loads.
 */
export async function addNamed(
  command: Command,
  named: readonly string[],
  subcommands: readonly Subcommands[],
): Promise<void> {
  const chosen = subcommands.filter(({ names }) => names.some((name) => named.includes(name)));
  for (const { load } of chosen.length > 0 ? chosen : subcommands) {
    for (const add of await load()) add(command);
  }
}
