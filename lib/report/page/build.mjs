// build.mjs OUT.cc: bundles the page and writes it as C++ source (lib/report/case_page.h). With
// OUT.html, the page itself, for a look at it in a browser.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
const target = ['chrome100', 'firefox100', 'safari15'];

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(here, entry)], bundle: true, minify: true, write: false, metafile: true,
    format: 'iife', charset: 'utf8', target, legalComments: 'none', logLevel: 'error',
    absWorkingDir: here,
  });
  return { text: result.outputFiles[0].text.trim(), inputs: Object.keys(result.metafile.inputs) };
}

// The licence of every package that something was taken from.
function licences(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(join(here, found[1]));
  }
  let text = '';
  for (const folder of [...packages].sort()) {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json')));
    const file = readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
    if (!file) throw new Error(`no licence in ${folder}`);
    text += `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n\n`;
  }
  return text.replaceAll('*/', '* /').replaceAll('<', '&lt;').trim();
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const script = await bundle('src/main.js');
const style = await bundle('src/style.css');
// Nothing in a script element may look like its end.
const code = `/*!\nThis page has in it:\n\n${licences(script.inputs)}\n*/\n` +
             script.text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
const policy = `default-src 'none'; script-src ${hash(code)}; style-src ${hash(style.text)}; ` +
               `img-src data:; base-uri 'none'; form-action 'none'`;
const page = readFileSync(join(here, 'src/page.html'), 'utf8')
  .replace('@POLICY@', () => policy)
  .replace('@STYLE@', () => style.text)
  .replace('@SCRIPT@', () => code);
const [before, after] = page.split('@DATA@');

// A string of any length, in pieces that no compiler minds.
function literal(text) {
  const pieces = [];
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length;) {
    let end = Math.min(at + 8000, bytes.length);
    while (end < bytes.length && (bytes[end] & 0xc0) === 0x80) --end;
    pieces.push(`R"spoor(${bytes.toString('utf8', at, end)})spoor"`);
    at = end;
  }
  return pieces.join('\n    ');
}

if (out.endsWith('.html')) {
  const data = process.argv[3] && existsSync(process.argv[3])
    ? readFileSync(process.argv[3], 'utf8').replaceAll('<', '\\u003c') : 'null';
  writeFileSync(out, before + data + after);
} else {
  writeFileSync(out, `#include "lib/report/case_page.h"

namespace spoor {
namespace {

constexpr char kBefore[] =
    ${literal(before)};
constexpr char kAfter[] =
    ${literal(after)};

}  // namespace

absl::string_view CasePageBefore() { return {kBefore, sizeof kBefore - 1}; }
absl::string_view CasePageAfter() { return {kAfter, sizeof kAfter - 1}; }

}  // namespace spoor
`);
}
