// Who can use the page, and what it reaches: keyboard, touch, readers of screens, calm eyes; no network; steady memory.
// SWELL_SOAK is how long memory is watched, in seconds (20).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { data, ink, minutes, open, picture, trained, with_browser } from "./browser.mjs";

with_browser();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test("everything has a name and enough contrast, light and dark", { timeout: 4 * minutes }, async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open({ colorScheme });
    await trained(page);
    await page.waitForFunction(() => document.documentElement.dataset.tried === "yes", null, { timeout: minutes });
    for (const summary of await page.locator("summary").all()) await summary.click();
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }));
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`), [], colorScheme);
    await close();
  }
});

test("sliders are read out as what they say", { timeout: minutes }, async () => {
  const { page, close } = await open();
  const told = await page.locator("input[type=range]:not(#scrub):not([disabled])").evaluateAll((sliders) => sliders.map((slider) => [slider.id, slider.getAttribute("aria-valuetext"), document.getElementById(`${slider.id}-now`).textContent]));
  assert.equal(told.length, 7);
  for (const [id, text, seen] of told) assert.ok(text && text === seen, `${id}: ${text} and ${seen}`);
  await close();
});

test("the keyboard alone trains, runs again, tries a slider and starts every screen", { timeout: 5 * minutes }, async () => {
  const { page, complaints, close } = await open();
  const reach = async (id) => {
    for (let k = 0; k < 60; ++k) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((id) => document.activeElement.id === id, id)) return;
    }
    assert.fail(`no way to #${id} by Tab`);
  };
  await reach("train");
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), "none");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.documentElement.dataset.images === "1", null, { timeout: 3 * minutes });
  await reach("bits");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await page.getAttribute("#bits", "aria-valuetext"), "12 bits");
  await reach("inverse-run");
  await page.keyboard.press(" ");
  await page.waitForFunction(() => Number(document.documentElement.dataset.samples) > 10, null, { timeout: minutes });
  await reach("magnet-run");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => Number(document.documentElement.dataset.sweeps) > 4, null, { timeout: minutes });
  await reach("round-run");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.documentElement.dataset.roundSteps, null, { timeout: minutes });
  assert.deepEqual(complaints, []);
  await close();
});

test("on a phone a finger draws, trains and chooses, and nothing is wider than the screen", { timeout: 5 * minutes }, async () => {
  for (const width of [320, 390]) {
    const { page, complaints, close } = await open({ viewport: { width, height: 700 }, hasTouch: true, isMobile: true });
    await page.tap("#clear");
    const box = await page.locator(".sheet").first().boundingBox();
    const session = await page.context().newCDPSession(page);
    const touch = (type, ...points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y]) => ({ x: box.x + x, y: box.y + y })) });
    await touch("touchStart", [15, 15]);
    for (let k = 1; k <= 6; ++k) await touch("touchMove", [15 + 8 * k, 15 + 6 * k]);
    await page.waitForTimeout(200); // a finger that leaves while it moves flings, and the next tap would only end the fling
    await touch("touchEnd");
    assert.ok((await ink(page)).filter((shade) => shade > 100).length > 20);
    await page.tap("#digits");
    await page.tap("#train");
    await page.waitForFunction(() => document.documentElement.dataset.images === "1" && document.documentElement.dataset.tried === "yes", null, { timeout: 3 * minutes });
    const before = await picture(page, "fields");
    await page.tap("#fields", { position: { x: 40, y: 40 } });
    assert.notEqual(await picture(page, "fields"), before);
    assert.match(await page.textContent("#field-words"), /^Hidden unit \d+/);
    for (const id of ["inverse", "magnet", "round"]) await page.tap(`#${id}-run`);
    await page.waitForFunction(() => document.documentElement.dataset.roundSteps, null, { timeout: minutes });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} pixels on ${width}`);
    assert.deepEqual(complaints, []);
    await close();
  }
});

test("where motion is to be reduced, what runs is shown once a second and images when they are done", { timeout: 3 * minutes }, async () => {
  const { page, close } = await open({ reducedMotion: "reduce" });
  const changes = (id) =>
    page.locator(`#${id}`).evaluate(async (canvas) => {
      let changed = 0;
      for (let k = 0, before = canvas.toDataURL(); k < 50; ++k) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const now = canvas.toDataURL();
        changed += now === before ? 0 : 1;
        before = now;
      }
      return changed;
    });
  for (const [run, canvas] of [["inverse-run", "ellipse"], ["magnet-run", "spins"], ["round-run", "town"]]) {
    await page.click(`#${run}`);
    const seen = await changes(canvas);
    assert.ok(seen >= 1 && seen <= 4, `${canvas}: ${seen} in 2.5 s`); // 50 looks of 50 ms and the time they take
  }
  await page.click("#train");
  await page.waitForFunction(() => Number(document.querySelector("#scrub").max) > 2, null, { timeout: 2 * minutes });
  assert.equal(await changes("images"), 0);
  await close();
});

test("the policy of the page lets no request out", { timeout: minutes }, async () => {
  const { page, close } = await open();
  const refused = await page.evaluate(async () => {
    const broken = [];
    addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
    const answer = await fetch("https://example.invalid/").then(() => "let out", () => "refused");
    const worker = new Worker(URL.createObjectURL(new Blob(["fetch('https://example.invalid/').then(() => postMessage('let out'), () => postMessage('refused'))"])));
    const within = await new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
    const image = new Image();
    await new Promise((resolve) => ((image.onerror = resolve), (image.src = "https://example.invalid/a.png")));
    return { answer, within, broken };
  });
  assert.equal(refused.answer, "refused");
  assert.equal(refused.within, "refused");
  for (const directive of ["connect-src", "img-src"]) assert.ok(refused.broken.includes(directive), refused.broken.join(" "));
  await close();
});

// Bytes that the page's scripts hold after a collection, and that the engine has taken when it trained last.
async function held(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.enable");
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  return { scripts: usedSize, engine: Number(await data(page, "memory")) };
}

test("memory is flat however long it runs", { timeout: 20 * minutes }, async () => {
  const seconds = Number(process.env.SWELL_SOAK ?? 20);
  const { page, complaints, close } = await open();
  await trained(page);
  const about = async () => {
    for (const run of ["inverse", "magnet", "round"]) {
      await page.click(`#${run}-run`);
      await page.waitForTimeout(1500);
    }
    await page.click("#train");
    await page.waitForFunction(() => Number(document.querySelector("#scrub").max) > 20, null, { timeout: 3 * minutes });
    await page.setInputFiles("#open", { name: "wrong.safetensors", mimeType: "", buffer: Buffer.alloc(1e6) });
  };
  for (let warm = 0; warm < 2; ++warm) await about(); // the engine takes what the largest of its tasks needs, once
  const first = await held(page), began = Date.now();
  let rounds = 0, last = first;
  while (Date.now() - began < 1000 * seconds) {
    await about();
    last = await held(page);
    rounds += 1;
    console.log(`${((Date.now() - began) / 1000).toFixed(0)} s: scripts ${(last.scripts / 1e6).toFixed(2)} MB, engine ${(last.engine / 1e6).toFixed(1)} MB`);
  }
  assert.ok(rounds > 0);
  assert.ok(last.scripts < first.scripts + 2e6, `scripts: ${first.scripts} bytes became ${last.scripts}`); // a run's film alone is 2 MB
  assert.ok(first.engine > 0 && last.engine <= first.engine, `engine: ${first.engine} bytes became ${last.engine}`);
  assert.deepEqual(complaints, []);
  await close();
});
