/** The built page behind a server that keeps a record of what was asked for. */
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { preview } from "vite";

const FOLDER = "dist";

export interface Request {
  /** Path below the page's folder. */
  readonly path: string;
  /** Whether the page or one of its workers asked. */
  readonly by: "page" | "worker";
}

export interface ServedPage {
  readonly address: string;
  /** All requests so far, in order; may be emptied. */
  readonly requests: Request[];
  readonly close: () => Promise<void>;
}

/** Serves `dist/`, which must be built. */
export async function servePage(): Promise<ServedPage> {
  const requests: Request[] = [];
  const ofWorkers = new Set<string>();
  const record = ({ url = "/", headers }: IncomingMessage): void => {
    const path = new URL(url, "http://host").pathname.slice(1);
    const referer = headers.referer === undefined ? "" : new URL(headers.referer).pathname.slice(1);
    // A worker's modules name the module that imports them.
    const worker = headers["sec-fetch-dest"] === "worker" || ofWorkers.has(referer);
    if (worker) ofWorkers.add(path);
    requests.push({ path, by: worker ? "worker" : "page" });
  };
  const server = await preview({
    configFile: "vite.config.ts",
    preview: { port: 4191 },
    logLevel: "error",
    plugins: [
      {
        name: "record-requests",
        configurePreviewServer: ({ middlewares }) => {
          middlewares.use((request, _response, next) => {
            record(request);
            next();
          });
        },
      },
    ],
  });
  return { address: server.resolvedUrls?.local[0] ?? "", requests, close: () => server.close() };
}

/** Size of a file of the page as a server would send it compressed. */
export const gzipBytes = (path: string): number => gzipSync(readFileSync(join(FOLDER, path))).byteLength;
