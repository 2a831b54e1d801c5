// Which view is shown, the keys, light and dark, print.

const VIEWS = ['rules', 'rule', 'attack', 'problems'];
let listScroll = 0;
let shownView = '';

function showProblems() {
  const view = byId('view-problems');
  if (view.childElementCount) return;
  const item = (one) => el('li', { class: 'problem' },
    el('p', {}, chip(one.code === 'note' ? 'none' : 'error', one.code), one.at ? el('code', {}, one.at) : null),
    el('p', { class: 'message' }, one.message), one.help ? el('p', { class: 'muted' }, one.help) : null);
  const group = (title, found) => (found.length ? [el('h2', {}, title), el('ul', { class: 'problems' }, found.map(item))] : []);
  view.append(el('h1', {}, 'Problems and notes'), ...group('What does not load', PAGE.problems), ...group('Worth knowing', PAGE.notes));
}

function navigation() {
  const told = PAGE.problems.length + PAGE.notes.length;
  const links = [['rules', '#/', 'Rules', RULES.length]];
  if (RULES.some((rule) => rule.attack.length)) links.push(['attack', '#/attack', 'ATT&CK', 0]);
  if (told) links.push(['problems', '#/problems', PAGE.problems.length ? 'Problems' : 'Notes', told]);
  byId('views').append(...links.map(([view, href, text, number]) => el('a', { href, 'data-view': view }, text,
    number ? el('span', { class: 'badge' }, number.toLocaleString('en')) : null)));
}

function show(view) {
  if (shownView === 'rules') listScroll = window.scrollY;
  VIEWS.forEach((one) => { byId(`view-${one}`).hidden = one !== view; });
  for (const link of byId('views').children) {
    const here = link.dataset.view === (view === 'rule' ? 'rules' : view);
    if (here) link.setAttribute('aria-current', view === 'rule' ? 'true' : 'page');
    else link.removeAttribute('aria-current');
  }
  const before = shownView;
  shownView = view;
  return before;
}

function route() {
  const [path, words] = location.hash.replace(/^#/, '').split('?');
  const rule = /^\/rule\/(.+)$/.exec(path);
  if (rule) {
    show('rule');
    document.title = `${showRule(decoded(rule[1]))} · sigmaproof`;
    window.scrollTo(0, 0);
    byId('rule-title')?.focus({ preventScroll: true });
  } else if (path === '/attack' || path === '/problems') {
    show(path.slice(1));
    (path === '/attack' ? showAttack : showProblems)();
    document.title = `${path === '/attack' ? 'ATT&CK' : 'Problems'} · sigmaproof`;
    window.scrollTo(0, 0);
  } else {
    showRules(words);
  }
}

function showRules(words) {
  const left = shownView === 'rule' ? decoded((/^#\/rule\/(.+)$/.exec(lastHash) || [])[1] || '') : '';
  show('rules');
  wanted = filterFrom(words);
  showFilter();
  showList();
  document.title = 'Rules · sigmaproof';
  window.scrollTo(0, left ? listScroll : 0);
  draw();
  const place = left ? list.rules.findIndex((rule) => rule.key === left) : -1;
  if (place >= 0) focusRow(place);
}

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

let lastHash = '';
window.addEventListener('hashchange', () => { route(); lastHash = location.hash; });

const KEYS = [
  ['/', 'search'], ['j or ↓, k or ↑', 'next, previous rule in the list'], ['Enter', 'open the rule'],
  ['n, p', 'next, previous rule, from a rule'], ['Esc', 'back to the list; in the search, clear it'], ['?', 'these keys'],
];

function helpDialog() {
  byId('help').append(el('h2', { id: 'help-title' }, 'Keys'),
    el('dl', { class: 'keys' }, KEYS.flatMap(([key, told]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, told)])),
    el('form', { method: 'dialog' }, el('button', {}, 'Close')));
  byId('keys').addEventListener('click', () => byId('help').showModal());
}

function escaped() {
  if (document.activeElement?.id === 'by-q') {
    if (wanted.q) narrow({ q: '' });
    else document.activeElement.blur();
  } else if (shownView !== 'rules') location.hash = filterAddress(wanted);
}

function listKey(key) {
  if (key === 'j' || key === 'ArrowDown') return focusRow(focusedRow() + 1);
  return focusRow(Math.max(0, focusedRow() - 1));
}

function pressed(event) {
  const typing = event.target.closest('input, select, textarea, dialog[open]');
  if (event.ctrlKey || event.metaKey || event.altKey || byId('help').open) return;
  if (event.key === 'Escape') return escaped();
  if (event.target.id === 'by-q' && event.key === 'ArrowDown') {
    event.preventDefault();
    return focusRow(0);
  }
  if (typing) return;
  const arrows = ['ArrowDown', 'ArrowUp'].includes(event.key) && focusedRow() >= 0;
  if (event.key === '?') byId('help').showModal();
  else if (event.key === '/') {
    event.preventDefault();
    if (shownView !== 'rules') location.hash = filterAddress(wanted);
    setTimeout(() => byId('by-q').focus());
  } else if (shownView === 'rules' && (arrows || ['j', 'k'].includes(event.key))) {
    event.preventDefault();
    listKey(event.key);
  } else if (shownView === 'rule' && ['n', 'p'].includes(event.key)) byId(`step-${event.key}`)?.click();
}

function themeButton() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chosen = '';
  try { chosen = localStorage.getItem('sigmaproof-theme') || ''; } catch { /* not kept, then */ }
  const apply = () => {
    const now = chosen || (dark.matches ? 'dark' : 'light');
    document.documentElement.dataset.theme = now;
    byId('theme').textContent = now === 'dark' ? 'Light' : 'Dark';
    byId('theme').setAttribute('aria-label', `Switch to the ${now === 'dark' ? 'light' : 'dark'} theme`);
  };
  byId('theme').addEventListener('click', () => {
    chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    try { localStorage.setItem('sigmaproof-theme', chosen); } catch { /* not kept, then */ }
    apply();
  });
  dark.addEventListener('change', apply);
  apply();
}

// paper is white, and has every row
function printing() {
  const root = document.documentElement;
  let theme = '';
  window.addEventListener('beforeprint', () => {
    theme = root.dataset.theme;
    root.dataset.theme = 'light';
    drawWhole(true);
  });
  window.addEventListener('afterprint', () => {
    root.dataset.theme = theme;
    drawWhole(false);
  });
}

function start() {
  themeButton();
  navigation();
  helpDialog();
  byId('view-rules').append(...summary().filter(Boolean), filterBar(),
    el('p', { id: 'found', class: 'found', role: 'status' }), matrix(),
    el('p', { id: 'matrix-empty', class: 'notice', hidden: true }, 'No rule is like that. ', action('Clear the filters', () => narrow(NO_FILTER))));
  byId('skip').addEventListener('click', (event) => { event.preventDefault(); byId('main').focus(); });
  document.addEventListener('keydown', pressed);
  let waiting = false;
  const later = (what) => () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; what(); });
  };
  window.addEventListener('scroll', later(draw), { passive: true });
  window.addEventListener('resize', later(() => { if (shownView === 'rules') redraw(); }));
  printing();
  list.rules = filtered(wanted);
  route();
  lastHash = location.hash;
}

start();
