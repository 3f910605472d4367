'use strict';
(() => {
  const all = (query, from = document) => [...from.querySelectorAll(query)];
  const cells = all('.grid .cell');
  const said = document.getElementById('said');
  let opened = null;

  // The grid is one stop of the Tab key; the arrow keys move in it.
  const rows = all('.grid tbody tr').map((row) => all('.cell', row));
  const enter = (cell) => {
    for (const other of cells) other.tabIndex = other === cell ? 0 : -1;
  };
  const go = (cell) => {
    if (!cell) return;
    enter(cell);
    cell.focus();
  };
  enter(cells.find((cell) => cell.classList.contains('bad')) || cells[0]);
  const isShown = (row) => row[0].offsetParent !== null;
  const move = (cell, down, right) => {
    const shown = rows.filter(isShown);
    const row = shown.findIndex((row) => row.includes(cell));
    const column = shown[row].indexOf(cell);
    go((shown[row + down] || [])[column + right]);
  };
  const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  const target = () => {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null; // `#%` is no name.
    }
  };
  const drawer = () => target()?.closest('.drawer');
  const cellOf = (drawer) => cells.find((cell) => cell.hash === '#' + drawer?.id);
  const show = () => {
    const now = drawer();
    cellOf(opened)?.removeAttribute('aria-current');
    cellOf(now)?.setAttribute('aria-current', 'true');
    if (now) {
      enter(cellOf(now) || cells.find((cell) => cell.tabIndex === 0));
      now.focus({ preventScroll: true });
      now.scrollTop = 0;
      const row = target();
      if (row !== now) row.scrollIntoView({ block: 'center' });
    } else if (opened && location.hash === '#grid') {
      go(cellOf(opened));
    }
    opened = now;
  };
  addEventListener('hashchange', show);
  show();

  // Copying, by the clipboard or by a selection where there is none.
  const select = (code) => {
    const range = document.createRange();
    range.selectNodeContents(code);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const copy = async (button) => {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      select(code);
      if (!document.execCommand('copy')) {
        said.textContent = 'Selected: copy it with your keys';
        return;
      }
    }
    said.textContent = 'Copied';
    button.textContent = 'Copied';
    button.addEventListener('blur', () => { button.textContent = 'Copy'; }, { once: true });
    button.focus();
  };
  for (const command of all('.command')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.addEventListener('click', () => copy(button));
    command.append(button);
  }
  for (const keys of all('.keys')) keys.hidden = false;

  const red = (step) => {
    const bad = cells.filter((cell) => cell.classList.contains('bad'));
    if (!bad.length) return;
    const at = bad.indexOf(cellOf(drawer()) || document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : bad.length - 1) : (at + step + bad.length) % bad.length;
    location.hash = bad[next].hash;
  };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = event.target.closest?.('.grid .cell');
    if (moves[event.key] && cell) {
      event.preventDefault();
      move(cell, ...moves[event.key]);
    } else if (event.key === 'Escape' && location.hash) {
      location.hash = '#grid';
    } else if (event.key === 'n') {
      red(1);
    } else if (event.key === 'p') {
      red(-1);
    } else if (event.key === 'c') {
      const button = (drawer() || document).querySelector('.copy');
      if (button) copy(button);
    }
  });
})();
