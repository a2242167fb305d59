// What strangers do to the page: files of other kinds, haste, and one screen begun while another runs.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { data, drop, ink, inked, minutes, open, slide, trained, trouble, with_browser } from "./browser.mjs";

with_browser();

// PNG of 8 bits a channel, RGBA; the shade of a pixel by its place.
function png(width, height, shade) {
  const table = Array.from({ length: 256 }, (_, n) => Array.from({ length: 8 }).reduce((c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n) >>> 0);
  const check = (bytes) => (bytes.reduce((c, byte) => table[(c ^ byte) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
  const chunk = (name, body) => {
    const told = Buffer.concat([Buffer.from(name), body]), framed = Buffer.alloc(8);
    framed.writeUInt32BE(body.length, 0);
    framed.writeUInt32BE(check(told), 4);
    return Buffer.concat([framed.subarray(0, 4), told, framed.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 6], 8);
  const rows = Buffer.alloc(height * (1 + 4 * width));
  for (let y = 0; y < height; ++y) for (let x = 0; x < width; ++x) rows.set(shade(x, y), y * (1 + 4 * width) + 1 + 4 * x);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}
const bar = (ink, ground) => (x, y) => (x >= 20 && x < 36 && y >= 8 && y < 48 ? ink : ground); // of 56 x 56 pixels
const black = [0, 0, 0, 255], white = [255, 255, 255, 255], nothing = [0, 0, 0, 0];
const png_file = (name, bytes) => ({ name, type: "image/png", bytes });

test("a picture's own ground becomes the sheet's: dark, light, or none", { timeout: 2 * minutes }, async () => {
  const { page, complaints, close } = await open();
  for (const [name, colours] of [["white on black", [white, black]], ["black on white", [black, white]], ["black on nothing", [black, nothing]], ["white on nothing", [white, nothing]]]) {
    await page.click("#clear");
    await drop(page, ".sheet", png_file("bar.png", png(56, 56, bar(...colours))));
    await inked(page, 0);
    const shades = await ink(page);
    const mean = shades.reduce((sum, shade) => sum + shade, 0) / shades.length / 255;
    assert.ok(Math.abs(mean - (16 * 40) / 56 ** 2) < 0.02, `${name}: ${mean}`);
    assert.equal(shades[0], 0, name);
  }
  // A wide one is as wide as the sheet, and above and below is ground.
  await page.click("#clear");
  await drop(page, ".sheet", png_file("wide.png", png(112, 28, (x) => (x < 40 || x >= 72 ? white : black))));
  await inked(page, 0);
  const shades = await ink(page);
  assert.ok(shades.filter((shade) => shade > 0).length < 80 && shades[14 * 28] === 0 && shades[14] === 0, shades.join(" "));
  assert.deepEqual(complaints, []);
  await close();
});

test("files that are no pictures or none to speak of get a sentence, and the sheet stays", { timeout: 3 * minutes }, async () => {
  const { page, complaints, close } = await open();
  const before = await ink(page);
  for (const [file, part] of [
    [{ name: "notes.txt", type: "text/plain", size: 100 }, "notes.txt is no picture"],
    [{ name: "text.png", type: "image/png", bytes: "this is a text" }, "text.png is no picture"],
    [{ name: "none.png", type: "image/png", size: 0 }, "none.png is no picture"],
    [png_file("cut.png", png(56, 56, bar(white, black)).subarray(0, 60)), "cut.png is no picture"],
    [png_file("dot.png", png(1, 1, () => white)), "dot.png is all of one shade"],
    [png_file("clear.png", png(9, 9, () => nothing)), "clear.png is all of one shade"],
    [{ name: "digits.idx", type: "", bytes: readFileSync(new URL("../../data/digits-images.idx", import.meta.url)) }, "digits.idx is no picture"],
    [{ name: "huge.png", type: "image/png", size: 21e6 }, "huge.png has 21 MB"],
  ]) {
    await drop(page, ".sheet", file);
    await trouble(page, part);
    assert.deepEqual(await ink(page), before, part);
  }
  // Beside the sheets.
  await drop(page, "h1", png_file("bar.png", png(56, 56, bar(white, black))));
  await trouble(page, "Drop bar.png on one of the three sheets");
  await drop(page, "body");
  await trouble(page, "What was dropped is no file");
  assert.deepEqual(complaints, []);
  await close();
});

test("20 megapixels fit on a sheet, several pictures on several sheets, the last one that is dropped counts", { timeout: 3 * minutes }, async () => {
  const { page, complaints, close } = await open();
  await page.click("#clear");
  const large = png(5000, 4000, (x, y) => (Math.abs(x - 2500) < 600 && Math.abs(y - 2000) < 1500 ? white : black));
  await drop(page, ".sheet", png_file("large.png", large), png_file("bar.png", png(56, 56, bar(white, black))));
  await inked(page, 0, 1);
  assert.ok((await ink(page, 2)).every((shade) => shade === 0));
  await page.click("#clear");
  await drop(page, ".sheet", png_file("large.png", large));
  await drop(page, ".sheet", png_file("wide.png", png(56, 28, (x, y) => (y < 14 ? white : black))));
  await page.waitForTimeout(3000);
  const shades = await ink(page);
  assert.ok(shades[8 * 28] > 250 || shades[19 * 28] > 250, "the second");
  // From a folder, without a mouse to drag with.
  await page.click("#clear");
  await page.setInputFiles("#pictures", ["a.png", "b.png"].map((name) => ({ name, mimeType: "image/png", buffer: png(56, 56, bar(white, black)) })));
  await inked(page, 0, 1);
  await page.click("#train");
  await trouble(page, "Sheet 3 is empty");
  assert.deepEqual(complaints, []);
  await close();
});

test("machine files that are broken or cut short get a sentence, wherever they are dropped, and a good one works after", { timeout: 4 * minutes }, async () => {
  const { page, complaints, close } = await open();
  const whole = readFileSync(new URL("../../machines/mnist.safetensors", import.meta.url));
  const machine = (bytes) => ({ name: "m.safetensors", type: "", bytes });
  await page.click("#train"); // a machine to keep
  await page.waitForFunction(() => !document.querySelector("#save").disabled, null, { timeout: minutes });
  for (const [place, bytes, part] of [[".sheet", "this is no machine", "not a safetensors file"], ["h1", whole.subarray(0, 200_000), "data_offsets"], ["footer", whole.subarray(0, 5), "not a safetensors file"]]) {
    await drop(page, place, machine(bytes));
    await trouble(page, part);
  }
  // The same wrong file twice by the button.
  for (let k = 0; k < 2; ++k) {
    await page.setInputFiles("#open", { name: "wrong.safetensors", mimeType: "", buffer: Buffer.from("wrong") });
    await trouble(page, "not a safetensors file");
    await page.evaluate(() => (document.querySelector("#trouble").textContent = ""));
  }
  await page.click("#again"); // the machine of before
  await page.waitForFunction(() => Number(document.querySelector("#scrub").max) > 2, null, { timeout: minutes });
  assert.match(await page.textContent("#images-title"), /^25 images/);
  assert.equal(await page.locator("#trouble").isVisible(), false);
  assert.deepEqual(complaints, []);
  await close();
});

test("one screen ends what runs on another, and says so", { timeout: 5 * minutes }, async () => {
  const { page, complaints, close } = await open();
  const counted = (name, least) => page.waitForFunction(([name, least]) => Number(document.documentElement.dataset[name]) >= least, [name, least], { timeout: minutes });
  await page.click("#magnet-run");
  await counted("sweeps", 6);
  await page.click("#inverse-run");
  await counted("samples", 20);
  assert.equal(await page.textContent("#magnet-run"), "Start");
  const sweeps = await data(page, "sweeps");
  await page.click("#round-run");
  await page.waitForFunction(() => document.documentElement.dataset.roundSteps, null, { timeout: minutes });
  assert.equal(await page.textContent("#inverse-run"), "Start");
  await page.click("#round-pause");
  await page.click("#train");
  await page.waitForFunction(() => Number(document.querySelector("#scrub").max) > 2, null, { timeout: minutes });
  assert.equal(await data(page, "round"), "ended");
  for (const id of ["round-pause", "round-cool", "round-kT"]) assert.equal(await page.locator(`#${id}`).isDisabled(), true, id);
  assert.equal(await page.getAttribute("#round-pause", "aria-pressed"), "false");
  assert.equal(await page.locator("#pause").isDisabled(), false);
  // Moving what does not run begins nothing.
  for (const [id, value] of [["heat", "3"], ["a12", "0.2"], ["cooling", "0.5"]]) await slide(page, id, value);
  const emerged = Number(await page.getAttribute("#scrub", "max"));
  await page.waitForFunction((emerged) => Number(document.querySelector("#scrub").max) > emerged, emerged, { timeout: minutes });
  await page.click("#magnet-run");
  await page.waitForFunction((sweeps) => document.documentElement.dataset.sweeps !== sweeps, sweeps, { timeout: minutes });
  assert.match(await page.textContent("#outcome"), /^Stopped/);
  assert.equal(await page.locator("#pause").isDisabled(), true);
  const still = await page.getAttribute("#scrub", "max");
  await page.waitForTimeout(500);
  assert.equal(await page.getAttribute("#scrub", "max"), still);
  // The stop button of the one that runs stops it.
  await page.click("#magnet-run");
  await page.waitForTimeout(300);
  const last = await data(page, "sweeps");
  await page.waitForTimeout(500);
  assert.equal(await data(page, "sweeps"), last);
  assert.deepEqual(complaints, []);
  await close();
});

test("haste: many clicks leave one run, and its film is of that run alone", { timeout: 5 * minutes }, async () => {
  const { page, complaints, close } = await open();
  await page.evaluate(() => {
    for (let k = 0; k < 5; ++k) document.querySelector("#train").click();
  });
  await page.waitForFunction(() => Number(document.querySelector("#scrub").max) > 2, null, { timeout: minutes });
  await page.evaluate(() => {
    for (let k = 0; k < 30; ++k) for (const id of ["again", "pause", "magnet-run", "replay", "round-run", "inverse-run", "again"]) document.querySelector(`#${id}`).click();
  });
  await page.waitForFunction(() => document.documentElement.dataset.images, null, { timeout: 3 * minutes });
  assert.equal(await data(page, "images"), "1");
  assert.ok(Number(await data(page, "cosine")) >= 0.84, await data(page, "cosine"));
  // 100 pictures of one run, the last one at its end.
  const frames = Number(await page.getAttribute("#scrub", "max")) + 1;
  assert.ok(frames >= 98 && frames <= 102, String(frames));
  assert.equal(await page.textContent("#magnet-run"), "Start");
  assert.deepEqual(complaints, []);
  await close();
});

test("begun elsewhere while it trains, the machine is made and does not push in", { timeout: 2 * minutes }, async () => {
  const { page, complaints, close } = await open();
  await page.evaluate(() => {
    document.querySelector("#train").click();
    document.querySelector("#magnet-run").click();
  });
  await page.waitForFunction(() => Number(document.documentElement.dataset.sweeps) >= 20, null, { timeout: minutes });
  assert.equal(await page.textContent("#magnet-run"), "Stop");
  assert.match(await page.textContent("#trained"), /ready after/);
  assert.equal(await page.locator("#again").isDisabled(), false);
  assert.deepEqual(complaints, []);
  await close();
});

test("what is looked at stays while more images come", { timeout: 3 * minutes }, async () => {
  const { page, close } = await open();
  await page.click("#train");
  await page.waitForFunction(() => Number(document.querySelector("#scrub").max) > 4, null, { timeout: 2 * minutes });
  await page.locator("#scrub").evaluate((scrub) => {
    scrub.value = "1";
    scrub.dispatchEvent(new Event("input"));
  });
  const looked = await page.textContent("#clock"), most = Number(await page.getAttribute("#scrub", "max"));
  await page.waitForFunction((most) => Number(document.querySelector("#scrub").max) > most + 1, most, { timeout: minutes });
  assert.equal(await page.textContent("#clock"), looked);
  await close();
});

test("sheets that are alike or full train, or get a sentence", { timeout: 4 * minutes }, async () => {
  const { page, complaints, close } = await open();
  const full = png_file("full.png", png(56, 56, (x, y) => (x === 0 && y === 0 ? black : white)));
  await drop(page, ".sheet", full, full, full);
  await page.waitForTimeout(500);
  await trained(page);
  assert.match(await page.textContent("#outcome"), /cosine\): \d/);
  assert.deepEqual(complaints, []);
  await close();
});
