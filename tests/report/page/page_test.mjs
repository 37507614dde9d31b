// page_test.mjs FOLDER: opens the reports in FOLDER in headless Chromium, from disk, and uses them as a
// person does. CASE.html stands beside CASE.json, the result it was made of, and maybe CASE.estimate.json.
// With SPOOR_SCREENSHOTS, a folder, it leaves pictures there.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = process.argv[2];
const pictures = process.env.SPOOR_SCREENSHOTS;
const browser = await chromium.launch({
  executablePath: process.env.SPOOR_CHROMIUM || '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync'],
});

async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  // How many elements the page makes: its work, on any machine.
  await page.addInitScript(() => {
    window.made = 0;
    for (const name of ['createElement', 'createElementNS']) {
      const make = document[name];
      document[name] = function (...names) { ++window.made; return make.apply(document, names); };
    }
  });
  const troubles = [];
  page.on('console', (m) => { if (['error', 'warning'].includes(m.type())) troubles.push(`console: ${m.text()}`); });
  page.on('pageerror', (e) => troubles.push(`error: ${e.message}`));
  page.on('dialog', (d) => { troubles.push(`dialog: ${d.message()}`); d.dismiss(); });
  const file = pathToFileURL(join(folder, `${name}.html`)).href;
  page.on('request', (r) => { if (r.url() !== file && !r.url().startsWith('data:')) troubles.push(`fetched ${r.url()}`); });
  await page.goto(file);
  await page.waitForSelector('#endpoint-table tbody tr');
  return { page, troubles, close: async () => { await context.close(); assert.deepEqual(troubles, []); } };
}

const sum = (list) => list.reduce((a, b) => a + BigInt(b), 0n).toString();
const shown = (locator) => locator.evaluateAll((all) => all.map((e) => e.getAttribute('data-units')));

async function everyFigure(name) {
  const result = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  const { page, close } = await open(name);
  const policies = result.results.map((r) => r.policy);
  const asset = result.results.find((r) => r.conserving).stolen[0].asset;
  const stolen = result.results.map((r) => r.stolen.find((s) => s.asset === asset)?.amount ?? '0');

  // The sums: a row for each kind and category, each policy beside the others, and the bounds.
  const last = page.locator('#policies tbody tr').last();
  assert.deepEqual(await shown(last.locator('.amount')), stolen);
  // Of what was stolen, whatever it is by now; of a ceiling only what is still the same can be summed.
  const wanted = new Map();
  result.results.forEach((r, i) => {
    for (const e of r.endpoints) {
      const parts = !r.conserving ? [[e.asset, e.tainted]] : e.origins
        ? e.origins.map((o) => [o.asset, o.stolen_units]) : [[e.asset, e.stolen_units]];
      const key = e.kind === 'service' ? e.category ?? 'service' : e.kind;
      for (const [of, units] of parts) {
        if (of !== asset) continue;
        if (!wanted.has(key)) wanted.set(key, policies.map(() => []));
        wanted.get(key)[i].push(units);
      }
    }
  });
  const figures = await page.locator('#policies tbody tr').evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('.amount')].map((e) => e.getAttribute('data-units'))));
  for (const [key, lists] of wanted) {
    const row = lists.map(sum);
    const bound = result.bounds.find((b) => b.asset === asset && !b.for && (b.kind === 'service' ? b.category === key : b.kind === key && !b.category));
    const all = bound ? [bound.lower, bound.upper, ...row] : row;
    assert.ok(figures.some((f) => all.every((u, i) => f[i] === u)), `${name}: no row of ${key}: ${all}`);
  }

  // The table: as many as there are, and each its own figures, by searching its place.
  const places = new Map();
  result.results.forEach((r, i) => r.endpoints.forEach((e) => {
    const key = [e.kind, e.asset, e.place].join();
    if (!places.has(key)) places.set(key, { end: e, by: policies.map(() => '0') });
    places.get(key).by[i] = e.tainted;
  }));
  const count = await page.locator('#endpoint-count').textContent();
  assert.ok(count.startsWith(`${places.size.toLocaleString('en')} endpoint`), count);
  for (const { end, by } of [...places.values()].filter((_, i) => i % Math.ceil(places.size / 5) === 0)) {
    await page.fill('#endpoint-search', end.place);
    const rows = page.locator('#endpoint-table tbody tr');
    const n = await rows.count();
    assert.ok(n >= 1, `${end.place} is not found`);
    const all = await rows.evaluateAll((list) => list.map((row) => [...row.querySelectorAll('[data-units]')].map((e) => e.getAttribute('data-units'))));
    assert.ok(all.some((figures) => figures.join() === by.join()), `${name}: ${end.place}: ${JSON.stringify(all.slice(0, 3))}, wanted ${by}`);
  }
  const named = [...places.values()].find(({ end }) => end.address);
  await page.fill('#endpoint-search', named.end.address);
  assert.match(await page.locator('#endpoint-table tbody tr').first().textContent(), new RegExp(named.end.address.replace(/[^a-zA-Z0-9]/g, '.')));
  await page.fill('#endpoint-search', 'no such thing');
  assert.equal(await page.locator('#endpoint-table tbody tr').count(), 0);
  await page.fill('#endpoint-search', '');

  // Sorting: ascending, then descending, by whole numbers of any size.
  for (const [press, direction] of [[1, 'descending'], [2, 'ascending']]) {
    const button = page.locator('#endpoint-table th button[data-column=p0]');
    // It begins sorted by the first conserving policy.
    const head = page.locator('#endpoint-table th', { has: page.locator('button[data-column=p0]') });
    while ((await head.getAttribute('aria-sort')) !== direction) await button.press('Enter');
    const column = await page.locator('#endpoint-table tbody tr').evaluateAll((rows) =>
      rows.map((r) => r.querySelector('td.number [data-units]').getAttribute('data-units')));
    const order = column.map(BigInt);
    for (let i = 1; i < order.length; ++i) assert.ok(direction === 'descending' ? order[i - 1] >= order[i] : order[i - 1] <= order[i], `press ${press}`);
  }

  // A node of the graph, with the mouse and with keys.
  const nodes = page.locator('#graph-drawing .node');
  const flows = result.results.flatMap((r) => r.flows).filter((f) => f.asset === asset);
  if (flows.some((f) => f.to !== 'fee')) {
    assert.ok((await nodes.count()) > 0);
    await nodes.nth((await nodes.count()) - 1).click({ force: true });
    assert.match(await page.locator('#node').textContent(), /came in/);
    await nodes.first().focus();
    await page.keyboard.press('Enter');
    assert.ok((await page.locator('#node h3').count()) >= 2);
    const first = result.results.find((r) => r.conserving).flows.find((f) => f.asset === asset && f.to !== 'fee' && f.to !== 'burned' && f.transactions?.length);
    if (first) {
      await page.fill('#node-search', first.to);
      await page.locator('#node-search').press('Tab');
      assert.ok((await page.locator('#node').textContent()).includes('rests here'));
      assert.ok((await page.locator('#node .tx').allTextContents()).includes(first.transactions[0].tx), 'the transactions of a node');
    }
  }

  // Another policy: its stolen units are drawn and told.
  const other = result.results.length - 1;
  await page.locator(`input[name=policy][value="${other}"]`).check();
  assert.match(await page.locator('#lead').textContent(), new RegExp(`By ${policies[other]},`));
  assert.ok((await page.locator('#flow .link').count()) > 0);
  // A part of the flow leads to its endpoints.
  await page.locator('#flow .clickable').first().focus();
  await page.keyboard.press('Enter');
  assert.notEqual(await page.locator('#endpoint-bucket').inputValue(), '');

  if (existsSync(join(folder, `${name}.estimate.json`))) {
    const estimate = JSON.parse(readFileSync(join(folder, `${name}.estimate.json`), 'utf8'));
    const told = await page.locator('#estimate [data-figure]').evaluateAll((all) => all.map((e) => Number(e.getAttribute('data-figure'))));
    for (const layer of [estimate.usable, estimate.programmes]) {
      for (const way of ['conditional', 'weighted']) {
        for (const k of ['low', 'p5', 'p50', 'p95', 'high']) assert.ok(told.includes(layer[way][k]), `${way} ${k}`);
      }
    }
    const text = await page.locator('#assumptions').textContent();
    for (const p of estimate.parameters) assert.ok(text.includes(p.name) && text.includes(p.source), p.name);
    assert.ok((await page.locator('#estimate').textContent()).includes(estimate.sentence));
  }
  const warned = await page.locator('#warnings').count() > 0 ? await page.locator('#warnings').textContent() : '';
  for (const r of result.results) for (const w of r.warnings) assert.ok(warned.includes(w), w);
  await close();
  console.log(`${name}: ${places.size} endpoints, as the result has them`);
}

// 5,000 endpoints are about as much work to show, search, sort and turn over as a few.
async function many() {
  const few = await open('bitcoin');
  const least = await few.page.evaluate(() => window.made);
  await few.close();
  const { page, close } = await open('many');
  const made = () => page.evaluate(() => { const n = window.made; window.made = 0; return n; });
  const rows = page.locator('#endpoint-table tbody tr');
  const first = await made();
  assert.ok(first < 3 * least, `${first} elements, and ${least} for a few endpoints`);
  assert.equal(await rows.count(), 50);
  assert.match(await page.locator('#graph p.soft').first().textContent(), /Drawn: \d+ owners of [\d,]+/);
  await page.fill('#endpoint-search', 'address4321');
  await page.locator('#endpoint-table th button[data-column=p2]').click();
  assert.equal(await rows.count(), 1);
  await page.fill('#endpoint-search', '');
  await page.getByRole('button', { name: 'Next' }).click();
  assert.equal(await page.locator('#endpoint-page').textContent(), 'Page 2 of 100');
  const later = await made();
  assert.ok(later < 6 * least, `${later} elements to search, sort and turn over`);
  await close();
  console.log(`many: ${first} elements made to show 5,000 endpoints (${least} for a few), ${later} to search, sort and turn over`);
}

async function enemy() {
  const { page, close } = await open('enemy');
  for (const node of await page.locator('#graph-drawing .node').all()) await node.dispatchEvent('click');
  for (const button of await page.locator('#flow .clickable').all()) await button.dispatchEvent('click');
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  assert.equal(await page.locator('img, iframe, object, embed, #main script, base, form').count(), 0);
  const text = await page.locator('main').textContent();
  assert.ok(!/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u0000-\u0008]/.test(text));
  assert.ok(text.includes('[U+202E]gpj.exe') && text.includes('<script>window.harmed=1</script>'));
  await close();
  console.log('enemy: harms nothing');
}

// Without a mouse: the skip link, a policy, a column, a node; and whatever has the focus shows it.
async function keys(name) {
  const { page, close } = await open(name);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '#main');
  await page.keyboard.press('Enter');
  const seen = new Set();
  let shown = 0;
  for (let i = 0; i < 400; ++i) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === document.body) return null;
      const part = e.classList.contains('clickable') ? e.querySelector('rect') : e;
      const style = getComputedStyle(part);
      const visible = part === e ? style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 : parseFloat(style.strokeWidth) >= 3;
      return { what: `${e.closest('section, nav')?.id ?? ''} ${e.tagName} ${e.name || e.type || e.getAttribute('role') || ''}`, visible };
    });
    if (at === null) break;
    assert.ok(at.visible, `the focus is not seen on ${at.what}`);
    seen.add(at.what.split(' ').slice(0, 2).join(' '));
    ++shown;
  }
  for (const part of ['flow g', 'graph g', 'graph BUTTON', 'endpoints BUTTON', 'endpoints INPUT', 'endpoints SELECT']) {
    assert.ok(seen.has(part), `no key leads to ${part}: ${[...seen]}`);
  }
  await page.locator('input[name=policy]:checked').focus();
  await page.keyboard.press('ArrowRight');
  assert.match(await page.locator('#lead').textContent(), /By lifo,/);
  await close();
  console.log(`${name}: ${shown} places that keys lead to, each with its focus seen`);
}

// At each width and in either light the page is no wider than the screen, and axe finds no fault in
// it: contrast, names, roles, order of headings.
async function looks(name) {
  for (const width of [1280, 400]) {
    for (const colorScheme of ['light', 'dark']) {
      const { page, close } = await open(name, { viewport: { width, height: 900 }, colorScheme });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${name} is ${wide} wide at ${width}`);
      const paper = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor.match(/\d+/g).slice(0, 3).map(Number));
      assert.equal(paper.reduce((a, b) => a + b, 0) < 384, colorScheme === 'dark');
      await page.evaluate(axe);
      const faults = await page.evaluate(async () => (await window.axe.run(document)).violations.map((v) =>
        `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} (${n.any.map((c) => c.message).join('; ').slice(0, 200)})`).join(' | ')}, ${v.nodes.length} in all`));
      assert.deepEqual(faults, [], `${name}, ${width} wide, ${colorScheme}`);
      if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await close();
    }
  }
}

// On paper all text is there, without what only a screen can do.
async function print(name) {
  const { page, close } = await open(name);
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('nav').isVisible(), false);
  assert.equal(await page.locator('#endpoint-search').isVisible(), false);
  assert.ok(await page.locator('#endpoint-table').isVisible());
  const clipped = await page.evaluate(() => [...document.querySelectorAll('.scroll')].filter((e) => getComputedStyle(e).overflowX !== 'visible').length);
  assert.equal(clipped, 0);
  const pdf = await page.pdf({ path: pictures ? join(pictures, `${name}.pdf`) : undefined, format: 'A4' });
  assert.ok(pdf.length > 10000);
  await close();
}

try {
  await enemy();
  await many();
  for (const name of ['bitcoin', 'swap', 'harmony']) {
    if (!existsSync(join(folder, `${name}.html`))) continue;
    await everyFigure(name);
    await looks(name);
    await print(name);
  }
  await keys('bitcoin');
} finally {
  await browser.close();
}
