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
  o: () => current()?.querySelector('a')?.click(),
  n: () => document.querySelector('[rel=next]')?.click(),
  p: () => document.querySelector('[rel=prev]')?.click(),
  c: () => document.querySelector('[data-note]')?.focus(),
  r: () => void refresh(),
  '/': () => document.querySelector('[data-find]')?.focus(),
  '?': () => dialog?.showModal(),
};

document.addEventListener('keydown', (event) => {
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
  const command = commands[event.key];
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
  const all = document.querySelector('input[data-select-all]');
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

document.addEventListener('change', (event) => {
  if (event.target.matches('input[data-select-all]')) {
    for (const box of document.querySelectorAll('input[data-select]')) box.checked = event.target.checked;
  }
  if (event.target.matches('input[data-select], input[data-select-all]')) tellSelection();
  // A filter that is chosen from a list is applied at once.
  if (event.target.matches('form.filters select')) event.target.form.requestSubmit();
});

/* `details[data-lazy]`: what its link leads to is asked for when it is opened, not with every look at the page. */
document.addEventListener(
  'toggle',
  async (event) => {
    const { target } = event;
    if (!target.open || !target.dataset.lazy || target.dataset.touched) return;
    // Not taken away by the live refresh while it is open.
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
  },
  true,
);

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
const liveState = document.querySelector('.live-state');

function isAtWork() {
  const main = live();
  const active = document.activeElement;
  return (
    document.hidden ||
    dialog?.open ||
    (inField(active) && main.contains(active)) ||
    main.querySelector(
      'input[data-select]:checked, form[data-sent], form [data-touched], details[data-touched][open]',
    ) !== null ||
    String(window.getSelection()) !== ''
  );
}
document.addEventListener('input', (event) => {
  // Of rows it is told by the boxes themselves: once none is selected any more, nobody is at work.
  if (event.target.matches('input[data-select], input[data-select-all]')) return;
  if (event.target.closest('form')?.method === 'post') event.target.dataset.touched = 'yes';
});

async function refresh() {
  const main = live();
  if (!main) return;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'error' });
  if (!answer.ok) throw new Error(`the answer was ${answer.status}`);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
  if (!fresh || (isAtWork() && !document.hidden)) return;
  const focused = document.activeElement?.id;
  const wasInRow = document.activeElement?.closest('tr[data-row]')?.dataset.row;
  const opened = [...main.querySelectorAll('details[open][id]')].map(({ id }) => id);
  main.replaceChildren(...fresh.childNodes);
  if (fresh.dataset.live) main.dataset.live = fresh.dataset.live;
  else delete main.dataset.live;
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  if (currentRow !== null) current()?.classList.add('current');
  if (wasInRow !== undefined && wasInRow === currentRow && current()) focusRow(current());
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function keepLive() {
  const main = live();
  if (!main) return;
  const seconds = Number(main.dataset.live);
  setTimeout(async () => {
    if (live() && !isAtWork()) {
      try {
        await refresh();
        if (liveState) liveState.textContent = '';
      } catch {
        if (liveState) liveState.textContent = 'Not up to date: the dashboard can’t be reached.';
      }
    }
    void keepLive();
  }, seconds * 1000);
}

const helpButton = document.querySelector('[data-help]');
if (helpButton) {
  helpButton.hidden = false;
  helpButton.addEventListener('click', () => dialog?.showModal());
}
tellSelection();
void keepLive();
