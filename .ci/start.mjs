/** `npm start`: installs what is missing, builds, serves the page and prints its URL. PORT chooses the port. */
import { buildPage, installPackages, root } from "./prepare.mjs";

installPackages();
buildPage();

const { preview } = await import("vite");
const port = Number(process.env.PORT ?? 4173);
const server = await preview({ root, logLevel: "error", preview: { port } });
console.log(`Bitloom runs at ${server.resolvedUrls?.local[0]} (Ctrl+C ends it)`);
