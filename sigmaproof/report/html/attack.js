// Tactics and techniques that the rules name, and how well those rules are verified.

function byTactic() {
  const found = new Map(Object.keys(PAGE.tactics).map((tactic) => [tactic, new Map()]));
  for (const rule of RULES) {
    for (const [tactic, technique] of rule.attack) {
      const below = found.get(tactic);
      if (!below.has(technique)) below.set(technique, []);
      below.get(technique).push(rule);
    }
  }
  return found;
}

function graded(rules) {
  const found = new Map();
  for (const rule of rules) found.set(rule.grade, (found.get(rule.grade) || 0) + 1);
  return Object.keys(GRADES).filter((one) => found.has(one)).map((one) => [one, found.get(one)]);
}

function gradeBar(rules) {
  const parts = graded(rules);
  return el('span', { class: 'bar', 'aria-hidden': 'true' }, parts.map(([one, number]) => {
    const part = el('span', { class: `part is-${GRADES[one].look}` });
    part.style.flexGrow = number;
    return part;
  }));
}

function gradeChips(rules) {
  return el('span', { class: 'grades' }, graded(rules).map(([one, number]) => chip(one, number.toLocaleString('en'), `${count(number, 'rule')}: ${GRADES[one].word}`)));
}

function techniqueItem(tactic, technique, rules) {
  const rates = rules.map((rule) => rule.kill).filter((rate) => rate !== null);
  const mean = rates.length ? `${percent(rates.reduce((sum, one) => sum + one, 0) / rates.length)} killed` : '';
  const name = technique ? PAGE.techniques[technique] || '' : 'without a technique';
  return el('li', { class: technique.includes('.') ? 'technique under' : 'technique' },
    el('a', { href: filterAddress(technique ? { tactic, technique } : { tactic }) },
      el('span', { class: 'techname' }, technique ? el('b', {}, technique) : null, technique ? ' ' : null, technique.includes('.') ? name.replace(/^[^:]*: /, '') : name)),
    gradeBar(rules),
    el('span', { class: 'last' }, gradeChips(rules), el('span', { class: 'muted' }, mean)));
}

function tacticPanel([tactic, techniques]) {
  const rules = new Set([...techniques.values()].flat());
  const names = [...techniques.keys()].sort();
  return el('section', { class: 'panel tactic' },
    el('div', { class: 'tactichead' },
      el('h2', {}, el('a', { href: filterAddress({ tactic }) }, PAGE.tactics[tactic]), el('span', { class: 'muted' }, count(rules.size, 'rule'))),
      gradeBar([...rules]), gradeChips([...rules])),
    el('ul', {}, names.map((one) => techniqueItem(tactic, one, techniques.get(one)))));
}

function showAttack() {
  const view = byId('view-attack');
  if (view.childElementCount) return;
  const found = [...byTactic()];
  const tagged = RULES.filter((rule) => rule.attack.length).length;
  const techniques = new Set(RULES.flatMap((rule) => rule.attack.map(([, one]) => one)).filter(Boolean));
  const legend = Object.entries(GRADES).map(([one, { word }]) => el('li', {}, chip(one, word)));
  view.append(
    el('h1', {}, `${count(techniques.size, 'technique')} in ${count(found.length, 'tactic')}`),
    el('p', { class: 'muted' }, `${tagged.toLocaleString('en')} of ${count(RULES.length, 'rule')} name ATT&CK. A rule counts once below each tactic and technique that it names, `
      + 'as the least of what is known of it in any target.'),
    el('ul', { class: 'tags' }, legend),
    el('div', { class: 'tactics' }, found.map(tacticPanel)),
    el('p', { class: 'muted foot' }, PAGE.attack));
}
