// What pages do better with a script than without: live refresh, the keyboard, selecting rows. Everything works without.
// No library, nothing inline: the content security policy allows this file only.

const inField = (element) => element?.closest('input:not([type=checkbox]), select, textarea') !== null;
const dialog = document.querySelector('#keyboard-help');

/* Rows: `tr[data-row]`, each with a link that opens it and perhaps a checkbox that selects it. */
const rows = () => [...document.querySelectorAll('tr[data-row]')];
let currentRow = null;

function moveTo(row) {
  if (!row) return;
  for (const other of rows()) other.classList.remove('current');
  row.classList.add('current');
  currentRow = row.dataset.row;
  focusRow(row);
  row.scrollIntoView({ block: 'nearest' });
}

/** On its link, so that Enter opens it: on a checkbox Enter would send the form around the list. */
function focusRow(row) {
  (row.querySelector('a') ?? row.querySelector('input'))?.focus({ preventScroll: true });
}

function step(by) {
  const all = rows();
  const at = all.findIndex((row) => row.dataset.row === currentRow);
  moveTo(at === -1 ? all[0] : all[Math.min(all.length - 1, Math.max(0, at + by))]);
}

const current = () => rows().find((row) => row.dataset.row === currentRow);

/* Keys. `g` waits for the next one. */
let goes = false;
const commands = {
  j: () => step(1),
  k: () => step(-1),
  x: () => current()?.querySelector('input[type=checkbox]')?.click(),
  X: () =>
    current()
      ?.querySelector('input[data-select]')
      ?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, shiftKey: true })),
  o: () => current()?.querySelector('a')?.click(),
  n: () => document.querySelector('[rel=next]')?.click(),
  p: () => document.querySelector('[rel=prev]')?.click(),
  c: () => document.querySelector('[data-note]')?.focus(),
  r: () => void refresh(),
  '/': () => document.querySelector('[data-find]')?.focus(),
  '?': () => dialog?.showModal(),
};

const commandOf = (element) => element && (() => element.click());

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey && event.key === 'Enter' && event.target.matches?.('[data-note]')) {
    const { form } = event.target;
    return form.requestSubmit(form.querySelector('button.primary, button'));
  }
  if (event.ctrlKey || event.metaKey || event.altKey || dialog?.open) return;
  if (event.key === 'Escape' && inField(document.activeElement)) return document.activeElement.blur();
  if (inField(event.target)) return;
  if (goes) {
    goes = false;
    document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
    return event.preventDefault();
  }
  if (event.key === 'g') {
    goes = true;
    return event.preventDefault();
  }
  // `[data-key]`: a button, link or summary with a key of its own.
  const command = commands[event.key] ?? commandOf(document.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  if (command) {
    command();
    event.preventDefault();
  }
});

/* Selection: `input[data-select]` in rows, `input[data-select-all]` in the head, `[data-selected]` tells how many. */
function tellSelection() {
  const boxes = [...document.querySelectorAll('input[data-select]')];
  const chosen = boxes.filter((box) => box.checked).length;
  for (const place of document.querySelectorAll('[data-selected]')) {
    place.textContent = chosen === 0 ? '' : `${chosen} selected`;
  }
  // Without a selection there is nothing for these to do, unless all that match are meant.
  const bulk = document.querySelector('#bulk');
  const isIdle = chosen === 0 && bulk?.querySelector('[name=scope]:checked')?.value === 'selected';
  for (const button of bulk?.querySelectorAll('fieldset button') ?? []) button.disabled = isIdle;
  const all = document.querySelector('input[data-select-all]');
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

/* With Shift, the rows from the one that was clicked before become what this one becomes. */
let clickedBefore = null;
document.addEventListener('click', ({ target, shiftKey }) => {
  if (!target.matches?.('input[data-select]')) return;
  const boxes = [...document.querySelectorAll('input[data-select]')];
  const ends = [boxes.findIndex((box) => box.value === clickedBefore), boxes.indexOf(target)].sort((a, b) => a - b);
  if (shiftKey && ends[0] !== -1) {
    for (const box of boxes.slice(ends[0], ends[1] + 1)) box.checked = target.checked;
  }
  clickedBefore = target.value;
});

/* `button[data-copy]`: the text goes to the clipboard; where a browser has none, as over plain HTTP, it is selected. */
document.addEventListener('click', async ({ target }) => {
  if (!target.matches?.('[data-copy]')) return;
  try {
    await navigator.clipboard.writeText(target.dataset.copy);
    target.textContent = 'Copied';
  } catch {
    window.getSelection()?.selectAllChildren(target.previousElementSibling);
  }
});

document.addEventListener('change', (event) => {
  if (event.target.matches('input[data-select-all]')) {
    for (const box of document.querySelectorAll('input[data-select]')) box.checked = event.target.checked;
  }
  if (event.target.matches('input[data-select], input[data-select-all], #bulk [name=scope]')) tellSelection();
  // A filter that is chosen from a list is applied at once.
  if (event.target.matches('form.filters select')) event.target.form.requestSubmit();
});

/* `details[data-lazy]`: what its link leads to is asked for when it is opened, not each time that the page is loaded. */
async function loadLazy(target) {
  if (!target.open || !target.dataset.lazy || target.dataset.touched) return;
  // Once is enough; the live refresh keeps it.
  target.dataset.touched = 'yes';
  const place = document.createElement('div');
  place.setAttribute('role', 'status');
  place.textContent = 'Asking the archive …';
  target.append(place);
  try {
    const answer = await fetch(target.dataset.lazy, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    place.replaceChildren(...(page.querySelector('[data-part], .message')?.childNodes ?? []));
  } catch {
    place.textContent = 'The dashboard can’t be reached.';
  }
}
document.addEventListener('toggle', ({ target }) => void loadLazy(target), true);
for (const each of document.querySelectorAll('details[data-lazy][open]')) void loadLazy(each);

/* `[data-pixels]` of a figure: how large its image is, which the archive doesn't list. Load events don't bubble. */
function showPixels(image) {
  const place = image.closest('figure')?.querySelector('[data-pixels]');
  if (place && image.naturalWidth > 0) place.textContent = `${image.naturalWidth} × ${image.naturalHeight}`;
}
document.addEventListener(
  'load',
  ({ target }) => {
    if (target instanceof HTMLImageElement) showPixels(target);
  },
  true,
);
for (const image of document.images) showPixels(image);

/* A form that changes something is sent once, however often it is clicked. */
document.addEventListener('submit', (event) => {
  const { target } = event;
  if (target.method !== 'post') return;
  if (target.dataset.sent) return event.preventDefault();
  target.dataset.sent = 'yes';
});
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

/* Live refresh: the page is asked for again, and what is in <main> is replaced, while nobody works in it. */
const live = () => document.querySelector('main[data-live]');
const liveLine = document.querySelector('.live');
let isPaused = false;
let isAway = false;

function liveWords() {
  if (isAway) return 'Not up to date: the dashboard can’t be reached.';
  if (isPaused) return 'Updates are paused.';
  if (live().querySelector('input[data-select]:checked')) return 'Updates wait while rows are selected.';
  return isAtWork() ? 'Updates wait while you are at work here.' : 'Kept up to date.';
}

/** Says whether the page is kept up to date, and if not, why. */
function tellLive() {
  if (!liveLine) return;
  liveLine.hidden = !live();
  if (liveLine.hidden) return;
  const [state, button] = liveLine.children;
  const words = liveWords();
  if (state.textContent !== words) state.textContent = words;
  button.textContent = isPaused ? 'Resume' : 'Pause';
}
document.querySelector('[data-pause]')?.addEventListener('click', () => {
  isPaused = !isPaused;
  tellLive();
});
for (const what of ['change', 'input', 'focusin', 'focusout', 'selectionchange']) {
  document.addEventListener(what, () => setTimeout(tellLive));
}

function isAtWork() {
  const main = live();
  const active = document.activeElement;
  return (
    document.hidden ||
    dialog?.open ||
    (inField(active) && main.contains(active)) ||
    main.querySelector('input[data-select]:checked, form[data-sent], form [data-touched]') !== null ||
    String(window.getSelection()) !== ''
  );
}
document.addEventListener('input', (event) => {
  // For rows the boxes themselves say it: once none is selected any more, nobody is at work.
  if (event.target.matches('input[data-select], input[data-select-all]')) return;
  if (event.target.closest('form')?.method === 'post') event.target.dataset.touched = 'yes';
});

async function refresh() {
  const main = live();
  if (!main) return;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.querySelector('main');
  if (!fresh || (isAtWork() && !document.hidden)) return;
  const focused = document.activeElement?.id;
  const wasInRow = document.activeElement?.closest('tr[data-row]')?.dataset.row;
  document.adoptNode(fresh);
  // What was asked of the archive stays as it is.
  for (const kept of main.querySelectorAll('details[data-lazy][data-touched]')) {
    fresh.querySelector(`#${CSS.escape(kept.id)}`)?.replaceWith(kept);
  }
  keepPictures(main, fresh);
  const opened = [...main.querySelectorAll('details[open][id]')].map(({ id }) => id);
  const kept = [...main.querySelectorAll('input[data-kept]:checked')].map(({ id }) => id);
  main.replaceChildren(...fresh.childNodes);
  refreshFrame(page);
  if (fresh.dataset.live) main.dataset.live = fresh.dataset.live;
  else delete main.dataset.live;
  for (const id of kept) document.getElementById(id)?.setAttribute('checked', '');
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  if (currentRow !== null) current()?.classList.add('current');
  if (wasInRow !== undefined && wasInRow === currentRow && current()) focusRow(current());
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  tellSelection();
}

/** Small pictures that are there, or are known not to be, are not asked for again every few seconds: the archive is no cache. */
function keepPictures(main, fresh) {
  const there = [...main.querySelectorAll('.thumbnail img')];
  for (const image of fresh.querySelectorAll('.thumbnail img')) {
    const at = there.findIndex((each) => each.getAttribute('src') === image.getAttribute('src'));
    if (at !== -1) image.replaceWith(...there.splice(at, 1));
  }
}

/** What stands around `<main>` and changes, too: `[data-fresh]`, each with an id; not where the focus is. */
function refreshFrame(page) {
  document.title = page.title;
  for (const part of document.querySelectorAll('[data-fresh]')) {
    const fresh = page.getElementById(part.id);
    if (fresh && !part.contains(document.activeElement)) part.replaceChildren(...fresh.childNodes);
  }
}

async function keepLive() {
  const main = live();
  if (!main) return;
  const seconds = Number(main.dataset.live);
  setTimeout(async () => {
    if (live() && !isPaused && !isAtWork()) {
      try {
        await refresh();
        isAway = false;
      } catch {
        isAway = true;
      }
    }
    tellLive();
    void keepLive();
  }, seconds * 1000);
}

const helpButton = document.querySelector('[data-help]');
if (helpButton) {
  helpButton.hidden = false;
  helpButton.addEventListener('click', () => dialog?.showModal());
}
tellSelection();
tellLive();
void keepLive();
