// When units came to rest, by what they became, and what was seen on the way.
import { axisBottom } from 'd3-axis';
import { scaleSqrt, scaleUtc } from 'd3-scale';
import { select } from 'd3-selection';
import { bucketOf, bucketWords, colourOf } from './buckets.js';
import { el, plural, svg } from './dom.js';
import { share, sum, units } from './figures.js';

const kBins = 110;
const kDay = 86400000;

function time(text) {
  const t = typeof text === 'string' ? Date.parse(text) : NaN;
  return Number.isFinite(t) ? t : null;
}

export function drawTimeline(report, policy, asset) {
  const { data, assets } = report;
  const ends = [];
  for (const end of data.endpoints) {
    const t = time(end.last);
    if (end.asset !== asset || t === null || !end.by[policy]) continue;
    ends.push({ t, bucket: bucketOf(end), amount: units(end.by[policy][0]) });
  }
  const seen = data.policies[policy];
  const points = (list, name) => list.filter((s) => s.asset === asset && time(s.time) !== null)
    .map((s) => ({ t: time(s.time), bucket: name, amount: units(s.tainted), event: true }));
  const marks = [...ends, ...points(seen.splits, 'splits'), ...points(seen.merges, 'merges')];
  const dormant = seen.dormancies
    .filter((d) => d.asset === asset && time(d.from) !== null && time(d.to) !== null);
  const times = [...marks.map((m) => m.t), ...dormant.flatMap((d) => [time(d.from), time(d.to)])];
  if (times.length === 0) return el('p', {}, 'Nothing to draw: no endpoint has a time.');
  let [first, last] = times.reduce(([a, b], t) => [Math.min(a, t), Math.max(b, t)], [times[0], times[0]]);
  if (first === last) { first -= 43200000; last += 43200000; }
  const total = sum(ends.map((e) => e.amount));
  const lanes = [...new Set(marks.map((m) => m.bucket))];
  const laneTotal = (lane) => sum(marks.filter((m) => m.bucket === lane && !m.event).map((m) => m.amount));
  lanes.sort((a, b) => { const d = laneTotal(b) - laneTotal(a); return d > 0n ? 1 : d < 0n ? -1 : a < b ? -1 : 1; });
  if (dormant.length > 0) lanes.push('dormant');
  const width = 960, left = 190, lane = 44, top = 8;
  const height = top + lanes.length * lane + 30;
  const x = scaleUtc([first, last], [left + 20, width - 24]);
  const r = scaleSqrt([0, 1], [0, lane / 2 - 2]);
  const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': `When stolen units came to rest: ${plural(ends.length, 'endpoint')} from ` +
      `${new Date(first).toISOString().slice(0, 10)} to ${new Date(last).toISOString().slice(0, 10)}` });
  lanes.forEach((name, i) => {
    const y = top + i * lane + lane / 2;
    drawing.append(svg('line', { x1: left, x2: width - 4, y1: y, y2: y, class: 'track' }));
    drawing.append(svg('text', { x: left - 8, y, dy: '.35em', 'text-anchor': 'end' }, bucketWords(name)));
  });
  // Many that are close are one circle, so that any number can be drawn.
  const bins = new Map();
  for (const m of marks) {
    const bin = Math.min(kBins - 1, Math.floor(((m.t - first) / (last - first)) * kBins));
    const key = `${lanes.indexOf(m.bucket)} ${bin}`;
    const at = bins.get(key) ?? { bucket: m.bucket, event: m.event, first: m.t, last: m.t, amount: 0n, count: 0 };
    at.first = Math.min(at.first, m.t);
    at.last = Math.max(at.last, m.t);
    at.amount += m.amount;
    ++at.count;
    bins.set(key, at);
  }
  const most = [...bins.values()].reduce((a, b) => (!b.event && b.amount > a ? b.amount : a), 0n);
  for (const bin of bins.values()) {
    const y = top + lanes.indexOf(bin.bucket) * lane + lane / 2;
    const day = (t) => new Date(t).toISOString().slice(0, 16).replace('T', ' ');
    drawing.append(svg('circle', {
      cx: x((bin.first + bin.last) / 2), cy: y, r: bin.event ? 4 : Math.max(2.5, r(share(bin.amount, most))),
      class: bin.event ? 'fill-source' : `fill-${colourOf(bin.bucket)}`, 'fill-opacity': 0.8,
    }, svg('title', {}, `${bucketWords(bin.bucket)}: ${assets.text(bin.amount, asset)} in ` +
      `${bin.count}, ${day(bin.first)}${bin.last > bin.first ? ` to ${day(bin.last)}` : ''}`)));
  }
  for (const d of dormant) {
    const y = top + lanes.indexOf('dormant') * lane + lane / 2;
    drawing.append(svg('line', { x1: x(time(d.from)), x2: x(time(d.to)), y1: y, y2: y,
                                 class: 'stroke-limit', 'stroke-width': 6, 'stroke-opacity': 0.5 },
                       svg('title', {}, `${assets.text(units(d.tainted), asset)} rested in ${d.place}`)));
  }
  const axis = svg('g', { class: 'axis', transform: `translate(0 ${top + lanes.length * lane})` });
  drawing.append(axis);
  // As the tables write times; no more of them than tells ticks apart.
  const iso = (t) => new Date(t).toISOString();
  const [from, to] = last - first < 4 * kDay ? [5, 16] : last - first < 400 * kDay ? [0, 10] : [0, 7];
  select(axis).call(axisBottom(x).ticks(4).tickSizeOuter(0).tickFormat((t) => iso(t).slice(from, to).replace('T', ' ')));
  const parts = [el('div', { class: 'drawing wide', tabindex: 0, role: 'region', 'aria-label': 'Timeline, scrolls sideways' }, drawing)];
  parts.push(el('p', { class: 'soft' },
    `Each circle is what came to rest at about that time; its area is the amount, of ${assets.text(total, asset)} in all. Times are those of blocks, in UTC.`));
  return el('div', {}, parts);
}
