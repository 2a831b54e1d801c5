// How every target stands, over all rules: each part of a bar narrows the list to what it counts.

function totals(place) {
  const cases = new Map();
  const proofs = new Map();
  for (const rule of RULES) {
    const [counts, standing] = rule.cells[place];
    if (counts) PAGE.statuses.forEach((status, at) => counts[at] && cases.set(status, (cases.get(status) || 0) + counts[at]));
    if (standing) proofs.set(PAGE.standings[standing - 1], (proofs.get(PAGE.standings[standing - 1]) || 0) + 1);
  }
  return { cases, proofs };
}

function bar(found, side, noun) {
  const order = [...ORDER].reverse().filter((state) => found.has(state));
  const sum = order.reduce((all, state) => all + found.get(state), 0);
  const drawn = el('div', { class: 'bar', 'aria-hidden': 'true' }, order.map((state) => {
    const part = el('span', { class: `part is-${STATES[state].look}` });
    part.style.flexGrow = found.get(state);
    return part;
  }));
  const legend = order.map((state) => el('li', {}, action(
    [icon(STATES[state].look), el('b', {}, found.get(state).toLocaleString('en')), ` ${found.get(state) > 1 && STATES[state].many || STATES[state].word}`],
    () => narrow({ verdict: state, target: side }),
    { class: `legend is-${STATES[state].look}`, title: STATES[state].told },
  )));
  return [el('p', { class: 'barhead' }, noun === 'case' ? 'Cases' : 'Proof', el('span', {}, count(sum, noun))), drawn, el('ul', {}, legend)];
}

function summaryCard(side, place) {
  const { cases, proofs } = totals(place);
  const parts = [];
  if (cases.size) parts.push(...bar(cases, side, 'case'));
  if (proofs.size) parts.push(...bar(proofs, side, 'rule'));
  if (!parts.length) parts.push(el('p', { class: 'muted' }, 'nothing ran'));
  return el('li', { class: 'card' }, el('h2', {}, side === 'sigma' ? 'The rules themselves' : side), parts);
}

function headline() {
  const of = (grade) => RULES.filter((rule) => rule.grade === grade).length;
  const [bad, partly, none] = ['bad', 'partly', 'none'].map(of);
  if (!RULES.length) return 'No rule was looked at.';
  const all = RULES.length === 1 ? 'The rule is as expected' : `All ${RULES.length.toLocaleString('en')} rules are as expected`;
  const told = [bad ? `${bad.toLocaleString('en')} of ${count(RULES.length, 'rule')} ${bad === 1 ? 'needs' : 'need'} a look` : all];
  if (partly) told.push(`${partly.toLocaleString('en')} ${partly === 1 ? 'is' : 'are'} partly verified`);
  if (none) told.push(`${none.toLocaleString('en')} ${none === 1 ? 'is' : 'are'} not checked`);
  return `${told.join(', ')}.`;
}

function leftOut() {
  if (!PAGE.left_out) return null;
  const { rules, megabytes } = PAGE.left_out;
  return el('p', { class: 'notice' }, `The details of ${count(rules, 'rule')} are left out: this page holds ${megabytes} MB of them at most. `
    + 'Name fewer rules to see theirs.');
}

function summary() {
  return [
    el('h1', {}, headline()),
    leftOut(),
    el('ul', { class: 'cards' }, PAGE.sides.map(summaryCard)),
  ];
}
