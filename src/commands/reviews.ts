import { type Command, Option } from 'commander';
import { readReviewGroups, type ReviewGroups } from '../database/reviews/review-groups.ts';
import { type ReviewStatus, reviewStatuses } from '../database/reviews/reviews.ts';
import { audienceNames } from '../domain/checks/check.ts';
import { printJson, printLines } from '../terminal/terminal.ts';
import { countInWords, oneLine } from '../wording/text.ts';
import { agoInWords } from '../wording/time.ts';
import { configOf, withDatabase } from './database.ts';
import { addNamed } from './subcommands.ts';

export async function addReviews(program: Command, named: readonly string[]): Promise<void> {
  const reviews = program
    .command('reviews')
    .description(
      'What waits for a person: findings that no machine should decide about. What changes anything is recorded with who ' +
        'did it and why.',
    )
    .helpCommand(false);
  await addNamed(reviews, named, [
    { names: ['list'], load: async () => [(await import('./reviews/list.ts')).addList] },
    { names: ['groups'], load: () => Promise.resolve([addGroups]) },
    { names: ['show'], load: async () => [(await import('./reviews/list.ts')).addShow] },
    {
      names: ['resolve', 'wont-fix', 'reopen'],
      load: async () => {
        const { addReopen, addResolve, addWontFix } = await import('./reviews/close.ts');
        return [addResolve, addWontFix, addReopen];
      },
    },
    {
      names: ['hand-over', 'take-back'],
      load: async () => {
        const { addHandOver, addTakeBack } = await import('./reviews/hand-over.ts');
        return [addHandOver, addTakeBack];
      },
    },
  ]);
}

interface Options {
  readonly status: ReviewStatus;
  readonly json?: boolean;
}

function addGroups(reviews: Command): void {
  reviews
    .command('groups')
    .summary('count reviews by their reasons')
    .description(
      'Counts reviews by their reasons, the most common first: what differs only by MBIDs, numbers and what stands in ' +
        'quotes is one group. `--group` of the other commands chooses the reviews of one.',
    )
    .addOption(new Option('--status <which>', 'of these reviews').choices(reviewStatuses).default('open'))
    .option('--json', 'print one JSON object a line')
    .action(async ({ status, json }: Options, command: Command) => {
      const found = await withDatabase(configOf(command).database, (db) => readReviewGroups(db, status));
      if (json) printJson(found.groups.map(({ count, exact, ...group }) => ({ count, is_exact: exact, ...group })));
      else printLines(groupsInWords(found));
      if (found.isPart) printLines([`There are more than these ${found.groups.length} groups`], process.stderr);
      else if (found.groups.length === 0) printLines(['There are none'], process.stderr);
    });
}

function groupsInWords({ groups }: ReviewGroups): readonly string[] {
  const counts = groups.map(countInWords);
  const width = Math.max(0, ...counts.map((count) => count.length));
  return groups.map(({ group, audiences, oldest }, row) => {
    const who = audiences.map((audience) => audienceNames[audience]).join(', ');
    const reason = group === '' ? '(no reason recorded)' : oneLine(group);
    return `${counts[row]!.padStart(width)}  ${reason}  (for ${who}; the oldest ${agoInWords(oldest)})`;
  });
}
