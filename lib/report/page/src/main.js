import { el, plural, section } from './dom.js';
import { Endpoints } from './endpoints.js';
import { estimateSections } from './estimate.js';
import { Assets, units } from './figures.js';
import { Graph } from './graph.js';
import { drawSankey } from './sankey.js';
import { drawTimeline } from './timeline.js';
import { totalsTable } from './totals.js';
import { assumptions, lead } from './words.js';

// Each once, with the policies that say it.
function warningsOf(data) {
  const by = new Map();
  const add = (policy, text) => by.set(text, [...(by.get(text) ?? []), policy]);
  for (const p of data.policies) {
    if (p.unresolved_inputs > 0) add(p.name, `rests on ${plural(p.unresolved_inputs, 'unresolved input')}`);
    if (p.opening_balances > 0) add(p.name, `rests on ${plural(p.opening_balances, 'assumed opening balance')}`);
    for (const w of p.warnings) add(p.name, w);
    if (p.warnings_in_all > p.warnings.length) add(p.name, `${plural(p.warnings_in_all - p.warnings.length, 'more warning')} in the trace`);
  }
  for (const w of data.bounds_warnings) add('bounds', w);
  // Those of the trace stand here already.
  const estimated = data.estimate?.warnings;
  for (const w of Array.isArray(estimated) ? estimated : []) {
    if (typeof w === 'string' && !w.startsWith('of the trace: ')) add('estimate', w);
  }
  return [...by].map(([text, policies]) =>
    `${policies.length > 1 && policies.length === data.policies.length ? 'every policy' : policies.join(', ')}: ${text}`);
}

function start(data) {
  const main = document.getElementById('main');
  const policies = data.policies;
  const stolen = new Set(policies.flatMap((p) => p.stolen.map((s) => s.asset)));
  // Those where something was stolen first; the rest are what it became.
  const all = [...stolen, ...Object.keys(data.assets).filter((a) => !stolen.has(a))];
  const report = {
    data, policies, stolen, assets: new Assets(data.assets), policy: Math.max(0, policies.findIndex((p) => p.conserving)), asset: all[0] ?? '',
  };
  const back = data.back;
  document.title = `Spoor: ${back ? 'where coins came from' : 'where the stolen coins went'}`;
  if (policies.length === 0) {
    main.append(el('h1', {}, 'Nothing was traced'), el('p', {}, 'The result has no policies.'));
    return;
  }
  const graph = new Graph(report);
  const endpoints = new Endpoints(report);
  const places = { lead: el('div'), tiles: el('div', { class: 'tiles' }), sankey: el('figure'), totals: el('div'), timeline: el('figure') };
  const choose = ({ bucket, text = '' }) => {
    endpoints.filter({ bucket, text });
    document.getElementById('endpoints').scrollIntoView();
    endpoints.search.focus({ preventScroll: true });
  };
  const draw = () => {
    const { policy, asset } = report;
    const p = policies[policy];
    places.lead.replaceChildren(lead(report, policy, asset));
    const tile = (figure, words) => el('div', { class: 'tile' }, el('b', {}, figure), el('span', {}, words));
    places.tiles.replaceChildren(
      tile(p.stolen.length === 0 ? 'nothing' : p.stolen.slice(0, 3).map((s) =>
        el('span', {}, report.assets.cell(units(s.amount), s.asset), ` ${report.assets.symbol(s.asset)}${p.stolen.length > 1 ? ' ' : ''}`)),
           `${back ? 'asked for' : 'stolen'}${p.stolen.length > 3 ? `, and ${plural(p.stolen.length - 3, 'other asset')}` : ''}`),
      tile(p.endpoints.toLocaleString('en'), `endpoints, ${p.name}`), tile(p.movements.toLocaleString('en'), `movements, ${p.name}`),
      tile(String(policies.length), policies.length === 1 ? 'policy' : 'policies side by side'));
    places.sankey.replaceChildren(stolen.has(asset) ? drawSankey(report, policy, asset, choose)
      : el('p', {}, `Nothing was stolen in ${report.assets.symbol(asset)}; see the asset that was.`));
    places.totals.replaceChildren(totalsTable(report, asset));
    places.timeline.replaceChildren(drawTimeline(report, policy, asset));
    graph.draw(policy, asset);
  };
  const warnings = warningsOf(data);
  const radios = el('fieldset', {}, el('legend', {}, 'Policy'), policies.map((p, i) => {
    const input = el('input', { type: 'radio', name: 'policy', value: i, checked: i === report.policy, onchange: () => {
      report.policy = i;
      for (const label of radios.querySelectorAll('label')) label.classList.toggle('chosen', label.contains(input));
      draw();
    } });
    return el('label', { class: i === report.policy ? 'chosen' : undefined }, input, ` ${p.name}${p.conserving ? '' : ' (a ceiling)'}`);
  }));
  const assetChoice = all.length > 1 && el('label', {}, 'Asset ', el('select', { id: 'asset', onchange: (e) => { report.asset = e.target.value; draw(); } },
    all.map((a) => el('option', { value: a }, report.assets.symbol(a) === a ? a : `${report.assets.symbol(a)} (${a})`))));
  const estimate = estimateSections(data.estimate);
  const sections = [
    section('flow', back ? 'From the origins' : 'From the theft to where it is',
      el('p', { class: 'soft' }, 'Press a part to see its endpoints.'), places.sankey),
    section('policies', 'Every policy side by side, and the bounds',
      el('p', {}, 'The blue band is what no account of the units can leave, policy or not; each line across is a policy. No policy is the truth.',
         data.bounds.length === 0 ? ' This trace was asked for without bounds.' : ''), places.totals),
    section('graph', 'Who passed it on', graph.root),
    section('time', 'When it came to rest', places.timeline),
    section('endpoints', 'Endpoints', endpoints.root),
    ...estimate,
    section('basis', 'What this rests on', assumptions(report)),
  ];
  main.replaceChildren(...[
    el('header', {}, el('h1', {}, back ? 'Where the coins came from' : 'Where the stolen coins went'), places.lead),
    el('nav', { 'aria-label': 'Parts' }, el('ul', {}, sections.map((s) => el('li', {}, el('a', { href: `#${s.id}` }, s.querySelector('h2').textContent))))),
    places.tiles,
    warnings.length > 0 && el('section', { class: 'warnings', id: 'warnings', 'aria-label': 'Warnings' }, el('h2', {}, plural(warnings.length, 'warning')),
      el('ul', {}, warnings.map((w) => el('li', {}, w)))),
    el('div', { class: 'bar-of-choices' }, radios, assetChoice),
    ...sections,
    el('footer', {}, el('p', {}, 'Made by Spoor. This page holds all that it shows and fetches nothing. Characters that cannot be seen or that turn the direction of writing are shown by their numbers, as in [U+202E].'),
       el('p', {}, `Ledger: ${data.tip.map((t) => `${t.chain} block ${t.height}, ${t.hash}, ${t.time}`).join('; ') || 'unstated'}.`)),
  ].filter(Boolean));
  draw();
  window.addEventListener('beforeprint', () => graph.toPaper());
  window.addEventListener('afterprint', () => graph.toScreen());
}

const data = JSON.parse(document.getElementById('data').textContent);
if (data) start(data);
