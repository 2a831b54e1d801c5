// One rule, with all that is known of it.

function survivor(one) {
  return el('details', { class: 'case' }, el('summary', {}, el('span', { class: 'label' }, one.fate), el('span', { class: 'casename' }, one.name), el('span', { class: 'muted' }, ` line ${one.line}`)),
    el('div', { class: 'casebody' },
      facts([['killed as well by the case for', one.killed_by], ['undecided', (one.reasons || []).join('; ')]]),
      one.case ? [el('h3', { class: 'small' }, 'The case that would kill it, to be reviewed'), el('div', { class: 'codebox' }, code(one.case), copyButton(one.case, 'case'))] : null));
}

function mutation(details) {
  const found = details.mutation;
  if (!found) return null;
  const { killed, survived, undecided, equivalent } = found.counts;
  return el('section', { class: 'panel' }, el('h2', {}, 'Mutation'),
    el('p', {}, el('b', { class: 'big' }, found.rate), ` of ${count(killed + survived, 'small change')} of the rule are noticed by its cases.`
      + ` ${survived} survive${survived === 1 ? 's' : ''}; ${equivalent} mean the same${undecided ? `; ${undecided} undecided` : ''}.`
      + (found.left_out ? ` ${found.left_out} more were not looked at.` : '')),
    (found.problems || []).map((one) => el('p', { class: 'notice' }, one)),
    (found.survivors || []).map(survivor),
    found.more ? el('p', { class: 'muted' }, `${found.more} more are not shown here: sigmaproof mutate -v`) : null);
}

function techniqueLinks(rule) {
  const seen = [...new Set(rule.attack.map(([, technique]) => technique).filter(Boolean))];
  const tactics = [...new Set(rule.attack.map(([tactic]) => tactic))].filter((one) => one !== 'no tactic');
  return el('ul', { class: 'tags', 'aria-label': 'ATT&CK' },
    tactics.map((one) => el('li', {}, el('a', { href: filterAddress({ tactic: one }) }, PAGE.tactics[one]))),
    seen.map((one) => el('li', {}, el('a', { href: filterAddress({ technique: one }) }, `${one} ${PAGE.techniques[one] || ''}`.trim()))));
}

function ruleHead(rule, details) {
  const place = list.rules.indexOf(rule);
  const step = (by, label, key) => {
    const other = place < 0 ? undefined : list.rules[place + by];
    return other ? el('a', { href: ruleAddress(other), 'aria-keyshortcuts': key, id: `step-${key}`, title: other.title }, label) : el('span', { class: 'muted' }, label);
  };
  return el('div', { class: 'rulehead' },
    el('nav', { 'aria-label': 'Rules', class: 'steps' }, el('a', { href: filterAddress(wanted), id: 'back' }, '← All rules'), step(-1, '↑ Previous', 'p'), step(1, '↓ Next', 'n')),
    el('h1', { tabindex: '-1', id: 'rule-title' }, rule.title),
    el('p', { class: 'sub' }, rule.level ? el('span', { class: `level level-${rule.level}` }, rule.level) : null,
      [rule.path, rule.source, details?.status, rule.id].filter(Boolean).map((text) => el('span', {}, text))),
    techniqueLinks(rule),
    details?.description ? el('p', { class: 'description' }, details.description.trim()) : null,
    details?.problem ? el('p', { class: 'notice' }, `${rule.problem}: ${details.problem}`) : null,
    (details?.notes || []).map((note) => el('p', { class: 'muted' }, note)));
}

function showRule(key) {
  const rule = BY_KEY.get(key);
  const view = byId('view-rule');
  if (!rule) {
    view.replaceChildren(el('h1', { tabindex: '-1', id: 'rule-title' }, 'No such rule'), el('p', { class: 'notice' }, `There is no rule ${key} on this page.`), el('p', {}, el('a', { href: '#/', id: 'back' }, '← All rules')));
    return 'No such rule';
  }
  const details = detailsOf(rule);
  const body = details
    ? el('div', { class: 'columns' },
      el('div', {}, standings(rule, details), differences(details), (details.fixtures || []).map(fixture), mutation(details)),
      el('div', {}, source(rule, details), queries(details)))
    : el('div', {}, el('p', { class: 'notice' }, 'The details of this rule are left out, since the page would grow too large.'), standings(rule, null));
  view.replaceChildren(ruleHead(rule, details), body);
  return rule.title;
}
