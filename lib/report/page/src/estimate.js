// How much could be used, and how much of that could reach programmes: layers that never mix.
import { scaleLinear } from 'd3-scale';
import { el, section, svg, table } from './dom.js';
import { percent } from './figures.js';

const kWidth = 760;
const kLeft = 270;

const isNumber = (x) => typeof x === 'number' && Number.isFinite(x);
const interval = (x) => (x && ['low', 'p5', 'p50', 'p95', 'high'].every((k) => isNumber(x[k])) ? x : null);
const text = (x) => (x === null || x === undefined ? '' : String(x));

function axis(x, y, format) {
  return x.ticks(4).map((t) => svg('g', {}, svg('line', { x1: x(t), x2: x(t), y1: 0, y2: y, class: 'track' }),
    svg('text', { x: x(t), y: y + 15, 'text-anchor': 'middle', class: 'soft' }, format(t))));
}

// Intervals within each other: all that is possible, nine in ten, and the middle.
function nested(rows, format, most, label) {
  const x = scaleLinear([0, most], [kLeft, kWidth - 40]);
  const height = rows.length * 46 + 4;
  const drawing = svg('svg', { viewBox: `0 0 ${kWidth} ${height + 22}`, role: 'img', 'aria-label': label }, axis(x, height, format));
  rows.forEach(([name, i, colour], n) => {
    const y = n * 46 + 23;
    const words = `${name}: middle ${format(i.p50)}, nine in ten ${format(i.p5)} to ${format(i.p95)}, all that is possible ${format(i.low)} to ${format(i.high)}`;
    drawing.append(svg('g', {}, svg('title', {}, words),
      svg('text', { x: kLeft - 10, y: y - 2, 'text-anchor': 'end' }, name),
      svg('text', { x: kLeft - 10, y: y + 13, 'text-anchor': 'end', class: 'soft' }, `${format(i.p5)} – ${format(i.p50)} – ${format(i.p95)}`),
      svg('rect', { x: x(i.low), width: Math.max(1, x(i.high) - x(i.low)), y: y - 3, height: 6, class: `fill-${colour}`, 'fill-opacity': 0.35 }),
      svg('rect', { x: x(i.p5), width: Math.max(1, x(i.p95) - x(i.p5)), y: y - 10, height: 20, class: `fill-${colour}`, 'fill-opacity': 0.75 }),
      svg('line', { x1: x(i.p50), x2: x(i.p50), y1: y - 14, y2: y + 14, class: 'mark' })));
  });
  return el('div', { class: 'drawing wide', tabindex: 0, role: 'region', 'aria-label': `${label}, scrolls sideways` }, drawing);
}

function rows(estimate, of) {
  const layers = [['Usable', estimate.usable, 'unspent'], ['Programmes', estimate.programmes, 'exchange']];
  return layers.flatMap(([name, layer, colour]) => ['conditional', 'weighted'].map((way) =>
    [`${name}, ${way === 'conditional' ? 'if the thief is who they say' : 'times the chance of that'}`, interval(of(layer)?.[way]), colour]))
    .filter(([, i]) => i);
}

function tornado(list) {
  const shown = list.filter((s) => s && isNumber(s.swing) && s.of === (list[0]?.of ?? s.of)).slice(0, 12);
  if (shown.length === 0) return null;
  const lows = shown.flatMap((s) => (isNumber(s.from) && isNumber(s.to) ? [s.from, s.to] : [0, s.swing]));
  const x = scaleLinear([Math.min(...lows), Math.max(...lows)], [kLeft, kWidth - 90]).nice();
  const height = shown.length * 26 + 4;
  const drawing = svg('svg', { viewBox: `0 0 ${kWidth} ${height + 22}`, role: 'img', 'aria-label': 'What moves the estimate most' },
    axis(x, height, (t) => `${Math.round(t * 1000) / 10}\u00a0%`));
  shown.forEach((s, n) => {
    const [a, b] = isNumber(s.from) && isNumber(s.to) ? [Math.min(s.from, s.to), Math.max(s.from, s.to)] : [0, s.swing];
    drawing.append(svg('g', {}, svg('title', {}, `${text(s.parameter)}: ${percent(a)} to ${percent(b)}`),
      svg('text', { x: kLeft - 10, y: n * 26 + 17, 'text-anchor': 'end' }, text(s.parameter)),
      svg('rect', { x: x(a), width: Math.max(1, x(b) - x(a)), y: n * 26 + 4, height: 18, class: 'fill-other' }),
      svg('text', { x: x(b) + 6, y: n * 26 + 17, class: 'soft' }, percent(s.swing))));
  });
  return el('div', { class: 'drawing wide', tabindex: 0, role: 'region', 'aria-label': 'Ranking, scrolls sideways' }, drawing);
}

export function estimateSections(estimate) {
  if (!estimate || typeof estimate !== 'object') return [];
  const inUnits = rows(estimate, (layer) => layer);
  const inUsd = rows(estimate, (layer) => layer?.usd);
  const dollars = (v) => (v >= 1e9 ? `$${(v / 1e9).toFixed(2)}bn` : v >= 1e6 ? `$${(v / 1e6).toFixed(1)}m` : `$${Math.round(v).toLocaleString('en')}`);
  const warnings = Array.isArray(estimate.warnings) ? estimate.warnings : [];
  const sensitivity = Array.isArray(estimate.sensitivity) ? estimate.sensitivity : [];
  const parameters = Array.isArray(estimate.parameters) ? estimate.parameters : [];
  const figures = (list, format, caption) => table(caption,
    ['figure', 'least possible', '5 %', 'middle', '95 %', 'most possible'],
    list.map(([name, i]) => [name, ...['low', 'p5', 'p50', 'p95', 'high'].map((k) => el('span', { 'data-figure': i[k] }, format(i[k])))]),
    new Set([1, 2, 3, 4, 5]));
  const ways = [['independent', 'each assumption drawn for itself'], ['dependent', 'all moving together']];
  const byPolicy = (Array.isArray(estimate.policies) ? estimate.policies : []).flatMap((p) => ways.map(([way, words]) =>
    [`${text(p?.policy)}, ${words}`, interval(p?.[way]?.usable?.conditional)])).filter(([, i]) => i);
  const any = estimate.any_account;
  const others = sensitivity.filter((s) => s && isNumber(s.swing) && s.swing > 0 && s.of !== sensitivity[0]?.of);
  return [
    section('estimate', 'How much could be used, and how much could reach programmes',
      el('p', {}, 'An estimate, not a trace: what was traced above, times assumptions that stand below with their sources. The thick bar has nine cases in ten, the thin one all that the assumptions allow.'),
      text(estimate.sentence) && [el('h3', {}, 'A sentence that may be quoted'), el('p', { class: 'quote' }, text(estimate.sentence))],
      text(estimate.sentence_not_to_write) && [el('h3', {}, 'A sentence that must not be written'),
        el('p', { class: 'quote refuse' }, text(estimate.sentence_not_to_write)), el('p', {}, text(estimate.why_not))],
      warnings.length > 0 && el('ul', {}, warnings.map((w) => el('li', {}, text(w)))),
      inUnits.length > 0 && [el('h3', {}, 'Of the stolen units'), nested(inUnits, percent, 1, 'Estimate, shares of the stolen units'), figures(inUnits, percent, 'The same in figures, of the stolen units'),
        any && isNumber(any.low) && isNumber(any.high) && el('p', { id: 'any-account' }, 'Under any account of the units within the bounds, policy or not, between ',
          el('span', { 'data-figure': any.low }, percent(any.low)), ' and ', el('span', { 'data-figure': any.high }, percent(any.high)), ' could be usable, with every assumption at the end of its range.'),
        byPolicy.length > 0 && [el('h3', {}, 'Usable, policy by policy'), figures(byPolicy, percent, 'Usable share of the stolen units by each policy, if the thief is who they say')]],
      inUsd.length > 0 && [el('h3', {}, 'In US dollars of the day of conversion'),
        nested(inUsd, dollars, Math.max(...inUsd.map(([, i]) => i.high)), 'Estimate in US dollars'), figures(inUsd, dollars, 'The same in figures, in US dollars')],
      sensitivity.length > 0 && [el('h3', {}, `What moves it most (${text(sensitivity[0]?.of)})`),
        el('p', { class: 'soft' }, 'The figure with one assumption at its 5th and at its 95th percentile, all others at their medians.'), tornado(sensitivity)],
      others.length > 0 && table('What moves the other figures', ['assumption', 'figure', 'from', 'to'],
        others.map((s) => [text(s.parameter), text(s.of), isNumber(s.from) ? percent(s.from) : '', isNumber(s.to) ? percent(s.to) : '']), new Set([2, 3]))),
    section('assumptions', 'Assumptions of the estimate',
      el('p', {}, 'S: seen in a public source. C: computed from such. J: judged by the project. U: unverified.'),
      table('Assumptions with their sources', ['name', 'low', 'mode', 'high', 'weight', 'mark', 'meaning', 'source', 'date'],
        parameters.filter((p) => p && typeof p === 'object').map((p) => [el('span', { class: 'name' }, text(p.name)), text(p.low), text(p.mode), text(p.high),
          text(p.weight), text(p.mark), text(p.meaning), text(p.source), text(p.date)]), new Set([1, 2, 3, 4]))),
  ];
}
