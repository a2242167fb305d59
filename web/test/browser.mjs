// What the tests of the page share: Chromium, driven by Playwright. SWELL_PAGE names another page, SWELL_CHROMIUM
// another browser, SWELL_PROGRAM another program.

import { existsSync } from "node:fs";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

export const file = process.env.SWELL_PAGE ?? new URL("../../build/web/swell.html", import.meta.url).pathname;
export const program = process.env.SWELL_PROGRAM ?? new URL("../../build/release/swell", import.meta.url).pathname;
export const minutes = 60e3;
const executable = process.env.SWELL_CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

export let browser;
export function with_browser() {
  before(async () => {
    browser = await chromium.launch({ executablePath: executable, args: ["--no-sandbox"] });
  });
  after(() => browser?.close());
}

// A page that has loaded; what it complains of, and what it asks the network for. prepare: run in it before all else.
export async function open({ prepare, ...options } = {}, place = file) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  await page.addInitScript(() => {
    // A sheet's ink, 0 to 255 for each pixel, read from a copy.
    window.ink_of = (k) => {
      const copy = Object.assign(document.createElement("canvas"), { width: 28, height: 28 }).getContext("2d", { willReadFrequently: true });
      copy.drawImage(document.querySelectorAll(".sheet")[k], 0, 0);
      return Array.from(copy.getImageData(0, 0, 28, 28).data).filter((_, at) => at % 4 === 0);
    };
  });
  if (prepare) await page.addInitScript(prepare);
  const complaints = [], requests = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => !/^(file|blob|data):/.test(request.url()) && requests.push(request.url()));
  await page.goto(`file://${place}`);
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes", null, { timeout: minutes });
  return { page, complaints, requests, close: () => context.close() };
}

export const data = (page, name) => page.evaluate((name) => document.documentElement.dataset[name], name);
export const picture = (page, id) => page.locator(`#${id}`).evaluate((canvas) => canvas.toDataURL());

export async function trained(page) {
  await page.click("#train");
  await page.waitForFunction(() => document.documentElement.dataset.images === "1", null, { timeout: 3 * minutes });
}

// Moves a slider as a hand does.
export const slide = (page, name, value) =>
  page.locator(`#${name}`).evaluate((slider, value) => {
    slider.value = value;
    for (const event of ["input", "change"]) slider.dispatchEvent(new Event(event));
  }, value);

// The sentence that tells what is wrong.
export async function trouble(page, part) {
  await page.waitForFunction((part) => document.querySelector("#trouble").textContent.includes(part), part, { timeout: minutes });
  const sentence = await page.textContent("#trouble");
  if (!/^[^ ].*[^.]\.$/.test(sentence) || !(await page.locator("#trouble").isVisible())) throw new Error(`no sentence: '${sentence}'`);
  return sentence;
}

// Drops files on what the selector finds: {name, type, bytes} or {name, type, size}.
export const drop = (page, selector, ...files) =>
  page.evaluate(
    ([selector, files]) => {
      const transfer = new DataTransfer();
      for (const { name, type, bytes, size } of files) transfer.items.add(new File([bytes ? Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0)) : new Uint8Array(size)], name, { type }));
      document.querySelector(selector).dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true, bubbles: true }));
    },
    [selector, files.map((file) => ({ ...file, bytes: file.bytes && Buffer.from(file.bytes).toString("base64") }))],
  );
export const ink = (page, k = 0) => page.evaluate((k) => window.ink_of(k), k);
// Until there is ink in the middle of these sheets.
export const inked = (page, ...sheets) => page.waitForFunction((sheets) => sheets.every((k) => window.ink_of(k)[14 * 28 + 14] > 250), sheets, { timeout: minutes });
