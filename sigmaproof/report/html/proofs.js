// What each target makes of a rule: verdict, query, and the events that tell them apart.

function facts(pairs) {
  const shown = pairs.filter(([, value]) => value);
  return el('dl', { class: 'facts' }, shown.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function witness(difference, target) {
  const only = difference.direction.includes('rule') ? 'The rule finds this event, the query does not' : 'The query finds this event, the rule does not';
  return el('div', { class: 'witness' },
    el('p', {}, chip('differs', difference.kind), ` ${only}.`),
    el('div', { class: 'codebox' }, code(difference.event, { 'aria-label': `Event that tells ${target} from the rule` }), copyButton(difference.event, 'event')),
    facts([['rule', difference.rule], ['query', difference.query]]));
}

function differences(details) {
  const found = (details.targets || []).filter((one) => one.proof?.differences);
  if (!found.length) return null;
  return el('section', { class: 'panel' },
    el('h2', {}, 'Events that tell them apart'),
    found.map((one) => [el('h3', {}, one.name), one.proof.differences.map((each) => witness(each, one.name))]));
}

function standingOf(rule, details, side, place) {
  const known = (details?.targets || []).find((one) => one.name === side) || {};
  const proof = known.proof;
  const [counts, standing] = rule.cells[place];
  const state = standing ? PAGE.standings[standing - 1] : '';
  const said = [...(proof?.reasons || []), ...(proof?.assumes || []).map((one) => `assuming that ${one}`)];
  const told = [known.refused, known.error, ...said].filter(Boolean);
  return el('tr', {},
    el('th', { scope: 'row' }, side === 'sigma' ? 'the rule itself' : side),
    el('td', {}, counts ? caseChips(counts) : chip('none', '')),
    el('td', {}, state ? chip(state, STATES[state].word, STATES[state].told) : chip('none', '')),
    el('td', { class: 'told' }, [...new Set(told)].join(' · ')));
}

function standings(rule, details) {
  const heads = ['Side', 'Cases', 'Proof', 'Why'];
  return el('section', { class: 'panel' }, el('h2', {}, 'Verdicts'), el('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Verdicts of each target' }, el('table', {},
    el('thead', {}, el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, PAGE.sides.map((side, place) => standingOf(rule, details, side, place))))));
}

function queries(details) {
  const found = details.targets || [];
  if (!found.length) return null;
  return el('section', { class: 'panel' }, el('h2', {}, 'Queries'), found.map((one) => el('div', { class: 'query' },
    el('h3', {}, one.name),
    (one.queries || []).map((query) => el('div', { class: 'codebox' }, code(query, { class: 'wrap', 'aria-label': `Query of ${one.name}` }), copyButton(query, `query of ${one.name}`))),
    one.queries ? null : el('p', { class: 'muted' }, one.refused ? 'There is none: ' : 'There is none.', one.refused || ''),
    (one.notes || []).map((note) => el('p', { class: 'muted' }, note)))));
}

const YAML_LINE = /^(\s*(?:- )?)([A-Za-z_][\w|.-]*:)(?=\s|$)(.*)$/;

function yamlLine(line) {
  if (/^\s*#/.test(line)) return [el('span', { class: 'y-note' }, line)];
  const parts = YAML_LINE.exec(line);
  return parts ? [parts[1], el('span', { class: 'y-key' }, parts[2]), parts[3]] : [line];
}

function source(rule, details) {
  if (!details.source) return null;
  const lines = details.source.replace(/\n$/, '').split('\n');
  const shown = lines.map((line, at) => el('span', { class: 'line', 'data-line': details.line + at }, yamlLine(line), '\n'));
  return el('section', { class: 'panel' }, el('h2', {}, 'Sigma rule'), el('div', { class: 'codebox' },
    el('pre', { class: 'numbered', tabindex: '0', 'aria-label': `Source of ${rule.title}` }, el('code', {}, shown)),
    copyButton(details.source, 'rule')));
}
