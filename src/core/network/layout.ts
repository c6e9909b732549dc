/** Where the boxes of a network stand, in one line from left to right, by dagre; weights stand above their layers. */
import { Graph as Dagre, layout, type EdgeLabel, type GraphLabel, type NodeLabel } from "@dagrejs/dagre";
import type { Box, Line, NetworkView, OperationBox, QuantizerBox } from "./boxes";
import { QUANTIZER, sizeOf, WEIGHT, type Size } from "./sizes";

export interface PlacedBox extends Size {
  readonly box: Box;
  /** Of the upper left corner. */
  readonly x: number;
  readonly y: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedLine extends Line {
  /** Points that it passes on its way around other boxes, from left to right. */
  readonly bends: readonly Point[];
}

/** In pixels, from 0 on. */
export interface NetworkLayout extends Size {
  readonly boxes: readonly PlacedBox[];
  readonly lines: readonly PlacedLine[];
}

/** The worker that lays out, as the page sees it. */
export interface LayoutWorker {
  readonly layOut: (view: NetworkView) => NetworkLayout;
}

/** Pixels between boxes that follow one another, and between those above one another. */
const [RANK_GAP, ROW_GAP] = [28, 22];
/** Between a weight and its quantizer, between those and their layer, and between the gates of an LSTM. */
const [PAIR_GAP, WEIGHT_GAP, GATE_GAP] = [10, 8, 14];
/** With more boxes the network simplex takes minutes; the simple ranking makes some lines longer. */
const SIMPLEX_LIMIT = 1500;

/** Lays out a view. A second's work for some hundred boxes: meant for a worker. */
export function layOut(view: NetworkView): NetworkLayout {
  const blocks = blocksOf(view);
  // A box with weights hangs below the middle of its block: everything else moves down with it, so that lines stay level.
  const sink = Math.max(...blocks.map(({ above }) => above)) / 2;
  const dagre = placed(view, blocks);
  const boxes = blocks.flatMap((block) => {
    const { x = 0, y = 0 } = dagre.node(block.main.id);
    return boxesOf(block, { x, y: y + sink });
  });
  const lines = view.lines.map((line): PlacedLine => {
    const points = dagre.edge(line.from, line.to, line.id)?.points ?? [];
    return { ...line, bends: points.slice(1, -1).map(({ x, y }) => ({ x, y: y + sink })) };
  });
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  return { width: right, height: bottom, boxes, lines };
}

/** What dagre places as one: an operation with its weights above it, or a quantizer on a line. */
interface Block {
  readonly main: OperationBox | QuantizerBox;
  readonly weights: readonly Box[];
  /** Height of the weights with the gap below them; 0 where there are none. */
  readonly above: number;
  readonly size: Size;
}

function blocksOf({ boxes }: NetworkView): readonly Block[] {
  const beside = new Map<string, Box[]>();
  const mains: (OperationBox | QuantizerBox)[] = [];
  for (const box of boxes) {
    if (box.kind === "operation" || (box.kind === "quantizer" && box.beside === null)) mains.push(box);
    else if (box.beside !== null) beside.set(box.beside, [...(beside.get(box.beside) ?? []), box]);
  }
  const drawsWeights = beside.size > 0;
  return mains.map((main) => {
    const weights = beside.get(main.id) ?? [];
    const above = weights.length > 0 ? WEIGHT.height + WEIGHT_GAP : 0;
    const size = sizeOf(main, !drawsWeights);
    return { main, weights, above, size: { width: Math.max(size.width, rowWidth(weights)), height: size.height } };
  });
}

/** Gaps before and widths of boxes in a row: each quantizer follows its weight. */
const gapBefore = (box: Box, i: number): number => (i === 0 ? 0 : box.kind === "quantizer" ? PAIR_GAP : GATE_GAP);
const widthOf = (box: Box): number => (box.kind === "quantizer" ? QUANTIZER : WEIGHT).width;
const rowWidth = (row: readonly Box[]): number => row.reduce((sum, box, i) => sum + gapBefore(box, i) + widthOf(box), 0);

function placed({ lines }: NetworkView, blocks: readonly Block[]): Dagre<GraphLabel, NodeLabel, EdgeLabel> {
  const dagre = new Dagre<GraphLabel, NodeLabel, EdgeLabel>({ multigraph: true });
  dagre.setGraph({
    rankdir: "LR",
    ranksep: RANK_GAP,
    nodesep: ROW_GAP,
    edgesep: 12,
    ranker: blocks.length > SIMPLEX_LIMIT ? "longest-path" : "network-simplex",
  });
  for (const { main, size, above } of blocks) dagre.setNode(main.id, { width: size.width, height: size.height + above });
  for (const { id, from, to } of lines) {
    if (dagre.hasNode(from) && dagre.hasNode(to)) dagre.setEdge(from, to, {}, id);
  }
  layout(dagre);
  return dagre;
}

/** The boxes of a block around the middle of its main one. */
function boxesOf({ main, weights, size, above }: Block, { x, y }: Point): PlacedBox[] {
  const [left, top] = [x - size.width / 2, y - size.height / 2];
  let at = x - rowWidth(weights) / 2;
  const row = weights.map((box, i): PlacedBox => {
    at += gapBefore(box, i) + widthOf(box);
    return { box, ...(box.kind === "quantizer" ? QUANTIZER : WEIGHT), x: at - widthOf(box), y: top - above };
  });
  return [...row, { box: main, ...size, x: left, y: top }];
}
