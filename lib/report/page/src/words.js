// The case in sentences.
import { bucketOf, sumsOf, went } from './buckets.js';
import { el, plural } from './dom.js';
import { percent, share, sum, units } from './figures.js';

const kPolicies = {
  fifo: 'first in, first out (Clayton’s Case, 1816; Anderson, Shumailov, Ahmed 2018)',
  lifo: 'last in, first out',
  haircut: 'pro rata (Möser, Böhme, Breuker 2014)',
  tiho: 'taint in, highest out (Tironsakkul et al. 2020)',
  libr: 'clean units leave first, the lowest intermediate balance rule (US v. Banco Cafetero, 1986)',
  poison: 'one stolen unit taints the whole transaction; a ceiling, which does not add up',
};

const list = (parts) => (parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`);

export function lead(report, policy, asset) {
  const { data, assets, policies } = report;
  const was = report.stolen.has(asset);
  const sums = sumsOf(report, policy, asset);
  const whole = was ? units(policies[policy].stolen.find((s) => s.asset === asset)?.amount) : sum([...sums.values()]);
  const largest = [...sums].filter(([, amount]) => share(amount, whole) >= 0.001).sort((a, b) => (b[1] > a[1] ? 1 : -1)).slice(0, 5);
  const parts = largest.map(([bucket, amount]) => `${percent(share(amount, whole))} ${went(bucket, data.back)}`);
  const sources = new Set(data.seeds.map((s) => s.source));
  const tips = data.tip.map((t) => `${t.chain} up to block ${Number(t.height).toLocaleString('en')} of ${String(t.time).slice(0, 10)}`);
  // Of the parts told, or of those where most can be.
  const told = (b) => (largest.some(([bucket]) => bucket === bucketOf(b)) ? 1 : 0);
  const bounds = data.bounds.filter((b) => b.asset === asset && (b.kind === 'service' ? b.category : b.kind === 'unspent') && units(b.upper) > 0n)
    .sort((a, b) => told(b) - told(a) || (units(b.upper) > units(a.upper) ? 1 : -1)).slice(0, 3)
    .map((b) => `${units(b.lower) > 0n ? `at least ${assets.text(units(b.lower), asset)} and ` : ''}at most ${assets.text(units(b.upper), asset)} ${went(bucketOf(b), data.back)}`);
  const others = [...report.stolen].filter((a) => a !== asset).map((a) =>
    assets.text(units(policies[policy].stolen.find((s) => s.asset === a)?.amount), a));
  const besides = others.length === 0 ? '' : ` Beside them ${others.length > 4 ? `${others.length} other assets` : list(others)}, each told when it is chosen below.`;
  const what = was ? `${assets.text(whole, asset)} ${data.back ? 'are traced back' : 'are taken as stolen'}` +
    `${sources.size > 0 ? `, in ${plural(sources.size, 'theft')} named by ${plural(data.seeds.length, 'seed')}` : ''}.${besides} `
    : `No ${assets.symbol(asset)} was stolen, but some of what was stolen is ${assets.text(whole, asset)} by now. `;
  return el('p', { class: 'lead', id: 'lead' }, what + `By ${policies[policy].name}, ${kPolicies[policies[policy].name] ?? 'a policy of its own'}, ` +
    `${parts.length > 0 ? list(parts) : 'nothing moved'}; ` +
    `${plural(policies[policy].movements, 'movement')} carried them to ${plural(policies[policy].endpoints, 'endpoint')}. ` +
    (bounds.length > 0 ? `Whatever rule one believes in, and counting as services only those that tags name, ${list(bounds)}. `
      : policies.length > 1 ? 'Policies disagree; none is the truth. ' : 'This is one policy of several, and none is the truth. ') +
    `The ledger is known to this page as ${tips.length > 0 ? list(tips) : 'unstated'}.`);
}

// What the trace rests on.
export function assumptions(report) {
  const { data, policies } = report;
  const items = policies.map((p) => [el('b', {}, p.name), `: ${kPolicies[p.name] ?? 'see the documentation'}.`]);
  items.push(['A seed says what was stolen; nobody proves it here. Seeds: ', data.seeds.map((s, i) =>
    [i > 0 ? '; ' : '', el('span', { class: 'address' }, s.seed), s.source === s.seed ? '' : ` (${s.source})`,
     `, ${report.assets.text(units(s.amount), s.asset)} in ${plural(s.credits, 'credit')}`]).slice(0, 200)]);
  items.push('A tag is somebody’s sourced claim about an address. Services, actors and categories come from tags, clusters from computed signs; both can be wrong.');
  items.push('Tracing stops at a service: whose units leave its pool cannot be told from the ledger.');
  items.push('Bounds hold for every account of the units that conserves them in each transaction. They say nothing of what happens inside a service.');
  items.push('Amounts are whole base units, exact; shares in per cent are rounded, and drawings are to scale but rounded.');
  return el('ul', {}, items.map((item) => el('li', {}, item)));
}
