// A case of a correlation rule in time: a lane for each group, a track in it for each rule, and all of it as a table.

const COLUMNS = 32; // events nearer to each other than that are one dot with their number
const UNITS = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];

function lapse(seconds) {
  const parts = [];
  let left = seconds;
  for (const [unit, size] of UNITS) {
    const whole = size === 1 ? Math.round(left * 1000) / 1000 : Math.floor(left / size);
    left -= whole * size;
    if (whole) parts.push(`${whole} ${unit}`);
  }
  return parts.join(' ') || '0 s';
}

function after(seconds) { return seconds === null ? 'no time' : seconds ? `+${lapse(seconds)}` : '0 s'; }

function across(time, long) { return `${long ? (Math.min(Math.max(time, 0), long) / long) * 100 : 50}%`; }

function put(drawn, left, top, width) {
  drawn.style.left = left;
  if (top !== undefined) drawn.style.top = `${top * 1.5}rem`;
  if (width !== undefined) drawn.style.width = width;
  return drawn;
}

// events of one track that would lie upon each other, together
function dots(moments, long) {
  const found = new Map();
  for (const [time, row, , , behind] of moments.filter(([when]) => when !== null)) {
    const key = `${long ? Math.round((time / long) * COLUMNS) : 0} ${behind}`;
    if (!found.has(key)) found.set(key, { first: time, last: time, behind, rows: [] });
    const dot = found.get(key);
    dot.last = time;
    dot.rows.push(row + 1);
  }
  return [...found.values()];
}

function dot({ first, last, behind, rows }, track, name, long) {
  const many = rows.length > 1;
  const when = first === last ? after(first) : `${after(first)} to ${after(last)}`;
  const title = `${many ? `${rows.length} events` : `event ${rows[0]}`} at ${when}: ${name}${behind ? ', behind a match' : ''}`;
  return put(el('span', { class: behind ? 'dot behind' : 'dot', title }, many ? String(rows.length) : ''), across((first + last) / 2, long), track);
}

function stretches(group, data) {
  return group.fires ? group.fires.flatMap(([began, lasted]) => {
    const since = Math.max(0, began - data.span);
    return [
      put(el('span', { class: 'window' }), across(since, data.long), undefined, data.long ? `${((began - since) / data.long) * 100}%` : '0'),
      put(el('span', { class: 'lasts' }), across(began, data.long), undefined, data.long ? `${((lasted - began) / data.long) * 100}%` : '0'),
      put(el('span', { class: 'fires', title: `fires at ${after(began)}` }), across(began, data.long)),
    ];
  }) : [];
}

function plot(tracks, drawn, label) {
  const inner = el('div', { class: 'inner' }, drawn);
  inner.style.height = `${tracks.length * 1.5}rem`;
  return el('div', { class: 'lane' },
    el('ul', { class: 'tracks', 'aria-hidden': 'true' }, tracks.map((name) => el('li', { title: name }, name))),
    el('div', { class: 'plot', role: 'img', 'aria-label': label }, inner));
}

function verdictOf(group) {
  if (!group.fires) return `does not fire, comes to ${group.most}`;
  const more = group.fires.length > 5 ? ` and ${group.fires.length - 5} times more` : '';
  return `fires at ${group.fires.slice(0, 5).map(([began]) => after(began)).join(', ')}${more}`;
}

function groupLane(group, data) {
  const used = data.rules.map((name, place) => [name, place]).filter(([, place]) => group.moments.some((one) => one[2] === place));
  const drawn = used.flatMap(([name, place], track) => dots(group.moments.filter((one) => one[2] === place), data.long).map((one) => dot(one, track, name, data.long)));
  const verdict = verdictOf(group);
  return el('li', { class: 'group' },
    el('p', {}, el('b', {}, group.name), el('span', { class: group.fires ? 'verdict fired' : 'verdict' }, verdict)),
    plot(used.map(([name]) => name), [...stretches(group, data), ...drawn], `${group.name} ${verdict}: ${count(group.moments.length + (group.more || 0), 'event')}. The table has them.`),
    group.more ? el('p', { class: 'muted' }, `${count(group.more, 'event')} between the first and the last are left out.`) : null);
}

function apartLane(data) {
  const moments = data.apart.map(([time, row]) => [time, row, -1, '', false]);
  return el('li', { class: 'group' }, el('p', {}, el('b', {}, 'In no group'), el('span', { class: 'verdict' }, 'no rule finds them, or a field is missing')),
    plot([''], dots(moments, data.long).map((one) => dot(one, 0, 'no rule', data.long)), `${count(data.apart.length + (data.more_apart || 0), 'event')} in no group. The table has them.`));
}

function tableRow(data, [time, row, rule, amount, behind]) {
  return el('tr', {}, el('td', {}, after(time)), el('td', {}, String(row + 1)), el('td', {}, rule < 0 ? '–' : data.rules[rule]),
    el('td', {}, amount), el('td', {}, behind ? 'yes' : 'no'), el('td', {}, el('code', {}, data.events[row])));
}

function tableGroup(data, name, moments) {
  return el('tbody', {}, el('tr', {}, el('th', { scope: 'rowgroup', colspan: '6' }, name)), moments.map((one) => tableRow(data, one)));
}

function asTable(data) {
  const head = ['time', 'event', 'rule', 'comes to', 'behind a match', 'fields'];
  const shown = el('details', { class: 'astable' }, el('summary', {}, 'The same as a table'));
  shown.addEventListener('toggle', () => {
    if (!shown.open || shown.children.length > 1) return;
    shown.append(el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Events in time' },
      el('table', {}, el('thead', {}, el('tr', {}, head.map((name) => el('th', { scope: 'col' }, name)))),
        (data.groups || []).map((group) => tableGroup(data, `${group.name}: ${verdictOf(group)}`, group.moments)),
        data.apart ? tableGroup(data, 'In no group', data.apart.map(([time, row]) => [time, row, -1, '–', false])) : null)));
  });
  return shown;
}

function timeline(data) {
  return el('div', { class: 'timeline' },
    el('h3', { class: 'small' }, 'In time'),
    el('p', { class: 'muted' }, data.question),
    data.groups || data.apart ? null : el('p', { class: 'notice' }, 'There is no event.'),
    el('ol', { class: 'lanes' }, (data.groups || []).map((group) => groupLane(group, data)), data.apart ? apartLane(data) : null),
    el('p', { class: 'axis', 'aria-hidden': 'true' }, el('span', {}, data.start || ''), el('span', {}, after(data.long))),
    data.more_groups ? el('p', { class: 'muted' }, `${count(data.more_groups, 'group')} more, of which none came further, are left out.`) : null,
    el('ul', { class: 'key', 'aria-hidden': 'true' },
      [['dot behind', 'behind a match'], ['dot', 'not'], ['window', `the ${lapse(data.span)} that fired`], ['lasts', 'the match goes on'], ['fires', 'fires']]
        .map(([look, word]) => el('li', {}, el('span', { class: `swatch ${look}` }), word))),
    asTable(data));
}
