// What the page knows of all rules, and the words for it.

const PAGE = JSON.parse(byId('overview').textContent);

// worst first; `look` draws the shape and picks the colour
const STATES = {
  error: { word: 'error', many: 'errors', look: 'error', told: 'the engine rejects the query, or events cannot be read' },
  fail: { word: 'fails', many: 'fail', look: 'fail', told: 'a case is not as it should be' },
  differs: { word: 'differs', look: 'fail', told: 'an event tells the query from the rule' },
  refused: { word: 'refused', look: 'refused', told: 'cannot be said in the target, or is not modelled' },
  'not verified': { word: 'not verified', look: 'unverified', told: 'nothing runs the query here' },
  gap: { word: 'gap', many: 'gaps', look: 'gap', told: 'wrong, and admitted in the fixture' },
  tested: { word: 'tested', look: 'tested', told: 'no event that was tried tells them apart; no proof' },
  pass: { word: 'passes', many: 'pass', look: 'pass', told: 'cases as they should be' },
  proven: { word: 'proven', look: 'proven', told: 'no event tells the query from the rule' },
  none: { word: 'nothing ran', look: 'none', told: 'no case and no proof' },
};
const ORDER = Object.keys(STATES);
const BAD = ['error', 'fail', 'differs'];
const PARTLY = ['refused', 'not verified', 'tested'];

// how well a rule is verified in all targets together
const GRADES = {
  proven: { word: 'proven', look: 'proven' },
  passes: { word: 'passes its cases', look: 'pass' },
  partly: { word: 'partly verified', look: 'tested' },
  bad: { word: 'needs a look', look: 'fail' },
  none: { word: 'not checked', look: 'none' },
};

function statesOf([counts, standing]) {
  const found = counts ? PAGE.statuses.filter((_, place) => counts[place]) : [];
  if (standing) found.push(PAGE.standings[standing - 1]);
  return found;
}

function grade(rule) {
  const all = rule.sides.flat();
  if (!all.length) return rule.problem ? 'bad' : 'none';
  if (all.some((one) => BAD.includes(one))) return 'bad';
  if (all.some((one) => PARTLY.includes(one))) return 'partly';
  const proven = rule.cells.filter(([, standing]) => standing).length;
  return proven && proven >= PAGE.sides.filter((side) => side !== 'sigma').length ? 'proven' : 'passes';
}

function searched(rule) {
  const words = [rule.title, rule.path, rule.id, rule.level, rule.source, rule.key];
  for (const [tactic, technique] of rule.attack) {
    words.push(PAGE.tactics[tactic], technique, PAGE.techniques[technique]);
  }
  return words.filter(Boolean).join('\n').toLowerCase();
}

const RULES = PAGE.rules.map((rule, place) => {
  const known = { ...rule, place, sides: rule.cells.map(statesOf), text: searched(rule) };
  const all = known.sides.flat();
  known.states = new Set(all.length ? all : [rule.problem ? 'error' : 'none']);
  known.worst = Math.min(...[...known.states].map((state) => ORDER.indexOf(state)));
  known.grade = grade(known);
  return known;
});
const BY_KEY = new Map(RULES.map((rule) => [rule.key, rule]));
const MUTATED = RULES.some((rule) => rule.kill !== null);

// the details of a rule, read when they are first wanted; null where they were left out
const read = new Map();
function detailsOf(rule) {
  if (!read.has(rule.place)) {
    const held = byId(`rule-${rule.place}`);
    read.set(rule.place, held ? JSON.parse(held.textContent) : null);
  }
  return read.get(rule.place);
}

function percent(rate) {
  return rate === null ? '–' : `${(Math.floor(rate * 10) / 10).toFixed(1)} %`;
}

// a shape, and a word or number beside it
function chip(state, shown, title) {
  const { look, word } = (Object.hasOwn(STATES, state) ? STATES : GRADES)[state];
  const said = shown === word ? shown : [shown, unseen(` ${word}`)];
  return el('span', { class: `chip is-${look}`, title: title || null }, icon(look), said);
}

function sideName(side) {
  return side === 'sigma' ? 'the rule' : side;
}
