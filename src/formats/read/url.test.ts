import { createServer, type RequestListener } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FormatError, StoppedError } from "../../core/dataset";
import { fetchDataFiles, fetchNamedBytes } from "./url";

const CONTENT = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251);

let base = "";
const answers: RequestListener = (request, response) => {
  const listing = {
    default: { train: [`${base}/t0`, `${base}/t1`], test: [`${base}/e0`] },
    other: { train: [`${base}/missing`] },
  };
  switch (request.url ?? "") {
    case "/files/set%20one.npz?download=1":
    case "/t0":
    case "/t1":
    case "/e0":
    case "/datasets/one/resolve/main/a.csv":
      return void response.writeHead(200, { "content-length": CONTENT.length }).end(CONTENT);
    case "/chunked":
      response.write(CONTENT);
      return void response.end(CONTENT);
    case "/page":
      return void response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end("<p>");
    case "/broken":
      response.writeHead(200, { "content-length": 99_999 }).write(CONTENT);
      return void setTimeout(() => response.destroy(), 20);
    case "/stalled":
      return void response.writeHead(200, { "content-length": 99_999 }).write(CONTENT);
    case "/gated":
      return void response.writeHead(401).end();
    case "/api/datasets/org/set/parquet":
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(listing));
    case "/api/datasets/empty/parquet":
      return void response.end("{}");
    default:
      return void response.writeHead(404).end();
  }
};
const server = createServer(answers);

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const limits = (bytes = 1e6) => ({ bytes, signal: new AbortController().signal });
const quiet = (): void => undefined;

describe("an address", () => {
  test("gives the file with its name, and how far it is", async () => {
    const heard: number[] = [];
    const file = await fetchNamedBytes(`${base}/files/set%20one.npz?download=1`, limits(), ({ done, total }) => {
      expect(total).toBe(CONTENT.length);
      heard.push(done);
    });
    expect([file.name, file.path, file.size]).toEqual(["set one.npz", "files/set one.npz", CONTENT.length]);
    expect(await file.slice(0, file.size)).toEqual(CONTENT);
    expect(heard.at(-1)).toBe(CONTENT.length);
  });

  test.each([
    ["a word", "glyphs", /"glyphs" is no address of a file: it must begin with https/],
    ["another protocol", "ftp://example.org/a", /must begin with https/],
    ["a missing file", "/nothing", /the server answers 404 Not Found. Check the address/],
    ["a closed door", "/gated", /answers 401 .*permission/],
    ["a web page", "/page", /answers with a web page/],
    ["a transfer that breaks", "/broken", /could not be fetched: there is no connection.*CORS/],
    ["a port where nobody is", "http://127.0.0.1:1/a", /could not be fetched: .*Download the file and drop it here/],
    ["a file that says it is too large", "/t0", /more than the 49999 bytes/],
    ["a file that is too large and does not say", "/chunked", /more than the 49999 bytes/],
  ])("of %s is told", async (_name, url, message) => {
    const refusal = fetchNamedBytes(url.startsWith("/") ? base + url : url, limits(/t0|chunked/.test(url) ? 49_999 : 1e6), quiet);
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow(message);
  });

  test("that does not answer any more is left when a person stops it", async () => {
    const stop = new AbortController();
    await expect(
      fetchNamedBytes(`${base}/stalled`, { bytes: 1e6, signal: stop.signal }, () => setTimeout(() => stop.abort())),
    ).rejects.toThrow(StoppedError);
  });
});

describe("a page of Hugging Face", () => {
  test("stands for the Parquet files of its first configuration, called by their part", async () => {
    for (const end of ["", "/", "/viewer/default/train", "/tree/main"]) {
      const files = await fetchDataFiles(`${base}/datasets/org/set${end}`, limits(), quiet, base);
      expect(files.map(({ path }) => path)).toEqual(["set-train-0.parquet", "set-train-1.parquet", "set-test-0.parquet"]);
      expect(files.map(({ size }) => size)).toEqual([50_000, 50_000, 50_000]);
    }
  });

  test("of one file gives the file", async () => {
    const [file] = await fetchDataFiles(`${base}/datasets/one/blob/main/a.csv`, limits(), quiet, base);
    expect(file?.name).toBe("a.csv");
  });

  test("without files, or with too many bytes, is told", async () => {
    await expect(fetchDataFiles(`${base}/datasets/empty`, limits(), quiet, base)).rejects.toThrow(/"empty" has no Parquet files/);
    await expect(fetchDataFiles(`${base}/datasets/org/set`, limits(120_000), quiet, base)).rejects.toThrow(
      /more than the 20000 bytes/,
    );
  });
});
