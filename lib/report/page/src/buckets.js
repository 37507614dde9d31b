// Where units ended, in words, and in one of a few colours.
import { el } from './dom.js';
import { units } from './figures.js';

const kWords = {
  unspent: 'unspent', fee: 'fees', burned: 'burned', service: 'a service',
  'hop-limit': 'stopped by the hop limit', 'time-limit': 'stopped by the time limit',
  'below-least': 'below the least followed', minted: 'newly mined', outside: 'before the ledger',
  unresolved: 'unresolved inputs',
};
const kColours = {
  unspent: 'unspent', fee: 'fee', burned: 'fee', exchange: 'exchange', 'payment processor': 'exchange',
  'mixing service': 'mixing', bridge: 'bridge', 'hop-limit': 'limit', 'time-limit': 'limit',
  'below-least': 'limit',
};

const kWent = {
  unspent: 'are unspent', fee: 'went as fees', burned: 'were burned', service: 'went to services',
  exchange: 'went to exchanges', 'mixing service': 'went to mixing services', bridge: 'went to bridges',
  'payment processor': 'went to payment processors', gambling: 'went to gambling sites', market: 'went to markets',
  'hop-limit': 'were not followed further (hop limit)', 'time-limit': 'were not followed further (time limit)',
  'below-least': 'were too little to be followed', minted: 'were newly mined', outside: 'came from before the ledger',
  unresolved: 'came by unresolved inputs',
};
export const went = (bucket, back) => (back && !['minted', 'outside', 'unresolved'].includes(bucket)
  ? `came from: ${bucketWords(bucket)}` : Object.hasOwn(kWent, bucket) ? kWent[bucket] : `went to ${bucket}`);

// The category of a service, else the kind.
export const bucketOf = ({ kind, category }) =>
  (kind === 'service' ? category || 'service' : kind) || 'unknown';
// How much ended in which bucket: of an asset that was stolen, in the units stolen, whatever they are
// by now; of any other, what endpoints hold of it. A ceiling counts units once for each theft, so of it
// only what endpoints hold can be summed.
export function sumsOf({ data, policies, stolen }, policy, asset) {
  const sums = new Map();
  const add = (part, amount) => sums.set(bucketOf(part), (sums.get(bucketOf(part)) ?? 0n) + units(amount));
  if (stolen.has(asset) && policies[policy].conserving) {
    for (const s of data.shares) if (s.asset === asset) add(s, s.stolen_units[policy]);
  } else {
    for (const t of data.totals) if (t.asset === asset) add(t, t.tainted[policy]);
  }
  return sums;
}
export const bucketWords = (bucket) => (Object.hasOwn(kWords, bucket) ? kWords[bucket] : bucket);
// One of the classes fill-* and stroke-* of the style.
export const colourOf = (bucket) => (Object.hasOwn(kColours, bucket) ? kColours[bucket] : 'other');

export const chip = (bucket) =>
  el('span', { class: 'chip' }, el('span', { class: `dot fill-${colourOf(bucket)}` }),
     bucketWords(bucket));
