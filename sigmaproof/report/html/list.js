// The matrix: a row per rule, a cell per side. Only the rows in sight exist, however many rules there are.

const OVERSCAN = 12;
const list = { rules: [], body: null, rows: new Map(), height: 0, whole: false };

function caseChips(counts) {
  const total = counts.reduce((sum, one) => sum + one, 0);
  return PAGE.statuses.flatMap((status, place) => {
    if (!counts[place]) return [];
    const shown = status === 'pass' ? `${counts[place]}/${total}` : String(counts[place]);
    return [chip(status, shown, `${counts[place]} of ${total} cases: ${STATES[status].told}`)];
  });
}

function cell(rule, place) {
  const [counts, standing] = rule.cells[place];
  const shown = counts ? caseChips(counts) : [];
  const had = shown.length;
  if (standing) {
    const state = PAGE.standings[standing - 1];
    shown.push(chip(state, STATES[state].word, STATES[state].told));
  }
  if (had && standing) shown.splice(had, 0, el('span', { class: 'break' }));
  if (!shown.length) shown.push(chip('none', ''));
  return el('div', { role: 'cell', class: 'cell' }, el('span', { class: 'side', 'aria-hidden': 'true' }, sideName(PAGE.sides[place])), shown);
}

function ruleAddress(rule) { return `#/rule/${encodeURIComponent(rule.key)}`; }

function rowOf(rule, place) {
  const sub = [rule.level ? el('span', { class: `level level-${rule.level}` }, rule.level) : null, rule.key];
  const name = el('div', { role: 'rowheader', class: 'name' },
    el('a', { href: ruleAddress(rule), 'data-place': place }, rule.title),
    el('span', { class: 'sub' }, sub));
  const cells = PAGE.sides.map((_, side) => cell(rule, side));
  if (rule.problem) cells[0]?.append(chip('error', rule.problem));
  if (MUTATED) cells.push(el('div', { role: 'cell', class: 'cell kill' }, el('span', { class: 'side', 'aria-hidden': 'true' }, 'kill rate'), percent(rule.kill)));
  const row = el('div', { role: 'row', class: 'row', 'aria-rowindex': place + 2 }, name, cells);
  row.style.height = list.height ? `${list.height}px` : 'auto';
  row.style.transform = `translateY(${place * list.height}px)`;
  return row;
}

function matrix() {
  const heads = ['Rule', ...PAGE.sides.map(sideName), ...(MUTATED ? ['Kill rate'] : [])];
  list.body = el('div', { role: 'rowgroup', class: 'rows' });
  const head = el('div', { role: 'rowgroup', class: 'head' },
    el('div', { role: 'row', class: 'row headrow', 'aria-rowindex': '1' }, heads.map((text) => el('div', { role: 'columnheader' }, text))));
  const table = el('div', { role: 'table', class: 'matrix', 'aria-label': 'Rules by target' }, head, list.body);
  table.style.setProperty('--sides', PAGE.sides.length + (MUTATED ? 1 : 0));
  return el('div', { class: 'matrixbox' }, table);
}

function chips([counts, standing]) {
  return (counts ? counts.filter(Boolean).length : 0) + (standing ? 10 : 0);
}

// rows differ in height between windows, never between rules: the one with most to show is asked
function measure() {
  if (!list.rules.length) return;
  const most = (rule) => Math.max(...rule.cells.map(chips));
  const fullest = list.rules.reduce((best, rule) => (most(rule) > most(best) ? rule : best));
  list.height = 0;
  const probe = rowOf(fullest, 0);
  probe.classList.add('probe');
  list.body.append(probe);
  list.height = Math.ceil(probe.getBoundingClientRect().height);
  probe.remove();
}

function inSight() {
  if (list.whole) return [0, list.rules.length];
  const top = -list.body.getBoundingClientRect().top;
  const first = Math.floor(top / list.height) - OVERSCAN;
  const last = Math.ceil((top + window.innerHeight) / list.height) + OVERSCAN;
  return [Math.max(0, first), Math.min(list.rules.length, last)];
}

function draw() {
  if (!list.body || !list.height || byId('view-rules').hidden) return;
  const [first, last] = inSight();
  for (const [place, row] of list.rows) {
    // the row that has the focus stays, or the next key would go nowhere
    if ((place < first || place >= last) && !row.contains(document.activeElement)) {
      row.remove();
      list.rows.delete(place);
    }
  }
  for (let place = first; place < last; place += 1) {
    if (!list.rows.has(place)) {
      const row = rowOf(list.rules[place], place);
      const next = [...list.rows.keys()].filter((other) => other > place);
      list.body.insertBefore(row, next.length ? list.rows.get(Math.min(...next)) : null);
      list.rows.set(place, row);
    }
  }
}

function redraw() {
  list.rows.forEach((row) => row.remove());
  list.rows.clear();
  measure();
  list.body.style.height = `${list.rules.length * list.height}px`;
  draw();
}

function showList() {
  list.rules = filtered(wanted);
  byId('matrix-empty').hidden = list.rules.length > 0;
  list.body.parentElement.setAttribute('aria-rowcount', list.rules.length + 1);
  const of = list.rules.length === RULES.length ? '' : ` of ${RULES.length.toLocaleString('en')}`;
  const told = `${list.rules.length.toLocaleString('en')}${of} ${RULES.length === 1 ? 'rule' : 'rules'}`;
  byId('found').textContent = wanted.technique ? `${told} · ${wanted.technique} ${PAGE.techniques[wanted.technique] || ''}` : told;
  redraw();
}

function focusRow(place) {
  if (!list.rules.length) return;
  const wantedRow = Math.max(0, Math.min(list.rules.length - 1, place));
  const top = list.body.getBoundingClientRect().top + window.scrollY + wantedRow * list.height;
  const low = window.scrollY + 170;
  const high = window.scrollY + window.innerHeight - 2 * list.height;
  if (top < low || top > high) window.scrollTo(0, top - window.innerHeight / 2);
  draw();
  list.rows.get(wantedRow)?.querySelector('a').focus({ preventScroll: true });
}

function focusedRow() {
  const place = document.activeElement?.dataset?.place;
  return place === undefined ? -1 : Number(place);
}

// for print, everything that the filters leave
function drawWhole(whole) {
  list.whole = whole;
  if (list.body && !byId('view-rules').hidden) draw();
}
