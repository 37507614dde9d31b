// All endpoints: searched, sorted, a page at a time, so that thousands are as quick as ten.
import { bucketOf, bucketWords, chip } from './buckets.js';
import { el, plural } from './dom.js';
import { units } from './figures.js';
import { rangeBar } from './totals.js';

// At once; 0 is all of them.
const kRows = [50, 500, 0];

export class Endpoints {
  constructor(report) {
    this.report = report;
    const { data, policies } = report;
    this.rows = data.endpoints.map((end) => {
      const bucket = bucketOf(end);
      const by = end.by.map((b) => (b ? units(b[0]) : null));
      const holder = end.address || end.script || '';
      return { end, bucket, by, holder,
        text: [end.actor, end.cluster, holder, end.place, end.category, end.kind, end.asset].join('\n').toLowerCase() };
    });
    this.most = new Map();
    for (const r of this.rows) for (const b of r.by) {
      if (b !== null && b > (this.most.get(r.end.asset) ?? 0n)) this.most.set(r.end.asset, b);
    }
    this.page = 0;
    this.sorted = { column: `p${report.policy}`, down: true };
    this.columns = [
      { id: 'bucket', name: 'Where', key: (r) => bucketWords(r.bucket) },
      { id: 'owner', name: 'Whose', key: (r) => `${r.end.actor ?? '~'} ${r.holder}` },
      { id: 'place', name: 'Place', key: (r) => r.end.place },
      { id: 'hops', name: 'Hops', key: (r) => r.end.hops, number: true },
      { id: 'last', name: 'Last (UTC)', key: (r) => r.end.last ?? '' },
      { id: 'range', name: 'Bounds and policies', key: null },
      ...policies.map((p, i) => ({ id: `p${i}`, name: p.conserving ? p.name : `${p.name} (ceiling)`, key: (r) => r.by[i] ?? -1n, number: true })),
    ];
    this.search = el('input', { type: 'search', id: 'endpoint-search', placeholder: 'Address, transaction, service, cluster',
      oninput: () => this.show(0) });
    this.only = el('select', { id: 'endpoint-bucket', onchange: () => this.show(0) }, el('option', { value: '' }, 'everything'),
      [...new Set(this.rows.map((r) => r.bucket))].sort().map((b) => el('option', { value: b }, bucketWords(b))));
    this.rowsAtOnce = el('select', { id: 'endpoint-rows', onchange: () => this.show(0) }, kRows.map((n) => el('option', { value: n }, n === 0 ? 'all' : String(n))));
    this.whole = el('input', { type: 'checkbox', id: 'endpoint-whole', onchange: () => this.table.classList.toggle('whole', this.whole.checked) });
    this.said = el('p', { class: 'soft', id: 'endpoint-count', 'aria-live': 'polite' });
    this.printed = el('p', { class: 'soft on-paper', id: 'endpoint-printed' });
    this.body = el('tbody');
    this.heads = this.columns.map((c) => el('th', { scope: 'col', class: c.number ? 'number' : undefined },
      c.key ? el('button', { type: 'button', 'data-column': c.id, onclick: () => this.sortBy(c.id) }, c.name) : c.name));
    this.table = el('table', { id: 'endpoint-table', class: 'wide' },
      el('caption', {}, 'Endpoints: places where stolen units are, and how many by each policy'),
      el('thead', {}, el('tr', {}, this.heads)), this.body);
    this.previous = el('button', { type: 'button', onclick: () => this.show(this.page - 1) }, 'Previous');
    this.next = el('button', { type: 'button', onclick: () => this.show(this.page + 1) }, 'Next');
    this.where = el('span', { id: 'endpoint-page' });
    this.root = el('div', {},
      el('div', { class: 'controls' }, el('label', { for: 'endpoint-search' }, 'Search'), this.search,
         el('label', { for: 'endpoint-bucket' }, 'Show'), this.only, el('label', { for: 'endpoint-rows' }, 'Rows'), this.rowsAtOnce,
         el('label', {}, this.whole, ' Whole addresses')), this.said, this.printed,
      el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of endpoints, scrolls sideways' }, this.table),
      el('div', { class: 'controls' }, this.previous, this.where, this.next));
    this.show(0);
  }

  sortBy(column) {
    const number = this.columns.find((c) => c.id === column).number;
    this.sorted = { column, down: this.sorted.column === column ? !this.sorted.down : Boolean(number) };
    this.show(0);
  }

  filter({ bucket = '', text = '' }) {
    this.only.value = bucket;
    this.search.value = text;
    this.show(0);
  }

  show(page) {
    const wanted = this.search.value.trim().toLowerCase();
    const bucket = this.only.value;
    let rows = this.rows;
    if (wanted || bucket) rows = rows.filter((r) => (!bucket || r.bucket === bucket) && r.text.includes(wanted));
    const { key } = this.columns.find((c) => c.id === this.sorted.column);
    const sign = this.sorted.down ? -1 : 1;
    const keyed = rows.map((r, i) => [key(r), i, r]);
    keyed.sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1] - b[1]));
    const size = Number(this.rowsAtOnce.value) || Math.max(1, keyed.length);
    const pages = Math.max(1, Math.ceil(keyed.length / size));
    this.page = Math.min(Math.max(0, page), pages - 1);
    const { data } = this.report;
    this.said.textContent = `${plural(keyed.length, 'endpoint')}${rows.length < this.rows.length ? ` of ${this.rows.length.toLocaleString('en')}` : ''}` +
      (data.endpoints_in_all > this.rows.length
        ? `; the trace has ${plural(data.endpoints_in_all, 'endpoint')}, of which the ${this.rows.length.toLocaleString('en')} largest are in this page. The sums above are of all.` : '');
    this.printed.textContent = pages === 1 ? '' : `Printed: endpoints ${(this.page * size + 1).toLocaleString('en')} to ` +
      `${Math.min(keyed.length, (this.page + 1) * size).toLocaleString('en')} of these. To print all, choose so under Rows.`;
    this.where.textContent = `Page ${this.page + 1} of ${pages}`;
    this.previous.disabled = this.page === 0;
    this.next.disabled = this.page === pages - 1;
    this.heads.forEach((head, i) => {
      if (this.columns[i].id === this.sorted.column) head.setAttribute('aria-sort', this.sorted.down ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    this.body.replaceChildren(...keyed.slice(this.page * size, (this.page + 1) * size).map(([, , r]) => this.row(r)));
  }

  // What no account can leave: of an output no more than it holds, nor than can be in its category.
  boundOf({ end, bucket }) {
    const { data, stolen } = this.report;
    const bound = stolen.has(end.asset) && /:[0-9]+$/.test(end.place) &&
      data.bounds.find((b) => !b.for && b.asset === end.asset && (b.category ? bucketOf(b) === bucket : b.kind === end.kind && b.kind !== 'service'));
    if (!bound) return null;
    const [held, upper] = [units(end.amount), units(bound.upper)];
    return { lower: 0n, upper: held < upper ? held : upper };
  }

  row(r) {
    const { end, bucket, by, holder } = r;
    const { assets, policies } = this.report;
    const bound = this.boundOf(r);
    const label = (bound ? `at most ${assets.text(bound.upper, end.asset)}; ` : '') +
      policies.map((p, i) => `${p.name} ${by[i] === null ? 'nothing' : assets.text(by[i], end.asset)}`).join(', ');
    const cells = [
      [chip(bucket), end.sanctioned ? el('div', { class: 'soft' }, 'sanctioned, a tag says') : null],
      [end.actor ? el('b', {}, end.actor, end.category && end.kind !== 'service' ? ` (${end.category})` : '') : null,
       el('span', { class: 'address', title: holder }, holder), end.cluster ? el('span', { class: 'address soft', title: end.cluster }, end.cluster) : null],
      end.place === holder ? [] : [el('span', { class: 'address', title: end.place }, end.place)],
      [end.hops], [String(end.last ?? '').slice(0, 16).replace('T', ' ')],
      [rangeBar(by.map((amount, i) => ({ amount, conserving: policies[i].conserving })).filter((b) => b.amount !== null),
                this.most.get(end.asset) ?? 0n, bound, label)],
      ...policies.map((p, i) => (by[i] === null ? [el('span', { class: 'zero', 'data-units': '0' }, '–')]
        : [assets.cell(by[i], end.asset), ` ${assets.symbol(end.asset)}`])),
    ];
    return el('tr', {}, cells.map((cell, i) => el('td', { class: this.columns[i].number ? 'number' : this.columns[i].id === 'last' ? 'short' : undefined,
      'data-name': i > 0 ? this.columns[i].name : undefined }, cell)));
  }
}
