/** Places the boxes of a network, away from the page and from the search. */
import { expose } from "comlink";
import { layOut, type LayoutWorker } from "../src/core/network/layout";

expose({ layOut } satisfies LayoutWorker);
