// From the thefts by what the units became to whose they are, under one policy.
import { sankey, sankeyJustify, sankeyLinkHorizontal } from 'd3-sankey';
import { bucketOf, bucketWords, colourOf } from './buckets.js';
import { el, plural, pressable, short, svg } from './dom.js';
import { percent, share, sum, units } from './figures.js';

const kMostSources = 8;
const kMostActors = 14;

// The keys of `sums` with the most, and under `other` what the rest have.
function largest(sums, most) {
  const sorted = [...sums].sort((a, b) => (b[1] > a[1] ? 1 : b[1] < a[1] ? -1 : 0));
  return new Set(sorted.slice(0, most).map(([key]) => key));
}

const add = (map, key, amount) => map.set(key, (map.get(key) ?? 0n) + amount);

export function drawSankey(report, policy, asset, choose) {
  const { data, assets } = report;
  const of = data.shares
    .filter((s) => s.asset === asset)
    .map((s) => ({ ...s, amount: units(s.stolen_units[policy]) }))
    .filter((s) => s.amount > 0n);
  const total = sum(of.map((s) => s.amount));
  if (total === 0n) return el('p', {}, 'Nothing to draw: no units were stolen.');
  const bySource = new Map();
  const byActor = new Map();
  for (const s of of) {
    add(bySource, s.source, s.amount);
    if (s.actor) add(byActor, `${bucketOf(s)}\n${s.actor}`, s.amount);
  }
  const sources = largest(bySource, kMostSources);
  const actors = largest(byActor, kMostActors);
  const nodes = new Map();
  const links = new Map();
  const node = (id, label, colour, pick) => {
    if (!nodes.has(id)) nodes.set(id, { id, label, colour, pick, amount: 0n });
    return nodes.get(id);
  };
  for (const s of of) {
    const bucket = bucketOf(s);
    const from = sources.has(s.source)
      ? node(`s\n${s.source}`, short(s.source, 30), 'source', null)
      : node('s', plural(bySource.size - sources.size, 'other theft'), 'source', null);
    const middle = node(`b\n${bucket}`, bucketWords(bucket), colourOf(bucket), { bucket });
    from.amount += s.amount;
    middle.amount += s.amount;
    add(links, `${from.id}\r${middle.id}`, s.amount);
    if (!s.actor) continue;
    const key = `${bucket}\n${s.actor}`;
    const to = actors.has(key)
      ? node(`a\n${key}`, short(s.actor, 30), colourOf(bucket), { bucket, text: s.actor })
      : node(`a\n${bucket}`, `others: ${bucketWords(bucket)}`, colourOf(bucket), { bucket });
    to.amount += s.amount;
    add(links, `${middle.id}\r${to.id}`, s.amount);
  }
  const width = 1120;
  const rows = Math.max(...['s', 'b', 'a'].map((c) =>
    [...nodes.keys()].filter((id) => id.split('\n')[0] === c).length));
  const height = Math.max(220, Math.min(760, rows * 44));
  const layout = sankey().nodeId((n) => n.id).nodeAlign(sankeyJustify).nodeWidth(16).nodePadding(18)
    .extent([[4, 12], [width - 350, height - 12]])({
      nodes: [...nodes.values()],
      // Drawn at least as wide as can be seen.
      links: [...links].map(([key, amount]) => {
        const [source, target] = key.split('\r');
        return { source, target, amount, value: Math.max(share(amount, total), 0.0005) };
      }),
    });
  const says = (n) => `${n.label}: ${assets.text(n.amount, asset)}, ${percent(share(n.amount, total))}`;
  const drawing = svg('svg', {
    viewBox: `0 0 ${width} ${height}`, role: 'group',
    'aria-label': `Flow of ${assets.text(total, asset)} from the thefts to where they are`,
  });
  for (const link of layout.links) {
    drawing.append(svg('path', {
      d: sankeyLinkHorizontal()(link), class: `link stroke-${link.target.colour}`,
      'stroke-width': Math.max(1, link.width),
    }, svg('title', {}, `${link.source.label} to ${link.target.label}: ${assets.text(link.amount, asset)}`)));
  }
  for (const n of layout.nodes) {
    const middle = (n.y0 + n.y1) / 2;
    const group = svg('g', n.pick ? { class: 'clickable', ...pressable(
      `${says(n)}. Show these endpoints`, () => choose(n.pick)) } : {},
      svg('title', {}, says(n)),
      svg('rect', { x: n.x0, y: n.y0, width: n.x1 - n.x0, height: Math.max(2, n.y1 - n.y0),
                    class: `fill-${n.colour}` }),
      svg('text', { x: n.x1 + 6, y: middle, dy: n.y1 - n.y0 > 26 ? '-0.1em' : '0.35em',
                  }, n.label,
          svg('tspan', n.y1 - n.y0 > 26
            ? { x: n.x1 + 6, dy: '1.2em', class: 'soft' } : { dx: 6, class: 'soft' },
              `${assets.coins(n.amount, asset)} (${percent(share(n.amount, total))})`)));
    drawing.append(group);
  }
  return el('div', { class: 'drawing wide', tabindex: 0, role: 'region', 'aria-label': 'Flow, scrolls sideways' }, drawing);
}
