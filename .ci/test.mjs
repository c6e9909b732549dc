/**
 * `npm test`: installs what is missing, then runs all tests: unit tests in Node and in Chromium, golden numbers, user journeys
 * against the built page. `npm test -- unit` or `-- e2e` runs a part. The last line counts all tests.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildKernels, buildPage, buildProgram, installPackages, root, run } from "./prepare.mjs";

installPackages();
const { findBrowser } = await import("./browser.mjs");

const parts = process.argv.slice(2);
const wanted = (part) => parts.length === 0 || parts.includes(part);
const results = mkdtempSync(join(tmpdir(), "bitloom-test-"));
const totals = { passed: 0, failed: 0 };

function ensureBrowser() {
  if (findBrowser()) return;
  console.log("Installing Chromium ...");
  const viaApt = process.getuid?.() === 0 && spawnSync("apt-get", ["--version"]).status === 0;
  if (viaApt) {
    run("apt-get", ["update", "-qq"]);
    run("apt-get", ["install", "-y", "-qq", "chromium"], { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  } else run(process.execPath, ["node_modules/playwright/cli.js", "install", "chromium"]);
}

/** Runs one part; a part that ends badly without a failed test counts as one failure. */
function part(title, args, count, env = {}) {
  console.log(`\n== ${title}`);
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  let counted = { passed: 0, failed: 0 };
  try {
    counted = count();
  } catch (error) {
    console.error(`No results of this part: ${error.message}`);
  }
  totals.passed += counted.passed;
  totals.failed += counted.failed > 0 || status === 0 ? counted.failed : 1;
}

const readJson = (name) => JSON.parse(readFileSync(join(results, name), "utf8"));

ensureBrowser();
buildKernels();

if (wanted("unit")) {
  const file = join(results, "unit.json");
  part(
    "unit tests (Node and Chromium)",
    ["node_modules/vitest/vitest.mjs", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
    () => {
      const { numPassedTests, numFailedTests } = readJson("unit.json");
      return { passed: numPassedTests, failed: numFailedTests };
    },
  );
}

if (wanted("golden")) {
  const program = buildProgram("bitloom");
  console.log("\n== golden numbers");
  const { status, stdout } = spawnSync(process.execPath, [program, "verify", "--json"], { cwd: root, maxBuffer: 2 ** 28 });
  const { passed = 0, failed = 1 } = status === null ? {} : JSON.parse(String(stdout) || "{}");
  console.log(`${passed} cases passed, ${failed} failed`);
  totals.passed += passed;
  totals.failed += failed;
}

if (wanted("e2e")) {
  buildPage();
  part(
    "user journeys (built page in Chromium)",
    ["node_modules/playwright/cli.js", "test", "--reporter=list,json"],
    () => {
      const { stats } = readJson("e2e.json");
      return { passed: stats.expected, failed: stats.unexpected + stats.flaky };
    },
    { PLAYWRIGHT_JSON_OUTPUT_NAME: join(results, "e2e.json") },
  );
}

rmSync(results, { recursive: true, force: true });
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0);
