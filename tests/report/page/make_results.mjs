// make_results.mjs many|enemy|swap OUT.json: a result that no real ledger is needed for.
import { writeFileSync } from 'node:fs';

const kPolicies = ['fifo', 'lifo', 'haircut', 'tiho', 'libr', 'poison'];
const hex = (n) => n.toString(16).padStart(64, '0');

// A generator of numbers, the same each time (xorshift).
let state = 20261124;
const random = (below) => {
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
  return Math.abs(state) % below;
};

function result(ends, owner, names = {}) {
  const asset = 'bitcoin:BTC';
  const source = names.source ?? 'hack';
  const rows = Array.from({ length: ends }, (_, i) => ({ i, owner: owner(i), kind: i % 5 === 0 ? 'service' : 'unspent' }));
  const total = 1000n * BigInt(ends) * 100000n;
  const results = kPolicies.map((policy) => {
    let left = total;
    const endpoints = rows.map(({ i, owner: address, kind }) => {
      const tainted = i === ends - 1 ? left : BigInt(random(190000)) * 500n;
      left -= tainted;
      const text = tainted.toString();
      return { kind, asset, place: `${hex(i + 1)}:${i % 3}`, address, amount: (tainted + 7n).toString(), tainted: text, stolen_units: text,
        by_source: { [source]: text }, hops: 1 + (i % 9), first: new Date(1.7e12 + i * 6e5).toISOString().replace('.000', ''),
        last: new Date(1.7e12 + i * 6e5).toISOString().replace('.000', ''), cluster: null,
        actor: kind === 'service' ? names.actor ?? `Exchange ${i % 40}` : null,
        category: kind === 'service' ? names.category ?? ['exchange', 'mixing service', 'bridge'][i % 3] : null, sanctioned: i % 50 === 0 };
    });
    const flows = endpoints.map((e, i) => ({ from: i % 7 === 0 ? 'thief' : owner(Math.floor(i / 7)), to: e.address, asset, tainted: e.tainted, movements: 1,
      transactions: [{ tx: hex(i + 1), time: e.first, tainted: e.tainted }] }));
    return { policy, conserving: policy !== 'poison', stolen: [{ asset, amount: total.toString(), by_source: { [source]: total.toString() } }],
      endpoints, flows: flows.filter((f) => f.from !== f.to), peel_chains: [], dormancies: [], splits: [], merges: [], movements: ends,
      unresolved_inputs: 0, warnings: names.warning ? [names.warning] : [] };
  });
  return { schema: 'spoor.trace.v1', direction: 'forward', tip: [{ chain: 'bitcoin', height: 800000, hash: hex(5), time: '2024-05-01T00:00:00Z' }],
    assets: [{ asset, symbol: names.symbol ?? 'BTC', decimals: 8 }],
    seeds: [{ source, seed: names.seed ?? 'thief', asset, amount: total.toString(), credits: 1 }], results,
    bounds: [{ kind: 'service', category: names.category ?? 'exchange', for: null, asset, stolen: total.toString(), stolen_least: total.toString(),
      lower: '0', upper: total.toString(), tightness: 'attained' }], bounds_warnings: [] };
}

export const kEnemies = ['<script>window.harmed=1</script>', '"><img src=x onerror="window.harmed=1">', "' onclick='window.harmed=1",
  '</script><script>window.harmed=1</script>', '<!--<script>', '=HYPERLINK("http://evil.example")', '@SUM(1)', '\u202egpj.exe', 'a\u200bb',
  '"]; n99 [label="evil"]; "', '\\', '__proto__', 'constructor', 'javascript:window.harmed=1', '<svg/onload=window.harmed=1>', '\u0000\u0007', '𝒜'.repeat(300)];

// Two assets stolen by one thief on an account chain; a part of the one has become a third.
function swapped() {
  const [ether, dollar, tether] = ['ethereum:ETH', 'ethereum:USDC', 'ethereum:USDT'];
  const unit = (n) => (BigInt(n) * 10n ** 18n).toString();
  const time = '2024-05-01T00:00:00Z';
  const end = (kind, asset, address, tainted, from, stolen, more = {}) => ({ kind, asset, place: address, address, amount: tainted, tainted,
    stolen_units: stolen, by_source: { hack: stolen }, origins: [{ source: 'hack', asset: from, tainted, stolen_units: stolen }], hops: 2, first: time, last: time,
    cluster: null, actor: null, category: null, ...more });
  const exchange = { actor: 'Some exchange', category: 'exchange' };
  const result = (policy, kept) => {
    const sold = 100 - kept;
    return { policy, conserving: policy !== 'poison', stolen: [{ asset: ether, amount: unit(100), by_source: { hack: unit(100) } },
      { asset: dollar, amount: '5000000', by_source: { hack: '5000000' } }],
      endpoints: [end('unspent', ether, '0xthief', unit(kept), ether, unit(kept)),
        end('service', tether, '0xexchange', `${sold * 3}000000`, ether, unit(sold), exchange),
        end('service', dollar, '0xexchange', '5000000', dollar, '5000000', exchange)],
      flows: [{ from: '0xthief', to: '0xexchange', asset: tether, tainted: `${sold * 3}000000`, movements: 1, transactions: [{ tx: `0x${hex(7)}`, time, tainted: `${sold * 3}000000` }] },
        { from: '0xthief', to: '0xexchange', asset: dollar, tainted: '5000000', movements: 1, transactions: [{ tx: `0x${hex(8)}`, time, tainted: '5000000' }] }],
      peel_chains: [], dormancies: [], splits: [], merges: [], movements: 3, unresolved_inputs: 0, opening_balances: 1,
      warnings: ['the ledger of ethereum lacks internal transfers: what contracts passed on of ETH is not followed, and balances of it may be wrong'] };
  };
  return { schema: 'spoor.trace.v1', direction: 'forward', tip: [{ chain: 'ethereum', height: 9, hash: `0x${hex(5)}`, time }],
    assets: [{ asset: ether, symbol: 'ETH', decimals: 18 }, { asset: dollar, symbol: 'USDC', decimals: 6 }, { asset: tether, symbol: 'USDT', decimals: 6 }],
    seeds: [ether, dollar].map((asset) => ({ source: 'hack', seed: '0xthief', asset, amount: asset === ether ? unit(100) : '5000000', credits: 1, first: time })),
    results: [result('fifo', 40), result('lifo', 0)].map((r) => ({ ...r, endpoints: r.endpoints.filter((e) => e.tainted !== '0') })),
    bounds: [{ kind: 'service', category: 'exchange', for: null, asset: ether, stolen: unit(100), stolen_least: unit(100), lower: '0', upper: unit(100), tightness: 'loose' }],
    bounds_warnings: [] };
}

const [, , what, out] = process.argv;
if (what === 'many') writeFileSync(out, JSON.stringify(result(5000, (i) => `address${i}`)));
if (what === 'swap') writeFileSync(out, JSON.stringify(swapped()));
if (what === 'enemy') {
  const e = (i) => kEnemies[i % kEnemies.length];
  writeFileSync(out, JSON.stringify(result(60, (i) => `${e(i)}${i}`, { source: e(0), actor: e(1), category: e(3), warning: e(4) + e(0), symbol: e(0), seed: e(2) })));
}
