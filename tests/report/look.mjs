// Opens a page in Chromium, light, dark, on a phone and on paper, and prints what is wrong with it as JSON.
//
//   node look.mjs NODE_MODULES CHROMIUM PAGE FOLDER_FOR_SCREENSHOTS
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [modules, executablePath, file, pictures] = process.argv.slice(2);
const { chromium } = createRequire(`${modules}/`)(`${modules}/playwright-core`);
const axe = readFileSync(`${modules}/axe-core/axe.min.js`, "utf8");
const browser = await chromium.launch({
  executablePath, headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"],
});
const found = { console: [], requests: [], axe: [], views: {} };

for (const [name, options] of Object.entries({
  light: { viewport: { width: 1200, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1200, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 375, height: 800 }, colorScheme: "light" },
  paper: { viewport: { width: 800, height: 1100 }, colorScheme: "dark" },
})) {
  // Only the test's axe is put in past the page's own policy; what the page may fetch is watched below.
  const context = await browser.newContext({ ...options, bypassCSP: true, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && found.console.push(message.text()));
  page.on("pageerror", (error) => found.console.push(String(error)));
  page.on("dialog", (dialog) => { found.console.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => !/^(file|data):/.test(request.url()) && found.requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  if (name === "paper") await page.emulateMedia({ media: "print" });
  await page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
  found.views[name] = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth, screen: innerWidth,
    headings: [...document.querySelectorAll("h2")].map((heading) => heading.textContent),
    plots: document.querySelectorAll("canvas").length, scripts: document.querySelectorAll("script").length,
    nav: getComputedStyle(document.querySelector("nav")).display, text: document.body.innerText,
  }));
  if (name === "paper") continue;
  await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const violation of violations) {
    found.axe.push({ view: name, id: violation.id, impact: violation.impact, nodes: violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)) });
  }
  await context.close();
}
// The page under its own policy, as people open it.
const page = await browser.newPage();
page.on("console", (message) => message.type() === "error" && found.console.push(message.text()));
await page.goto(pathToFileURL(file).href);
await page.keyboard.press("Tab");
found.first_focus = await page.evaluate(() => document.activeElement.textContent);
await browser.close();
console.log(JSON.stringify(found));
