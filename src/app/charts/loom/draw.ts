/** Draws the loom, on the screen and for export. */
import type { SchemeInfo } from "../../../core/catalog";
import { meanBits, ROLES, type Role } from "../../../core/search";
import { bits as bitsText, compact, decidedBits, percent } from "../../format";
import { hatch, rgbText, type Area, type Painter } from "../frame/painter";
import { knobMoves } from "../knob-moves";
import { parseHex } from "../oklab";
import { bitRgb, bitTable, leadRgb, packed, schemeRgb, textOn, type Palette } from "../theme";
import { linearTicks, spacedLabels } from "../ticks";
import { stageBands, type Extent } from "../time-axis";
import { shortened, type LoomLayout } from "./layout";
import { favourites, loomColumns, type LoomModel, type LoomRow } from "./model";

/** More columns than this cannot be told apart and cost time. */
const MAX_COLUMNS = 300;
/** Half rows of this height have room for "w" and "a" beside them. */
const LETTER_HALF = 11;
const KNOB_GAP = 70;
/** A dragged slider moves at every snapshot: its lines stay lines. */
const LINE_GAP = 8;
const TICK_GAP = 64;
/** Pixels of the column that shows the policy: a letter and a width with a decimal fit. */
const DECIDED_WIDTH = 34;

/** `schemes` are those that have colours, in their order. */
export function drawLoom(
  painter: Painter,
  model: LoomModel,
  layout: LoomLayout,
  palette: Palette,
  schemes: readonly SchemeInfo[],
): void {
  drawHeadings(painter, layout, palette, model);
  if (model.extent) {
    drawCells(painter, model, model.extent, layout, palette, schemes);
    drawTime(painter, model, model.extent, layout, palette);
  } else painter.rect(rectOf(layout), palette.surface2);
  drawGaps(painter, layout, palette, model.rows.length);
  const largest = Math.max(0, ...model.rows.map(({ share }) => share ?? 0));
  const isOfSchemes = model.competing !== null;
  model.rows.forEach((row, i) => drawRow(painter, row, i, { largest, isOfSchemes }, layout, palette, schemes));
}

const rectOf = ({ plot: { left, top, width, height } }: LoomLayout) => ({ x: left, y: top, width, height });

function drawHeadings(painter: Painter, layout: LoomLayout, palette: Palette, { rows, isMoving }: LoomModel): void {
  const y = layout.plot.top - 9;
  const style = { fill: palette.text2 } as const;
  painter.text(layout.weightX + 28, y, "w", { ...style, align: "right" });
  painter.text(layout.activationX + 28, y, "a", { ...style, align: "right" });
  if (layout.barWidth > 0) painter.text(layout.barX, y, "of BitOps", style);
  if (rows.some(({ column }) => column)) {
    painter.text(layout.decidedX + DECIDED_WIDTH / 2, y, isMoving ? "now" : "policy", { ...style, align: "center" });
  }
}

function drawCells(
  painter: Painter,
  { points, rows, competing }: LoomModel,
  extent: Extent,
  layout: LoomLayout,
  palette: Palette,
  schemes: readonly SchemeInfo[],
): void {
  const area = rectOf(layout);
  painter.rect(area, palette.surface2);
  const columns = Math.max(1, Math.min(MAX_COLUMNS, Math.floor(area.width)));
  const states = loomColumns(points, extent, columns);
  if (states.length === 0) return;
  const drawn = { ...area, width: (area.width * states.length) / columns };
  if (competing) {
    const columnsOf = states.map(({ probabilities }) => favourites(competing, probabilities));
    const colour = (column: number, row: number): number => {
      const favourite = columnsOf[column]?.[row];
      return favourite
        ? packed(leadRgb(palette, placeOf(schemes, favourite.scheme), favourite.lead))
        : packed(parseHex(palette.surface2));
    };
    painter.cells({ columns: states.length, rows: 2 * rows.length, colour }, drawn);
    return;
  }
  const values = states.map(({ bits }) => bits);
  const colour = bitTable(palette);
  painter.cells(
    { columns: values.length, rows: 2 * rows.length, colour: (column, row) => colour(values[column]?.[row] ?? 0) },
    drawn,
  );
  hatchPruned(painter, values, { ...area, width: area.width / columns, height: area.height / (2 * rows.length) }, palette);
}

/** Half rows of 0 bits are hatched; `cell` is the first of the cells. */
function hatchPruned(painter: Painter, values: readonly Float32Array[], cell: Area, palette: Palette): void {
  const rows = values[0]?.length ?? 0;
  for (let row = 0; row < rows; row++) {
    for (let from = 0; from < values.length; from++) {
      let to = from;
      while (to < values.length && values[to]?.[row] === 0) to++;
      if (to === from) continue;
      const area = { x: cell.x + from * cell.width, y: cell.y + row * cell.height, height: cell.height };
      hatch(painter, { ...area, width: (to - from) * cell.width }, palette.text2);
      from = to;
    }
  }
}

/** Lines of the background between rows, thinner ones between the halves of a row. */
function drawGaps(painter: Painter, { plot, rowHeight, gap }: LoomLayout, palette: Palette, rows: number): void {
  if (gap === 0) return;
  for (let row = 0; row < rows; row++) {
    const y = plot.top + row * rowHeight;
    painter.rect({ x: plot.left, y: y + rowHeight - gap, width: plot.width, height: gap }, palette.surface);
  }
}

/** Bars are drawn against the `largest` share; the policy's column shows schemes, or bits. */
function drawRow(
  painter: Painter,
  row: LoomRow,
  i: number,
  { largest, isOfSchemes }: { readonly largest: number; readonly isOfSchemes: boolean },
  layout: LoomLayout,
  palette: Palette,
  schemes: readonly SchemeInfo[],
): void {
  const { plot, rowHeight, gap } = layout;
  const top = plot.top + i * rowHeight;
  const height = rowHeight - gap;
  const [upper, lower] = [top + height / 4, top + (height * 3) / 4];
  if (row.schemes && isOfSchemes) drawDecidedSchemes(painter, row.schemes, { top, height }, layout, palette, schemes);
  else drawDecided(painter, row, { top, height }, layout, palette, schemes);
  if (row.share !== null && layout.barWidth > 0) {
    const bar = { x: layout.barX, y: top + height * 0.2, width: layout.barWidth - 46, height: height * 0.6 };
    painter.rect({ ...bar, width: Math.max(1, (bar.width * row.share) / largest) }, palette.text2);
  }
  if (i % layout.every !== 0) return;
  const middle = top + height / 2;
  painter.text(0, middle, shortened(row.layer.name, layout.nameLength), { fill: palette.text });
  if (height / 2 >= LETTER_HALF) {
    painter.text(plot.left - 5, upper, "w", { fill: palette.text2, align: "right" });
    painter.text(plot.left - 5, lower, "a", { fill: palette.text2, align: "right" });
  }
  if (!row.bits || row.share === null) return;
  painter.text(layout.weightX + 28, middle, bitsText(meanBits(row.bits.weight)), { fill: palette.text, align: "right" });
  painter.text(layout.activationX + 28, middle, bitsText(meanBits(row.bits.activation)), { fill: palette.text, align: "right" });
  if (layout.barWidth > 0)
    painter.text(layout.barX + layout.barWidth, middle, percent(row.share), { fill: palette.text, align: "right" });
}

/** Decided bits beside the last column, with their number where it fits, and the letter of the scheme where tensors have several. */
function drawDecided(
  painter: Painter,
  { column, schemes: own }: LoomRow,
  { top, height }: { readonly top: number; readonly height: number },
  { decidedX }: LoomLayout,
  palette: Palette,
  schemes: readonly SchemeInfo[],
): void {
  if (!column) return;
  const half = height / 2;
  ROLES.forEach((role, i) => {
    const bits = column[role];
    const letter = schemes.find(({ id }) => id === own?.[role])?.letter;
    const rgb = bitRgb(palette, meanBits(bits));
    const y = top + i * half;
    const area = { x: decidedX, y, width: DECIDED_WIDTH, height: half };
    painter.rect(area, rgbText(rgb));
    if (meanBits(bits) === 0) hatch(painter, area, palette.text2);
    if (half >= LETTER_HALF)
      painter.text(decidedX + DECIDED_WIDTH / 2, y + half / 2, [letter, decidedBits(bits)].filter(Boolean).join(" "), {
        fill: textOn(rgb),
        align: "center",
      });
  });
}

/** Decided schemes beside the last column, with their letter where it fits. */
function drawDecidedSchemes(
  painter: Painter,
  decided: Readonly<Record<Role, string>>,
  { top, height }: { readonly top: number; readonly height: number },
  { decidedX }: LoomLayout,
  palette: Palette,
  schemes: readonly SchemeInfo[],
): void {
  const half = height / 2;
  ROLES.forEach((role, i) => {
    const place = placeOf(schemes, decided[role]);
    const rgb = schemeRgb(palette, place);
    const y = top + i * half;
    painter.rect({ x: decidedX, y, width: DECIDED_WIDTH, height: half }, rgbText(rgb));
    if (half >= LETTER_HALF)
      painter.text(decidedX + DECIDED_WIDTH / 2, y + half / 2, schemes[place]?.letter ?? "", {
        fill: textOn(rgb),
        align: "center",
      });
  });
}

const placeOf = (schemes: readonly SchemeInfo[], id: string): number =>
  Math.max(
    0,
    schemes.findIndex((known) => known.id === id),
  );

function drawTime(painter: Painter, { history }: LoomModel, extent: Extent, { plot }: LoomLayout, palette: Palette): void {
  const bottom = plot.top + plot.height;
  const toX = (time: number): number => plot.left + ((time - extent.start) / Math.max(1, extent.end - extent.start)) * plot.width;
  const style = { fill: palette.text2 } as const;
  painter.line(plot.left, bottom + 0.5, plot.left + plot.width, bottom + 0.5, palette.border);
  painter.text(plot.left - 14, bottom + 11, "step", { ...style, align: "right" });
  for (const time of linearTicks(extent.start, extent.end, Math.max(1, Math.floor(plot.width / TICK_GAP)))) {
    const x = Math.round(toX(time)) + 0.5;
    painter.line(x, bottom, x, bottom + 4, palette.text2);
    painter.text(x, bottom + 11, compact(time), { ...style, align: "center" });
  }
  stageBands(history, extent).forEach(({ label, start, end }, i) => {
    const [from, to] = [toX(start), toX(end)];
    painter.rect({ x: from, y: bottom + 20, width: to - from - 1, height: 15 }, i % 2 === 0 ? palette.surface2 : palette.border);
    painter.text((from + to) / 2, bottom + 28, label, { fill: palette.text, align: "center" });
  });
  const moves = knobMoves(history, extent);
  for (const { time } of spacedLabels(moves, ({ time }) => toX(time), LINE_GAP)) {
    const x = Math.round(toX(time)) + 0.5;
    // The seam of background keeps the line visible on dark cells.
    painter.rect({ x: x - 1.5, y: plot.top - 3, width: 3, height: plot.height + 3 }, palette.surface);
    painter.line(x, plot.top - 3, x, bottom, palette.text);
  }
  for (const { time, label } of spacedLabels(moves, ({ time }) => toX(time), KNOB_GAP)) {
    const x = toX(time);
    const align = x > plot.left + plot.width - KNOB_GAP ? "right" : "left";
    painter.text(x + (align === "left" ? 2 : -2), plot.top - 9, label, { fill: palette.text, align });
  }
}
