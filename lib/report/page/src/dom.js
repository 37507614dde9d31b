// Building the page. Every text goes in as a text node: none of it is ever taken for markup.

const kSvg = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
  return element;
}

export const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(kSvg, tag), attributes, children);

// What in a drawing can be pressed, with a mouse or with keys.
export function pressable(label, press) {
  return {
    tabindex: 0, role: 'button', 'aria-label': label,
    onclick: press,
    onkeydown: (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      press(event);
    },
  };
}

export function section(id, title, ...children) {
  return el('section', { id, 'aria-labelledby': `${id}-title` },
            el('h2', { id: `${id}-title` }, title), ...children);
}

// A table; cells may be nodes. `numbers` are the columns to align right. On paper the rows of a wide one
// are lines of text, so that no figure is broken or cut off.
export function table(caption, heads, rows, numbers = new Set(), wide = false) {
  const align = (i) => (numbers.has(i) ? 'number' : undefined);
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
            el('table', { class: wide ? 'wide' : undefined }, el('caption', {}, caption),
               el('thead', {}, el('tr', {}, heads.map((h, i) =>
                 el('th', { scope: 'col', class: align(i) }, h)))),
               el('tbody', {}, rows.map((row) =>
                 el('tr', {}, row.map((cell, i) => el('td', { class: align(i), 'data-name': wide && i > 0 ? heads[i] : undefined }, cell)))))));
}

export function short(text, most = 26) {
  const letters = Array.from(text);
  if (letters.length <= most) return text;
  const tail = Math.floor(most / 3);
  return `${letters.slice(0, most - tail - 1).join('')}…${letters.slice(-tail).join('')}`;
}

export const plural = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
