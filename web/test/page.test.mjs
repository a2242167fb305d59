// The page in a real browser (browser.mjs): what each screen does. SWELL_SCREENSHOTS names a folder for pictures of
// every screen.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { data, file, ink, minutes, open, picture, program, slide, trained, with_browser } from "./browser.mjs";

with_browser();

test("is one file of less than 4 MB", () => {
  assert.ok(statSync(file).size < 4e6, `${statSync(file).size} bytes`);
});

test("trains the three digits and makes 25 images, without a word to the network", { timeout: 5 * minutes }, async () => {
  const { page, complaints, requests, close } = await open();
  const began = Date.now();
  await trained(page);
  console.log(`from the click to 25 images: ${((Date.now() - began) / 1000).toFixed(1)} s`);
  assert.ok(Number(await data(page, "cosine")) >= 0.84, await data(page, "cosine"));
  assert.equal(await data(page, "negatives"), "0");
  const seconds = await page.textContent("#trained");
  assert.match(seconds, /532,736 numbers/);
  // Again: other noise.
  const first = await picture(page, "images");
  await page.click("#again");
  await page.waitForFunction(() => document.documentElement.dataset.images === "2", null, { timeout: 2 * minutes });
  assert.notEqual(await picture(page, "images"), first);
  // Scrubbing back to the snow.
  await page.locator("#scrub").evaluate((scrub) => {
    scrub.value = "10";
    scrub.dispatchEvent(new Event("input"));
  });
  assert.match(await page.textContent("#clock"), /noise alone/);
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, []);
  await close();
});

test("opens with the machine that the program put inside", { timeout: 5 * minutes }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "swell-play-"));
  execFileSync(program, ["train", "whitelam2026", "--save", join(folder, "digits.safetensors"), "--quiet"]);
  execFileSync(program, ["generate", join(folder, "digits.safetensors"), "-n", "2", "--film", "0", "--play", file, "-o", join(folder, "images"), "--quiet"]);
  assert.match(readFileSync(join(folder, "images", "report.html"), "utf8"), /<a href="play.html">/);
  const { page, complaints, close } = await open({}, join(folder, "images", "play.html"));
  await page.waitForFunction(() => document.documentElement.dataset.images === "1", null, { timeout: 3 * minutes });
  assert.ok(Number(await data(page, "cosine")) >= 0.84);
  assert.deepEqual(complaints, []);
  await close();
});

test("a machine of many stages opens, makes the class that is chosen, and sliders suit it", { timeout: 12 * minutes }, async () => {
  const { page, complaints, close } = await open();
  await page.setInputFiles("#open", new URL("../../machines/mnist.safetensors", import.meta.url).pathname);
  await page.waitForFunction(() => document.querySelector("#images-title").textContent.startsWith("9 images"), null, { timeout: minutes });
  assert.equal(await page.locator("#label-choice").isVisible(), true);
  assert.equal(await page.locator("#duration").isDisabled(), true);
  assert.equal(await page.locator("#bowl-figure").isVisible(), false);
  await page.selectOption("#label", "7");
  await page.waitForFunction(() => document.querySelector("#clock").textContent.includes("stage 2"), null, { timeout: 4 * minutes });
  // Another choice ends this run.
  await page.selectOption("#label", "3");
  await page.waitForFunction(() => document.documentElement.dataset.images === "1", null, { timeout: 6 * minutes });
  assert.match(await page.textContent("#outcome"), /^Asked for, row after row: 3, 3, 3, 3, 3, 3, 3, 3, 3\./);
  assert.equal(await page.textContent("#trouble"), "");
  // Back to a machine without labels.
  await page.click("#train");
  await page.waitForFunction(() => document.querySelector("#images-title").textContent.startsWith("25 images"), null, { timeout: minutes });
  assert.equal(await page.locator("#label-choice").isVisible(), false);
  assert.equal(await page.locator("#duration").isDisabled(), false);
  assert.deepEqual(complaints, []);
  await close();
});

test("pauses, and goes on", { timeout: 5 * minutes }, async () => {
  const { page, close } = await open();
  await page.click("#train");
  await page.waitForFunction(() => Number(document.querySelector("#scrub").max) > 3, null, { timeout: 2 * minutes });
  await page.click("#pause");
  await page.waitForTimeout(700);
  const here = await page.textContent("#clock");
  await page.waitForTimeout(1000);
  assert.equal(await page.textContent("#clock"), here);
  assert.equal(await page.getAttribute("#pause", "aria-pressed"), "true");
  await page.click("#pause");
  await page.waitForFunction(() => document.documentElement.dataset.images === "1", null, { timeout: 2 * minutes });
  await close();
});

test("sliders do what they say", { timeout: 5 * minutes }, async () => {
  const { page, complaints, close } = await open();
  await trained(page);
  const run = async (name, value) => {
    await page.evaluate(() => delete document.documentElement.dataset.tried);
    await page.locator(`#${name}`).evaluate((slider, value) => {
      slider.value = value;
      slider.dispatchEvent(new Event("input"));
    }, value);
    await page.waitForFunction(() => document.documentElement.dataset.tried === "yes", null, { timeout: minutes });
    const bill = await page.textContent("#bill tr:first-child");
    return { bill, heat: Number(bill.match(/µs(-?[\d.e+]+)/)[1]), picture: await picture(page, "tried") };
  };
  await page.waitForFunction(() => document.documentElement.dataset.tried === "yes", null, { timeout: minutes });
  const designed = await run("duration", "0");
  const short = await run("duration", "-1");
  assert.match(await page.textContent("#duration-now"), /0\.25 µs/);
  assert.ok(short.heat < designed.heat, `${short.bill} and ${designed.bill}`);
  await run("duration", "0");
  const hot = await run("kT", "1");
  assert.match(await page.textContent("#kT-now"), /1\.0 E0/);
  assert.ok(hot.heat < designed.heat, "a quantum of heat is larger where it is hotter");
  await run("kT", "0");
  const coarse = await run("bits", "2");
  assert.match(await page.textContent("#bits-now"), /2 bits/);
  assert.notEqual(coarse.picture, designed.picture);
  await run("bits", "13");
  const faulty = await run("mismatch", "0.5");
  assert.match(await page.textContent("#mismatch-now"), /50 %/);
  assert.notEqual(faulty.picture, designed.picture);
  await page.click("#reset");
  assert.match(await page.textContent("#mismatch-now"), /^0 %/);
  assert.deepEqual(complaints, []);
  await close();
});

test("two circuits invert the matrix, and p-bits melt", { timeout: 3 * minutes }, async () => {
  const { page, complaints, close } = await open();
  await page.click("#inverse-run");
  await page.waitForFunction(() => Number(document.documentElement.dataset.samples) >= 300, null, { timeout: minutes });
  const rows = await page.locator("#entries tr").allTextContents();
  assert.equal(rows.length, 3);
  for (const row of rows) {
    const [, value, error, exact] = row.match(/^\d\d(-?[\d.]+) ± ([\d.]+?\d{4})(-?[\d.]+)$/).map(Number);
    assert.ok(Math.abs(value - exact) < 5 * error, row);
  }
  await page.click("#magnet-run");
  await page.waitForFunction(() => Number(document.documentElement.dataset.sweeps) >= 60, null, { timeout: minutes });
  assert.ok(Math.abs(Number(await data(page, "magnetisation"))) > 0.9);
  await page.locator("#heat").evaluate((slider) => {
    slider.value = "4";
    slider.dispatchEvent(new Event("input"));
  });
  await page.waitForFunction(() => Math.abs(Number(document.documentElement.dataset.magnetisation)) < 0.3, null, { timeout: minutes });
  assert.deepEqual(complaints, []);
  await close();
});

const metres = async (page) => Number((await page.textContent("#round-now")).match(/^([\d,]+) m now/)[1].replace(",", ""));

test("a mail round cools to the shortest, sticks where it is cooled at once, and can be held hot", { timeout: 4 * minutes }, async () => {
  const { page, complaints, requests, close } = await open();
  await page.click("#round-run");
  await page.waitForFunction(() => document.documentElement.dataset.roundSteps, null, { timeout: minutes });
  assert.ok((await metres(page)) > 20000, "hot at first");
  // In hand: the temperature is what the slider says, and the round stays long.
  await slide(page, "round-kT", "2");
  assert.equal(await data(page, "round"), "held");
  assert.match(await page.textContent("#round-kT-now"), /^10[01] m$/);
  await page.waitForTimeout(1500);
  assert.ok((await metres(page)) > 15000, "held hot");
  // Paused, nothing moves.
  await page.click("#round-pause");
  await page.waitForTimeout(400);
  const still = await picture(page, "town");
  await page.waitForTimeout(600);
  assert.equal(await picture(page, "town"), still);
  await page.click("#round-pause");
  await page.click("#round-cool");
  await page.waitForFunction(() => document.documentElement.dataset.round === "cold", null, { timeout: 2 * minutes });
  const least = Number(await data(page, "roundExact"));
  assert.equal(Number(await data(page, "roundLength")), least); // seed 1 comes down to it (engine.test.mjs)
  assert.match(await page.textContent("#round-best"), /the shortest round of all/);
  const cooled = await picture(page, "town");
  // At once, by the keyboard.
  await page.locator("#cooling").focus();
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.querySelector("#round-best").textContent.includes("stuck"), null, { timeout: minutes });
  assert.ok(Number(await data(page, "roundLength")) > 1.02 * least);
  assert.equal(Number(await data(page, "roundExact")), least);
  assert.notEqual(await picture(page, "town"), cooled);
  // In hand again, nothing is left to cool on.
  await slide(page, "round-kT", "1.5");
  assert.equal(await page.textContent("#round-best"), "");
  assert.equal(await page.locator("#round-cool").isDisabled(), true);
  await page.check("#show-exact");
  assert.match(await page.textContent("#round-now"), new RegExp(`${least.toLocaleString("en")} m`));
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, []);
  await close();
});

// A browser whose clock stands still between frames that come every 25 ms, each tenth after 100 ms.
test("says at what rate it shows what runs", { timeout: 2 * minutes }, async () => {
  const uneven = () => {
    let at = 0, count = 0;
    window.requestAnimationFrame = (draw) => setTimeout(() => draw((at += ++count % 10 === 0 ? 100 : 25)), 4);
  };
  const { page, close } = await open({ prepare: uneven });
  await page.click("#magnet-run");
  await page.waitForFunction(() => JSON.parse(document.documentElement.dataset.spinsFrames ?? "{}").frames >= 100, null, { timeout: minutes, polling: 200 }); // by its clock, not by frames
  assert.match(await page.textContent("#spins-frames"), /^Shown at 40 frames a second \(median; 95 of 100 frames take at most 100 ms\), with \d+ new pictures a second\.$/);
  const figures = JSON.parse(await data(page, "spinsFrames"));
  assert.equal(figures.median, 25);
  assert.equal(figures.most, 100);
  assert.equal(await page.textContent("#images-frames"), ""); // of what has not run nothing is said
  await close();
});

test("can be drawn on with pointer and keys", { timeout: minutes }, async () => {
  const { page, close } = await open();
  await page.click("#clear");
  const sheet = page.locator(".sheet").first();
  const total = async () => (await ink(page)).reduce((sum, shade) => sum + shade, 0);
  assert.equal(await total(), 0);
  const box = await sheet.boundingBox();
  await page.mouse.move(box.x + 30, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 90, { steps: 5 });
  await page.mouse.up();
  const drawn = await total();
  assert.ok(drawn > 2000, String(drawn));
  await sheet.focus();
  for (const key of [" ", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
  assert.ok((await total()) > drawn + 500);
  await close();
});

test("fits phone and desktop, light and dark", { timeout: 20 * minutes }, async () => {
  const folder = process.env.SWELL_SCREENSHOTS;
  if (folder) mkdirSync(folder, { recursive: true });
  for (const [size, viewport] of [["desktop", { width: 1200, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
    for (const colorScheme of folder ? ["light", "dark"] : ["light"]) {
      const { page, close } = await open({ viewport, colorScheme, deviceScaleFactor: 1 });
      if (folder) {
        await trained(page);
        await page.waitForFunction(() => document.documentElement.dataset.tried === "yes", null, { timeout: 4 * minutes });
        await page.click("#inverse-run");
        await page.waitForFunction(() => Number(document.documentElement.dataset.samples) >= 200, null, { timeout: 4 * minutes });
        await page.click("#magnet-run");
        await page.waitForFunction(() => Number(document.documentElement.dataset.sweeps) >= 100, null, { timeout: 4 * minutes });
        await page.click("#round-run");
        await page.waitForFunction(() => document.documentElement.dataset.round === "cold", null, { timeout: 4 * minutes });
        for (const screen of ["draw", "feel", "inverse", "magnet", "round"]) await page.locator(`#${screen}`).screenshot({ path: join(folder, `${screen}-${size}-${colorScheme}.png`) });
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= viewport.width, `${size}: ${wide} pixels wide`);
      await close();
    }
  }
});
