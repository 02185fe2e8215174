import type { Command } from 'commander';
import { addReopen, addResolve, addWontFix } from './reviews/close.ts';
import { addGroups } from './reviews/groups.ts';
import { addHandOver, addTakeBack } from './reviews/hand-over.ts';
import { addList, addShow } from './reviews/list.ts';

export function addReviews(program: Command): void {
  const reviews = program
    .command('reviews')
    .description(
      'What waits for a person: findings that no machine should decide about. What changes anything is recorded with who ' +
        'did it and why.',
    )
    .helpCommand(false);
  for (const add of [addList, addGroups, addShow, addResolve, addWontFix, addReopen, addHandOver, addTakeBack])
    add(reviews);
}
