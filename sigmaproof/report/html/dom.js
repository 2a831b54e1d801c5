// Elements from data. Text only ever becomes text: nothing here, or anywhere on the page, parses it as markup.

const SVG = 'http://www.w3.org/2000/svg';

function byId(id) { return document.getElementById(id); }

function el(tag, props, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, what] of Object.entries(value)) made.addEventListener(event, what);
    else if (name === 'class') made.className = value;
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
}

function icon(name) {
  const drawn = document.createElementNS(SVG, 'svg');
  drawn.setAttribute('class', 'icon');
  drawn.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  drawn.append(use);
  return drawn;
}

// what is said to people who do not see the shape
function unseen(text) { return el('span', { class: 'vh' }, text); }

function action(label, what, props) {
  return el('button', { type: 'button', ...props, on: { click: what } }, label);
}

function code(text, props) {
  return el('pre', { tabindex: '0', ...props }, el('code', {}, text));
}

function copyButton(text, what) {
  const button = action('Copy', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Cannot copy';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  }, { class: 'copy', 'aria-label': `Copy ${what}` });
  return button;
}

function say(text) { byId('said').textContent = text; }

function count(number, noun) {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
