// What the list is narrowed to. It is kept in the address, so that a view can be linked to and comes back.

const NO_FILTER = { q: '', verdict: '', target: '', level: '', tactic: '', technique: '', sort: '' };
let wanted = { ...NO_FILTER };

function filterFrom(words) {
  const given = new URLSearchParams(words);
  return Object.fromEntries(Object.keys(NO_FILTER).map((name) => [name, given.get(name) || '']));
}

function filterAddress(filter) {
  const given = Object.entries(filter).filter(([, value]) => value);
  return given.length ? `#/?${new URLSearchParams(given)}` : '#/';
}

function hasVerdict(rule, filter) {
  const side = PAGE.sides.indexOf(filter.target);
  const states = side < 0 ? [...rule.states] : rule.sides[side];
  if (filter.verdict === 'look') return states.some((one) => BAD.includes(one));
  if (filter.verdict) return states.includes(filter.verdict);
  return side < 0 || states.length > 0;
}

function inAttack(rule, { tactic, technique }) {
  if (!tactic && !technique) return true;
  return rule.attack.some(([one, other]) => (!tactic || one === tactic)
    && (!technique || other === technique || other.startsWith(`${technique}.`)));
}

const SORTS = {
  worst: (a, b) => a.worst - b.worst || a.place - b.place,
  title: (a, b) => a.title.localeCompare(b.title, 'en') || a.place - b.place,
  kill: (a, b) => (a.kill ?? 101) - (b.kill ?? 101) || a.place - b.place,
};

function filtered(filter) {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = RULES.filter((rule) => (!filter.level || rule.level === filter.level)
    && words.every((word) => rule.text.includes(word)) && inAttack(rule, filter) && hasVerdict(rule, filter));
  return SORTS[filter.sort] ? found.sort(SORTS[filter.sort]) : found;
}

function choice(name, label, options) {
  const select = el('select', { id: `by-${name}`, on: { change: (event) => narrow({ [name]: event.target.value }) } },
    options.map(([value, text]) => el('option', { value }, text)));
  return el('label', { class: 'choice' }, el('span', {}, label), select);
}

function verdictOptions() {
  const there = new Set(RULES.flatMap((rule) => [...rule.states]));
  const found = ORDER.filter((state) => there.has(state)).map((state) => [state, STATES[state].word]);
  return [['', 'any'], ['look', 'needs a look'], ...found];
}

function filterBar() {
  const levels = PAGE.levels.filter((level) => RULES.some((rule) => rule.level === level));
  const sorts = [['', 'as run'], ['worst', 'worst first'], ['title', 'title']];
  if (MUTATED) sorts.push(['kill', 'kill rate']);
  const search = el('input', {
    id: 'by-q', type: 'search', autocomplete: 'off', spellcheck: 'false', 'aria-keyshortcuts': '/',
    placeholder: 'title, file, id, technique …', on: { input: (event) => narrow({ q: event.target.value }) },
  });
  return el('form', { class: 'filters', role: 'search', 'aria-label': 'Rules', on: { submit: (event) => event.preventDefault() } },
    el('label', { class: 'choice grow' }, el('span', {}, 'Search'), search),
    choice('verdict', 'Verdict', verdictOptions()),
    choice('target', 'Target', [['', 'any'], ...PAGE.sides.map((side) => [side, side === 'sigma' ? 'the rule itself' : side])]),
    choice('level', 'Level', [['', 'any'], ...levels.map((level) => [level, level])]),
    choice('tactic', 'Tactic', [['', 'any'], ...Object.entries(PAGE.tactics)]),
    choice('sort', 'Order', sorts),
    action('Clear', () => narrow(NO_FILTER), { id: 'clear' }));
}

// puts what is wanted into the fields, wherever it came from
function showFilter() {
  for (const name of ['q', 'verdict', 'target', 'level', 'tactic', 'sort']) {
    const field = byId(`by-${name}`);
    if (field && field.value !== wanted[name]) field.value = wanted[name];
  }
  byId('clear').disabled = Object.values(wanted).every((value) => !value);
}

function narrow(change) {
  wanted = { ...wanted, ...change };
  history.replaceState(null, '', filterAddress(wanted));
  showFilter();
  showList();
}
