// The labelled cases of a rule, and why each is found or not.

function tree(rows, label) {
  const drawn = rows.map(([depth, holds, words, seen, reason]) => {
    const mark = holds === null ? null : el('span', { class: holds ? 'yes' : 'no' }, holds ? 'yes ' : 'no ');
    const row = el('li', {}, mark, el('span', { class: 'words' }, words, ' '),
      seen ? el('span', { class: 'seen' }, el('span', { class: 'muted' }, 'actual '), el('code', {}, seen)) : null,
      reason ? el('span', { class: 'reason' }, reason) : null);
    row.style.setProperty('--depth', Math.min(depth, 12));
    return row;
  });
  return el('ul', { class: 'tree', 'aria-label': label }, drawn);
}

function outcomeDetails([side, status, verdict, told]) {
  if (!told) return null;
  const state = PAGE.statuses[status];
  return el('div', { class: 'outcome' },
    el('p', {}, chip(state, STATES[state].word), el('b', {}, ` ${sideName(side)} `), verdict ? `${verdict} ` : '', told.message || ''),
    facts([['code', told.code], ['why', told.why], ['help', told.help]]),
    told.event ? [el('h3', { class: 'small' }, 'The event'), code(told.event)] : null,
    told.rule ? [el('h3', { class: 'small' }, 'The rule on it'), tree(told.rule, 'The rule on this event')] : null,
    told.target ? [el('h3', { class: 'small' }, `${side} on it`), tree(told.target, `${side} on this event`)] : null);
}

function caseBody(one) {
  const said = [...new Set(one.outcomes.filter((outcome) => outcome[3]).map((outcome) => JSON.stringify(outcome.slice(1))))];
  // sides that say the same are told once, together
  const outcomes = said.map((text) => {
    const sides = one.outcomes.filter((outcome) => outcome[3] && JSON.stringify(outcome.slice(1)) === text).map((outcome) => sideName(outcome[0]));
    return outcomeDetails([sides.join(', '), ...JSON.parse(text)]);
  });
  return [
    facts([['why', one.why], ['admitted gap', one.todo], ['file', one.file]]),
    outcomes,
    one.timeline ? timeline(one.timeline) : null,
    one.trace ? [el('h3', { class: 'small' }, one.position ? `The rule on event ${one.position} of ${one.events}` : 'The rule on it'), tree(one.trace, 'The rule on this event')] : null,
    one.event ? [el('h3', { class: 'small' }, 'Event'), el('div', { class: 'codebox' }, code(one.event), copyButton(one.event, 'event'))] : null,
  ];
}

function caseItem(one) {
  const marks = one.outcomes.map(([side, status]) => {
    const state = PAGE.statuses[status];
    return el('span', { class: `mark is-${STATES[state].look}`, title: `${sideName(side)}: ${STATES[state].word}` }, icon(STATES[state].look), unseen(`${sideName(side)} ${STATES[state].word} `));
  });
  const shown = el('details', { class: 'case' }, el('summary', {},
    el('span', { class: `label ${one.label}` }, icon(one.label), one.label),
    el('span', { class: 'casename' }, one.name),
    one.text ? el('code', { class: 'casetext' }, one.text) : null,
    el('span', { class: 'marks' }, marks)));
  shown.addEventListener('toggle', () => {
    if (shown.open && shown.children.length === 1) shown.append(el('div', { class: 'casebody' }, caseBody(one)));
  });
  return shown;
}

const KINDS = {
  all: () => true,
  malicious: (one) => one.label === 'malicious',
  benign: (one) => one.label === 'benign',
  'needs a look': (one) => one.outcomes.some(([, status]) => BAD.includes(PAGE.statuses[status])),
  gaps: (one) => one.outcomes.some(([, status]) => PAGE.statuses[status] === 'gap'),
};

function kindButtons(cases, show) {
  const there = Object.keys(KINDS).filter((kind) => cases.some(KINDS[kind]));
  const buttons = there.map((kind) => action(`${kind} ${cases.filter(KINDS[kind]).length}`, (event) => {
    buttons.forEach((button) => button.setAttribute('aria-pressed', button === event.currentTarget));
    show(cases.filter(KINDS[kind]));
  }, { 'aria-pressed': kind === 'all' ? 'true' : 'false' }));
  return el('div', { class: 'kinds', role: 'group', 'aria-label': 'Which cases' }, buttons);
}

function fixture(one) {
  const held = el('div', { class: 'cases' });
  const show = (cases) => held.replaceChildren(...cases.map(caseItem));
  show(one.cases);
  return el('section', { class: 'panel' }, el('h2', {}, `${count(one.cases.length, 'case')}`), el('p', { class: 'muted path' }, one.path),
    kindButtons(one.cases, show), held,
    one.left_out ? el('p', { class: 'notice' }, `${count(one.left_out, 'case')} more, left out here. \`sigmaproof test -v\` shows them.`) : null);
}
