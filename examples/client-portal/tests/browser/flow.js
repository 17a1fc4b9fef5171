// The set-up flow in Chromium, as an administrator goes through it: node flow.js PROGRAM [DIRECTORY FOR SCREENSHOTS].
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [program, screenshots] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), "client-portal-browser-"));

/** Starts the portal and returns its address. */
async function start() {
  const portal = spawn(program, {
    env: { ...process.env, SCIM_LISTEN: "127.0.0.1:0", SCIM_STORE: join(directory, "portal.db") },
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const line of createInterface({ input: portal.stdout })) {
    return { portal, address: line.split(" ")[0] };
  }
  throw new Error(`${program} ended`);
}

/** Asks as the provider. */
async function scim(key, method, url, body) {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/scim+json" };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

const user = (name, given, family, title) => ({
  schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
  userName: `${name}@acme.example`,
  name: { givenName: given, familyName: family },
  emails: [{ primary: true, type: "work", value: `${name}@acme.example` }],
  title,
  active: true,
  nickName: given,
});

const patch = (...operations) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations: operations,
});

/** Whether the page is wider than the window, which nobody wants to scroll. */
const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);

/** Every control has a name, and every id is there once. */
async function checkNames(page) {
  const faults = await page.evaluate(() => {
    const nameless = [...document.querySelectorAll("button, summary, a")].filter((e) => !e.textContent.trim());
    const unlabelled = [...document.querySelectorAll("input:not([type=hidden])")].filter((e) => !e.labels.length);
    const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
    const repeated = ids.filter((id, place) => ids.indexOf(id) !== place);
    const levels = [...document.querySelectorAll("h1, h2, h3")].map((e) => Number(e.tagName[1]));
    const skipped = levels.filter((level, place) => level > (levels[place - 1] ?? 0) + 1);
    return [...nameless, ...unlabelled].map((e) => e.outerHTML).concat(repeated, skipped);
  });
  assert.deepEqual(faults, []);
}

/** Every text has a contrast of at least 4.5 against what is behind it (WCAG 2.1, 1.4.3). */
async function checkContrast(page) {
  const faults = await page.evaluate(() => {
    const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = ([r, g, b]) => {
      const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const ground = (element) => {
      for (let e = element; e; e = e.parentElement) {
        const colour = parse(getComputedStyle(e).backgroundColor);
        if (colour[3] !== 0) return colour;
      }
      return [255, 255, 255];
    };
    const hasText = (e) => [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    return [...document.querySelectorAll("body *")].filter(hasText).flatMap((e) => {
      const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(ground(e))].sort((x, y) => y - x);
      const contrast = (a + 0.05) / (b + 0.05);
      return contrast < 4.5 ? [`${e.className || e.tagName}: ${contrast.toFixed(2)}`] : [];
    });
  });
  assert.deepEqual(faults, []);
}

async function run(address, browser) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, reducedMotion: "reduce" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: address });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));

  /** Looks at the page as it is, wide and narrow, light and dark. */
  const look = async (name) => {
    await checkNames(page);
    for (const [size, width] of [["wide", 1200], ["narrow", 390]]) {
      await page.setViewportSize({ width, height: 900 });
      assert.equal(await overflows(page), false, `${name} is too wide for ${width} pixels`);
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        await checkContrast(page);
        const path = screenshots && join(screenshots, `${name}-${size}-${colorScheme}.png`);
        if (path) await page.screenshot({ path, fullPage: true });
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize({ width: 1200, height: 900 });
  };
  const section = (name) => page.getByRole("region", { name, exact: true }).first();
  const text = (name) => section(name).innerText();

  await page.goto(address);
  await look("clients");
  await page.getByRole("link", { name: "SCIM Settings of acme" }).click();
  await page.getByRole("heading", { level: 1, name: "SCIM Settings" }).waitFor();
  await look("setup");

  await page.getByRole("radio", { name: "Microsoft Entra ID" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  const key = await page.locator("#api-key").innerText();
  assert.match(key, /^scim_\w{16}_\w+$/);
  assert.equal(await page.evaluate(() => document.activeElement.innerText.includes("Your API key")), true, "focus");
  const uri = await page.locator("#scim-uri").innerText();
  assert.equal(uri, `${address}/scim/v2?aadOptscim062020`);
  for (const [name, copied] of [["Copy API key", key], ["Copy SCIM URI", uri]]) {
    await page.getByRole("button", { name }).click();
    await page.getByRole("status").filter({ hasText: "Copied" }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), copied);
  }
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await page.getByRole("button", { name: "Copy API key" }).click();
  assert.equal(await page.evaluate(() => String(getSelection())), key, "without a clipboard the key is selected");
  assert.match(await text("Attribute mapping"), /userPrincipalName\s+userName/);
  await look("key");

  await page.reload();
  assert.equal(await page.locator("#api-key").count(), 0, "a reload shows no key");
  assert.equal((await page.content()).includes(key), false, "a reload shows no key");
  const base = `${address}/scim/v2`;
  const ann = await scim(key, "POST", `${base}/Users`, user("ann.other", "Ann", "Other", "Principal Engineer"));
  const bob = await scim(key, "POST", `${base}/Users`, user("bob.builder", "Bob", "Builder", "Architect"));
  const cas = await scim(key, "POST", `${base}/Users`, user("cas.former", "Cas", "Former", "Consultant"));
  assert.deepEqual([ann.status, bob.status, cas.status], [201, 201, 201], "a reload changes no key");
  await scim(key, "POST", `${base}/Users`, user("ann.other", "Ann", "Again", ""));
  await scim(key, "PATCH", `${base}/Users/${bob.body.id}`, patch({ op: "Replace", path: "active", value: "False" }));
  await scim(key, "DELETE", `${base}/Users/${cas.body.id}`);
  for (const displayName of ["Editors", "Contractors"]) {
    const schemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
    const members = displayName === "Editors" ? [{ value: ann.body.id }, { value: bob.body.id }] : [];
    assert.equal((await scim(key, "POST", `${base}/Groups`, { schemas, displayName, members })).status, 201);
  }

  await page.reload();
  const users = await text("Users");
  assert.match(users, /ann\.other@acme\.example\s+Ann Other.*Active/);
  assert.match(users, /bob\.builder@acme\.example.*Deactivated/);
  assert.match(users, /cas\.former@acme\.example.*Deactivated/);
  assert.match(await text("Roles"), /Editors\s+Members: ann\.other@acme\.example, bob\.builder@acme\.example/);
  const log = await text("Provisioning log");
  assert.match(log, /POST \/Users[\s\S]*409 uniqueness/);
  assert.doesNotMatch(log, /ann\.other|Principal/);
  const permission = page.getByRole("group", { name: "Permissions of Editors" }).getByLabel("Edit projects");
  await permission.check();
  await page.getByRole("button", { name: "Save permissions of Editors" }).click();
  await page.waitForURL(/#roles$/);
  assert.equal(await permission.isChecked(), true, "the permissions are kept");
  await look("provisioned");

  await page.getByText("Rotate API Key").click();
  await page.getByRole("button", { name: "Make a new key and end the old one" }).click();
  const rotated = await page.locator("#api-key").innerText();
  assert.notEqual(rotated, key);
  assert.equal((await scim(key, "GET", `${base}/Users`)).status, 401, "the old key has ended");
  assert.equal((await scim(rotated, "GET", `${base}/Users`)).status, 200, "the new key is good");
  await page.reload();
  assert.equal((await page.content()).includes(rotated), false, "a reload shows no key");
  assert.equal(await page.locator("#api-key").count(), 0, "a reload makes no further key");
  assert.equal((await scim(rotated, "GET", `${base}/Users`)).status, 200, "a reload rotates nothing");

  await page.getByRole("button", { name: "Pause" }).click();
  await section("Microsoft Entra ID").getByText("Paused").waitFor();
  assert.equal((await scim(rotated, "GET", `${base}/Users`)).status, 403, "paused");
  await look("paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  assert.equal((await scim(rotated, "GET", `${base}/Users`)).status, 200, "resumed");

  await page.getByText("Reset configuration").click();
  await page.getByText("Delete configuration").click();
  await look("end");
  await page.getByRole("radio", { name: /^Deactivate them/ }).check();
  await page.getByRole("button", { name: "Delete the configuration" }).click();
  await page.getByRole("heading", { name: "Connect your identity provider" }).waitFor();
  assert.equal((await scim(rotated, "GET", `${base}/Users`)).status, 401, "deleted");
  assert.doesNotMatch(await text("Users"), /Active/);
  await look("deleted");
  assert.deepEqual(faults, [], "nothing in the console");
  await context.close();
}

/** The same without JavaScript and by the keyboard alone. */
async function runByKeyboard(address, browser) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${address}/clients/globex/scim`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("#api-key").waitFor();
  assert.equal(await page.locator("[data-copy]:visible").count(), 0, "no button that does nothing");
  await context.close();
}

const { portal, address } = await start();
const flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-component-update", "--disable-sync", ...flags],
});
try {
  await run(address, browser);
  await runByKeyboard(address, browser);
  console.log("The set-up flow works in Chromium");
} finally {
  await browser.close();
  portal.kill();
  rmSync(directory, { recursive: true, force: true });
}
