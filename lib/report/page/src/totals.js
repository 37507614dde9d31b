// What became of the units: every policy side by side, with what no account can leave.
import { bucketOf, bucketWords, chip, sumsOf } from './buckets.js';
import { el, svg, table } from './dom.js';
import { percent, share, sum, units } from './figures.js';

const kWidth = 190;

// From nothing to all that was stolen: the bounds as a band, each policy as a tick.
export function rangeBar(of, whole, bound, label) {
  const x = (amount) => 2 + (kWidth - 4) * Math.min(1, share(amount, whole));
  const bar = svg('svg', { width: kWidth, height: 20, viewBox: `0 0 ${kWidth} 20`, role: 'img', 'aria-label': label },
    svg('title', {}, label), svg('rect', { x: 2, y: 7, width: kWidth - 4, height: 6, class: 'track' }));
  if (bound) {
    bar.append(svg('rect', { x: x(bound.lower), y: 4, height: 12, class: 'band',
                             width: Math.max(2, x(bound.upper) - x(bound.lower)) }));
  }
  for (const { amount, conserving } of of) {
    bar.append(svg('line', { x1: x(amount), x2: x(amount), y1: 1, y2: 19, class: conserving ? 'mark' : 'mark ceiling' }));
  }
  return bar;
}

export function totalsTable(report, asset) {
  const { data, assets, policies } = report;
  const was = report.stolen.has(asset);
  const rows = [];
  const at = new Map();
  const row = (key, make) => {
    if (!at.has(key)) { at.set(key, make()); rows.push(at.get(key)); }
    return at.get(key);
  };
  const nothing = () => policies.map(() => 0n);
  // Every bucket once: a service's category, else the kind.
  const parts = new Map();
  for (const part of [...data.totals, ...data.shares]) {
    parts.set(bucketOf(part), { kind: part.kind, category: part.kind === 'service' ? part.category : '' });
  }
  policies.forEach((_, i) => {
    for (const [bucket, amount] of sumsOf(report, i, asset)) {
      row(bucket, () => ({ bucket, ...parts.get(bucket), by: nothing() })).by[i] = amount;
    }
  });
  const services = policies.map((_, i) => sum(rows.filter((r) => r.kind === 'service').map((r) => r.by[i])));
  const bounds = data.bounds.filter((b) => b.asset === asset);
  const boundFor = (r) => bounds.find((b) => !b.for && b.kind === r.kind && b.category === r.category) ??
    bounds.find((b) => !b.for && b.kind === r.kind && !b.category && r.kind !== 'service');
  for (const bound of bounds) {
    const all = bound.kind === 'service' && !bound.category;
    const key = bound.for ? `for ${bound.for}` : all ? 'all services' : bucketOf(bound);
    const r = row(key, () => ({ bucket: bound.kind || 'service', by: all ? services : nothing(), known: !bound.for,
      words: bound.for ? `can have ${data.back ? 'come from' : 'arrived at'} ${bound.for}` : all ? 'all services' : undefined }));
    r.bound = bound;
  }
  const most = (r) => r.by.reduce((a, b, i) => (policies[i].conserving && b > a ? b : a), 0n);
  rows.sort((a, b) => (most(b) > most(a) ? 1 : most(b) < most(a) ? -1 : 0));
  const wholes = policies.map((p, i) => (was ? units(p.stolen.find((s) => s.asset === asset)?.amount)
    : sum(rows.filter((r) => !r.words).map((r) => r.by[i]))));
  const whole = [...wholes.filter((_, i) => was || policies[i].conserving), ...bounds.map((b) => units(b.stolen))].reduce((a, b) => (b > a ? b : a), 0n);
  const body = rows.map((r) => {
    const found = r.bound ?? boundFor(r);
    const bound = found && { lower: units(found.lower), upper: units(found.upper), tightness: found.tightness };
    const words = r.words ?? bucketWords(r.bucket);
    const label = `${words}: ${bound ? `at least ${assets.text(bound.lower, asset)}, at most ${assets.text(bound.upper, asset)}; ` : ''}` +
      policies.map((p, i) => `${p.name} ${assets.text(r.by[i], asset)}`).join(', ');
    const hasFigure = r.known !== false;
    return [r.words ? el('span', {}, r.words) : chip(r.bucket),
      [rangeBar(hasFigure ? r.by.map((amount, i) => ({ amount, conserving: policies[i].conserving })) : [], whole, bound, label),
       bound && bound.tightness !== 'attained' ? el('span', { class: 'soft' }, bound.tightness) : null],
      bound ? assets.cell(bound.lower, asset) : '–', bound ? assets.cell(bound.upper, asset) : '–',
      ...policies.map((p, i) => (hasFigure ? [assets.cell(r.by[i], asset),
        // A ceiling is no share.
        p.conserving ? [el('br'), el('span', { class: 'soft' }, percent(share(r.by[i], wholes[i])))] : null] : ''))];
  });
  body.push([el('b', {}, !was ? 'in all' : data.back ? 'asked for' : 'stolen'), '', '', '', ...wholes.map((s) => el('b', {}, assets.cell(s, asset)))]);
  const heads = [data.back ? 'What it was' : 'What it became', 'bounds and policies', 'at least', 'at most', ...policies.map((p) => (p.conserving ? p.name : `${p.name} (a ceiling)`))];
  const caption = was ? `Stolen ${assets.symbol(asset)}, by what the units became` : `What is ${assets.symbol(asset)} by now, by where it is`;
  return table(caption, heads, body, new Set(heads.map((_, i) => i).slice(2)), true);
}
