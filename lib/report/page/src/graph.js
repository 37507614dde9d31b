// The flows as a drawing: owners, or their clusters and services, left to right.
import dagre from '@dagrejs/dagre';
import { select } from 'd3-selection';
import { curveBasis, line } from 'd3-shape';
import { zoom, zoomIdentity } from 'd3-zoom';
import { bucketWords, colourOf } from './buckets.js';
import { el, plural, pressable, short, svg } from './dom.js';
import { percent, share, sum, units } from './figures.js';

const kMostNodes = 48;
const kMostEdges = 90;
const kSinks = new Set(['fee', 'burned', 'minted']);

const chainOf = (asset) => asset.split(':')[0];

// Owners by what they are drawn as: a service by its name, a cluster, or an address alone.
function groupOf(owner, grouped) {
  if (grouped && owner.actor && owner.category) return `actor\n${owner.category}\n${owner.actor}`;
  if (grouped && owner.cluster) return `cluster\n${owner.cluster}`;
  return `owner\n${owner.chain}\n${owner.name}`;
}

// All nodes and edges of one policy and asset.
function wholeGraph(data, policy, asset, grouped) {
  const chain = chainOf(asset);
  const nodes = new Map();
  const of = new Map();
  for (const owner of data.owners) {
    if (owner.chain !== chain) continue;
    const key = groupOf(owner, grouped);
    if (!nodes.has(key)) {
      nodes.set(key, { key, owners: [], resting: 0n, inward: 0n, outward: 0n, flows: [] });
    }
    const node = nodes.get(key);
    node.owners.push(owner);
    node.resting += units(owner.resting[asset]?.[policy]);
    of.set(owner.name, node);
  }
  const edges = new Map();
  for (const flow of data.flows) {
    if (flow.asset !== asset || !flow.by[policy]) continue;
    const from = of.get(flow.from);
    const to = of.get(flow.to);
    if (!from || !to) continue;
    const amount = units(flow.by[policy][0]);
    const entry = { flow, amount, movements: flow.by[policy][1], steps: flow.by[policy][2] };
    from.flows.push({ ...entry, other: to, out: true });
    if (from === to) continue;
    to.flows.push({ ...entry, other: from, out: false });
    from.outward += amount;
    to.inward += amount;
    const key = `${from.key}\r${to.key}`;
    if (!edges.has(key)) edges.set(key, { from, to, amount: 0n });
    edges.get(key).amount += amount;
  }
  for (const node of nodes.values()) {
    const [owner] = node.owners;
    node.sink = kSinks.has(owner.name);
    node.begins = sum(node.owners.map((o) => units(o.begins[asset]?.[policy])));
    node.category = node.owners.map((o) => o.category).find(Boolean) ?? '';
    node.label = node.sink ? bucketWords(owner.name) : grouped && owner.actor ? owner.actor : owner.cluster && grouped
      ? `cluster of ${short(owner.cluster.replace(/^cluster:/, ''), 16)}` : owner.actor || owner.name;
  }
  return { nodes, edges: [...edges.values()].sort((a, b) => (b.amount > a.amount ? 1 : b.amount < a.amount ? -1 : 0)) };
}

export function nodeClass(node) {
  if (node.begins > 0n) return 'source';
  if (node.category) return colourOf(node.category);
  return 'plain';
}

// Who only passed all of it on to one other is drawn as a part of the line.
function contracted(graph) {
  let edges = graph.edges.filter((e) => !e.from.sink && !e.to.sink).map((e) => ({ ...e, via: 0 }));
  const ins = new Map();
  const outs = new Map();
  const at = (map, node) => { if (!map.has(node)) map.set(node, new Set()); return map.get(node); };
  for (const e of edges) { at(outs, e.from).add(e); at(ins, e.to).add(e); }
  const gone = new Set();
  for (const node of graph.nodes.values()) {
    const [into, out] = [at(ins, node), at(outs, node)];
    if (into.size !== 1 || out.size !== 1 || node.resting > 0n || node.category || node.owners.some((o) => o.seed)) continue;
    const [a] = into;
    const [b] = out;
    if (a.from === node || b.to === node || a.from === b.to || node.begins > 0n) continue;
    const edge = { from: a.from, to: b.to, amount: b.amount, via: a.via + b.via + 1 };
    at(outs, a.from).delete(a);
    at(ins, b.to).delete(b);
    at(outs, a.from).add(edge);
    at(ins, b.to).add(edge);
    gone.add(a).add(b);
    edges.push(edge);
  }
  edges = edges.filter((e) => !gone.has(e));
  return edges.sort((a, b) => (b.amount > a.amount ? 1 : b.amount < a.amount ? -1 : 0));
}

// The largest flows, as long as their ends are few enough to be told apart.
function chosen(all) {
  const nodes = new Set();
  const edges = [];
  for (const edge of all) {
    const more = [edge.from, edge.to].filter((n) => !nodes.has(n)).length;
    if (nodes.size + more > kMostNodes) continue;
    nodes.add(edge.from).add(edge.to);
    edges.push(edge);
    if (edges.length === kMostEdges) break;
  }
  return { nodes, edges };
}

export class Graph {
  constructor(report) {
    this.report = report;
    this.grouped = true;
    this.said = el('p', { class: 'soft', 'aria-live': 'polite' });
    this.drawing = el('div', { class: 'drawing', id: 'graph-drawing' });
    this.panel = el('div', { class: 'panel', id: 'node', 'aria-live': 'polite' });
    this.finder = el('input', { type: 'search', id: 'node-search', list: 'node-names', autocomplete: 'off',
      placeholder: 'Address, service or cluster', onchange: () => this.find(this.finder.value) });
    this.names = el('datalist', { id: 'node-names' });
    const box = el('input', { type: 'checkbox', id: 'grouped', checked: true, onchange: (e) => {
      this.grouped = e.target.checked;
      this.draw(this.policy, this.asset);
    } });
    const by = (factor) => () => this.zoom.scaleBy(select(this.svg), factor);
    this.root = el('div', {},
      el('div', { class: 'controls' },
         el('label', { for: 'node-search' }, 'Open'), this.finder, this.names,
         el('label', {}, box, ' Services and clusters as one'),
         el('button', { type: 'button', onclick: by(1.35) }, 'Larger'),
         el('button', { type: 'button', onclick: by(1 / 1.35) }, 'Smaller'),
         el('button', { type: 'button', onclick: () => this.fit() }, 'All of it')),
      this.said, el('div', { class: 'with-panel' }, this.drawing, this.panel));
  }

  draw(policy, asset) {
    this.policy = policy;
    this.asset = asset;
    const { data, assets } = this.report;
    this.graph = wholeGraph(data, policy, asset, this.grouped);
    const all = contracted(this.graph);
    const { nodes, edges } = chosen(all);
    const whole = [...this.graph.nodes.values()].filter((n) => !n.sink && (n.flows.length > 0 || n.resting > 0n));
    this.names.replaceChildren(...[...nodes].map((n) => el('option', { value: n.owners[0].name }, n.label)));
    const via = edges.reduce((n, e) => n + e.via, 0);
    const drawn = sum(edges.map((e) => e.amount));
    const total = sum(all.map((e) => e.amount));
    const lost = data.flows_in_all > data.flows.length
      ? ` The trace has ${plural(data.flows_in_all, 'flow')}; the ${data.flows.length.toLocaleString('en')} largest are in this page.` : '';
    this.said.textContent = edges.length === 0 ? `No stolen units went from one owner to another as ${assets.symbol(asset)}.${lost}`
      : `Drawn: ${plural(nodes.size, 'owner')} of ${whole.length.toLocaleString('en')}, ${plural(edges.length, 'flow')} of ` +
        `${all.length.toLocaleString('en')}, which carried ${percent(share(drawn, total))} of all units that moved; the ` +
        `smaller ones and fees are left out of the drawing, not of the lists. ` +
        `${via > 0 ? `${plural(via, 'owner')} who only passed on what came are a part of the dashed lines. ` : ''}Press a box to open it.${lost}`;
    const layout = new dagre.graphlib.Graph();
    layout.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 44, marginx: 10, marginy: 10 });
    layout.setDefaultEdgeLabel(() => ({}));
    const ids = new Map([...nodes].map((n, i) => [n, String(i)]));
    for (const [node, id] of ids) layout.setNode(id, { width: 176, height: 44, node });
    for (const edge of edges) layout.setEdge(ids.get(edge.from), ids.get(edge.to), { edge });
    dagre.layout(layout);
    const { width = 1, height = 1 } = layout.graph();
    // Units of the drawing across the screen: fewer on a narrow one, so that words can be read.
    this.width = window.innerWidth < 640 ? 460 : 960;
    this.size = { width: Math.max(1, width), height: Math.max(1, height) };
    const inner = svg('g');
    const curve = line((p) => p.x, (p) => p.y).curve(curveBasis);
    const most = edges.length > 0 ? edges[0].amount : 0n;
    for (const id of layout.edges()) {
      const { points, edge } = layout.edge(id);
      inner.append(svg('path', { d: curve(points), class: edge.via > 0 ? 'edge via' : 'edge', 'stroke-width': 1 + 9 * share(edge.amount, most),
                                 'marker-end': 'url(#arrow)' },
        svg('title', {}, `${edge.from.label} to ${edge.to.label}: ${assets.text(edge.amount, asset)}` +
          `${edge.via > 0 ? `, through ${plural(edge.via, 'owner')} who only passed it on` : ''}`)));
    }
    for (const id of layout.nodes()) {
      const { x, y, node } = layout.node(id);
      const amount = node.resting > 0n ? `rests: ${assets.coins(node.resting, asset)}` :
        node.begins > 0n ? `begins: ${assets.coins(node.begins, asset)}` : `through: ${assets.coins(node.inward, asset)}`;
      const group = svg('g', {
        class: `node clickable ${nodeClass(node) === 'plain' ? '' : 'dark'}`, transform: `translate(${x - 88} ${y - 22})`,
        ...pressable(`${node.label}, ${amount}. Open`, () => this.open(node)),
      }, svg('title', {}, node.owners.map((o) => o.name).slice(0, 8).join('\n')),
        svg('rect', { width: 176, height: 44, rx: 5, class: `fill-${nodeClass(node)}` }),
        svg('text', { x: 8, y: 18 }, short(node.label, 20)),
        svg('text', { x: 8, y: 35 }, short(amount, 25)));
      node.element = group;
      node.at = { x, y };
      inner.append(group);
    }
    const arrow = svg('defs', {}, svg('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 9, markerHeight: 9,
      markerUnits: 'userSpaceOnUse', orient: 'auto' }, svg('path', { d: 'M0 0L8 4L0 8z', class: 'fill-fee' })));
    this.svg = svg('svg', { viewBox: `0 0 ${this.width} ${this.height()}`, role: 'group', 'aria-label': 'Flows between owners' }, arrow, inner);
    this.drawing.replaceChildren(this.svg);
    this.zoom = zoom().extent([[0, 0], [this.width, this.height()]]).scaleExtent([0.15, 6])
      // A page that scrolls must not stop at a drawing: the wheel zooms only with a key held.
      .filter((event) => (event.type === 'wheel' ? event.ctrlKey || event.metaKey : !event.button))
      .on('zoom', ({ transform }) => inner.setAttribute('transform', transform.toString()));
    select(this.svg).call(this.zoom).on('dblclick.zoom', null);
    this.start();
    const first = [...nodes].sort((a, b) => (b.begins > a.begins ? 1 : -1))[0] ?? [...this.graph.nodes.values()][0];
    if (first) this.open(first);
    else this.panel.replaceChildren(el('p', {}, 'Nothing moved.'));
  }

  // Small enough to see much of it, large enough to be read; what does not fit is reached by dragging.
  scale() { return Math.max(0.62, Math.min(1.05, this.width / this.size.width)); }

  height() { return Math.max(200, Math.min(640, this.size.height * this.scale() + 16)); }

  show(k, x, y) { this.zoom.transform(select(this.svg), zoomIdentity.translate(x, y).scale(k)); }

  start() {
    const k = this.scale();
    const source = [...this.graph.nodes.values()].filter((n) => n.at && n.begins > 0n).sort((a, b) => a.at.x - b.at.x)[0];
    const rest = this.height() - this.size.height * k;
    const y = rest >= 0 || !source ? rest / 2 : Math.max(rest, Math.min(0, this.height() / 2 - source.at.y * k));
    this.show(k, Math.max(0, (this.width - this.size.width * k) / 2), y);
  }

  fit() {
    const k = Math.min(1.05, this.width / this.size.width, this.height() / this.size.height);
    this.show(k, (this.width - this.size.width * k) / 2, (this.height() - this.size.height * k) / 2);
  }

  // On paper all of it, as large as fits.
  toPaper() {
    if (!this.svg) return;
    this.show(1, 0, 0);
    this.svg.setAttribute('viewBox', `0 0 ${this.size.width} ${this.size.height}`);
  }

  toScreen() {
    if (!this.svg) return;
    this.svg.setAttribute('viewBox', `0 0 ${this.width} ${this.height()}`);
    this.start();
  }

  find(text) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return false;
    const all = [...this.graph.nodes.values()];
    const exact = all.find((n) => n.owners.some((o) => o.name.toLowerCase() === wanted));
    const found = exact ?? all.find((n) => n.label.toLowerCase().includes(wanted) ||
      n.owners.some((o) => o.name.toLowerCase().includes(wanted) || o.cluster?.toLowerCase().includes(wanted)));
    if (found) this.open(found);
    else this.panel.replaceChildren(el('p', {}, `Nobody of this name moved stolen units: ${text}`));
    return Boolean(found);
  }

  open(node) {
    const { assets } = this.report;
    const { asset } = this;
    for (const n of this.graph.nodes.values()) n.element?.classList.toggle('chosen', n === node);
    const [owner] = node.owners;
    const facts = [
      ['chain', owner.chain], ['actor', owner.actor], ['category', node.category], ['cluster', owner.cluster],
      ['listed', node.owners.some((o) => o.sanctioned) ? 'a tag says that a state has sanctioned the owner' : ''],
      ['begins here', node.begins > 0n ? assets.text(node.begins, asset) : ''], ['rests here', assets.text(node.resting, asset)], ['came in', assets.text(node.inward, asset)],
      ['went out', assets.text(node.outward, asset)],
    ].filter(([, value]) => value);
    const list = (title, out) => {
      const flows = node.flows.filter((f) => f.out === out)
        .sort((a, b) => (b.amount > a.amount ? 1 : b.amount < a.amount ? -1 : 0));
      if (flows.length === 0) return null;
      const most = 40;
      return [el('h3', {}, `${title} (${flows.length})`), el('ul', {}, flows.slice(0, most).map((f) =>
        el('li', {}, assets.cell(f.amount, asset), ` ${assets.symbol(asset)} ${out ? 'to' : 'from'} `,
           el('button', { type: 'button', class: 'address', onclick: () => this.open(f.other) }, short(f.other.label, 24)),
           el('ul', {}, f.steps.map(([tx, time, tainted]) => el('li', {},
             el('span', { class: 'mono tx' }, tx), ` ${String(time).slice(0, 16).replace('T', ' ')} `, assets.cell(units(tainted), asset))),
             f.movements > f.steps.length && el('li', { class: 'soft' },
               plural(f.movements - f.steps.length, 'more transaction'))))),
        flows.length > most && el('li', { class: 'soft' }, plural(flows.length - most, 'smaller flow')))];
    };
    this.panel.replaceChildren(
      el('h3', {}, node.label),
      el('dl', {}, facts.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
      ...[el('h3', {}, plural(node.owners.length, 'address', 'addresses')),
          el('ul', {}, node.owners.slice(0, 30).map((o) => el('li', { class: 'address' }, o.name)),
             node.owners.length > 30 && el('li', { class: 'soft' }, plural(node.owners.length - 30, 'more')))],
      ...[list('Transactions out', true), list('Transactions in', false)].flat().filter(Boolean));
    this.panel.scrollTop = 0;
  }
}
