// Measures pages of _build/html as Lighthouse's phone sees them, each RUNS times, and prints the
// medians; fails when one misses LEAST or MOST. Give it pages, or it takes the first, the heaviest and
// an assignment's. The server compresses with gzip, as hosts of static pages do.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import zlib from 'node:zlib';
import * as chromeLauncher from 'chrome-launcher';
import lighthouse from 'lighthouse';

const ROOT = path.resolve(import.meta.dirname, '../../_build/html');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell'];
const RUNS = 3;
const LEAST = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };
const MOST = { KiB: 200, 'TBT ms': 250 };
const TYPES = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript',
  '.svg': 'image/svg+xml', '.png': 'image/png', '.woff': 'font/woff', '.woff2': 'font/woff2',
};

function serve(request, response) {
  const file = path.join(ROOT, decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
  if (!file.startsWith(ROOT) || !fs.statSync(file, { throwIfNoEntry: false })?.isFile()) {
    return response.writeHead(404).end();
  }
  const type = TYPES[path.extname(file)] ?? 'application/octet-stream';
  const headers = { 'content-type': type, 'cache-control': 'max-age=600' };
  let body = fs.readFileSync(file);
  if (/text|svg/.test(type)) {
    body = zlib.gzipSync(body);
    headers['content-encoding'] = 'gzip';
  }
  response.writeHead(200, headers).end(body);
}

function figures({ categories, audits }) {
  const row = {};
  for (const { id, score } of Object.values(categories)) row[id] = Math.round(score * 100);
  row.KiB = Math.round(audits['total-byte-weight'].numericValue / 1024);
  row['TBT ms'] = Math.round(audits['total-blocking-time'].numericValue);
  row['FCP s'] = Math.round(audits['first-contentful-paint'].numericValue / 100) / 10;
  row['LCP s'] = Math.round(audits['largest-contentful-paint'].numericValue / 100) / 10;
  row.CLS = Math.round(audits['cumulative-layout-shift'].numericValue * 1000) / 1000;
  return row;
}

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

function heaviestPage() {
  const pages = fs.readdirSync(`${ROOT}/book`).filter((name) => name.endsWith('.html'));
  const size = (name) => zlib.gzipSync(fs.readFileSync(`${ROOT}/book/${name}`)).length;
  return `book/${pages.reduce((a, b) => (size(a) > size(b) ? a : b))}`;
}

if (!fs.existsSync(ROOT)) throw new Error(`No book in ${ROOT}: run make book`);
const given = process.argv.slice(2);
const pages = given.length ? given : ['book/intro.html', heaviestPage(), 'book/assignments/gates.html'];
const server = http.createServer(serve).listen(0, '127.0.0.1');
const chrome = await chromeLauncher.launch({
  chromePath: process.env.CHROME_PATH ?? CHROMIUM.find(fs.existsSync),
  chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const table = {};
const missed = [];
for (const page of pages) {
  const runs = [];
  for (let run = 0; run < RUNS; run++) {
    const url = `http://127.0.0.1:${server.address().port}/${page}`;
    const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: 'error' });
    runs.push(figures(lhr));
  }
  const row = {};
  for (const key of Object.keys(runs[0])) row[key] = median(runs.map((run) => run[key]));
  for (const [key, least] of Object.entries(LEAST)) {
    if (row[key] < least) missed.push(`${page}: ${key} ${row[key]}, at least ${least}`);
  }
  for (const [key, most] of Object.entries(MOST)) {
    if (row[key] > most) missed.push(`${page}: ${key} ${row[key]}, at most ${most}`);
  }
  table[page] = row;
}
console.table(table);
await chrome.kill();
server.close();
for (const line of missed) console.error(line);
process.exitCode = missed.length ? 1 : 0;
