import { navigation } from './navigation.ts';

const keys: readonly (readonly [string, string])[] = [
  ['j, k', 'next row, row before'],
  ['x', 'select or unselect the row'],
  ['Enter, o', 'open the row'],
  ['n', 'next page, or next review'],
  ['p', 'previous review'],
  ['c', 'write the note'],
  ['/', 'find an entity'],
  ['r', 'load what is new now'],
  ['?', 'this list'],
  ['Esc', 'close, or leave a field'],
];

/** What the script's keys do; opened by `?`. Without script there is nothing to tell. */
export function KeyboardHelp() {
  return (
    <dialog id="keyboard-help" aria-labelledby="keyboard-help-title">
      <h2 id="keyboard-help-title">Keyboard</h2>
      <dl class="facts">
        {keys.map(([key, meaning]) => (
          <div>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
        {navigation.map(({ key, title }) => (
          <div>
            <dt>
              <kbd>{`g ${key}`}</kbd>
            </dt>
            <dd>{title}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button>Close</button>
      </form>
    </dialog>
  );
}
