import { useId, useRef, type KeyboardEvent, type PointerEvent } from "react";
import { meanBits } from "../../../core/search";
import { bits as bitsText, decidedBits, percent } from "../../format";
import { useSelection } from "../../store/selection";
import { SKIP_EXPORT } from "../frame/export-picture";
import { rowAt, type LoomLayout } from "./layout";
import type { LoomModel, LoomRow } from "./model";

interface Props {
  readonly model: LoomModel;
  readonly layout: LoomLayout;
  readonly pointed: string | null;
  readonly setPointed: (layer: string | null) => void;
}

/** Parts of the time axis that an arrow key moves the cursor by. */
const KEY_STEPS = 100;

/**
 * What one does to the loom: point for values, click or arrow keys for the layer. A list box for assistive technology: its options say
 * in words what the colours show.
 */
export function LoomPointer({ model, layout, pointed, setPointed }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { layer, select, hoverTime, setHoverTime } = useSelection();
  const { rows, extent } = model;
  const { plot, rowHeight, gap } = layout;
  const selected = rows.findIndex((row) => row.layer.name === layer);
  const timeAt = (clientX: number): number | null => {
    const left = list.current?.getBoundingClientRect().left ?? 0;
    const share = (clientX - left - plot.left) / plot.width;
    return extent && share >= 0 && share <= 1 ? extent.start + share * (extent.end - extent.start) : null;
  };
  const nameAt = (clientY: number): string | null => {
    const row = rowAt(layout, clientY - (list.current?.getBoundingClientRect().top ?? 0), rows.length);
    return row === null ? null : (rows[row]?.layer.name ?? null);
  };
  const leave = (): void => {
    setHoverTime(null);
    setPointed(null);
  };
  const onPointerMove = ({ clientX, clientY }: PointerEvent): void => {
    setHoverTime(timeAt(clientX));
    setPointed(nameAt(clientY));
  };
  const onPointerDown = ({ clientY, button }: PointerEvent): void => {
    const name = nameAt(clientY);
    if (button === 0 && name !== null) select(name);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = keyedRow(event.key, selected, rows.length);
    const name = row === null ? undefined : rows[row]?.layer.name;
    const time = extent ? keyedTime(event.key, hoverTime, extent) : null;
    if (name === undefined && time === null) return;
    event.preventDefault();
    if (name !== undefined) select(name);
    if (time !== null) setHoverTime(time);
  };
  const cursor =
    extent && hoverTime !== null && hoverTime >= extent.start && hoverTime <= extent.end
      ? plot.left + ((hoverTime - extent.start) / Math.max(1, extent.end - extent.start)) * plot.width
      : null;
  return (
    <div
      className="loom-pointer"
      ref={list}
      role="listbox"
      aria-label="Layers"
      tabIndex={0}
      aria-activedescendant={selected >= 0 ? `${id}-${selected}` : undefined}
      onPointerMove={onPointerMove}
      onPointerLeave={leave}
      onBlur={leave}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
      {...SKIP_EXPORT}
    >
      {rows.map((row, i) => (
        <div
          key={row.layer.name}
          id={`${id}-${i}`}
          role="option"
          className={row.layer.name === pointed ? "loom-option pointed" : "loom-option"}
          aria-selected={i === selected}
          aria-label={describe(row)}
          style={{ top: plot.top + i * rowHeight - gap, height: rowHeight + gap }}
        />
      ))}
      {cursor !== null && <div className="time-cursor" style={{ left: cursor, top: plot.top, height: plot.height }} />}
    </div>
  );
}

function keyedRow(key: string, selected: number, rows: number): number | null {
  switch (key) {
    case "ArrowDown":
      return Math.min(rows - 1, selected + 1);
    case "ArrowUp":
      return Math.max(0, selected - 1);
    case "Home":
      return 0;
    case "End":
      return rows - 1;
    default:
      return null;
  }
}

function keyedTime(
  key: string,
  time: number | null,
  { start, end }: { readonly start: number; readonly end: number },
): number | null {
  const step = (end - start) / KEY_STEPS;
  switch (key) {
    case "ArrowLeft":
      return Math.max(start, (time ?? end) - step);
    case "ArrowRight":
      return Math.min(end, (time ?? start) + step);
    default:
      return null;
  }
}

function describe({ layer, bits, share, decided }: LoomRow): string {
  const parts = [layer.name];
  if (bits)
    parts.push(`weights ${bitsText(meanBits(bits.weight))} bits`, `activations ${bitsText(meanBits(bits.activation))} bits`);
  if (share !== null) parts.push(`${percent(share)} of BitOps`);
  if (decided) parts.push(`decided: weights ${decidedBits(decided.weight)}, activations ${decidedBits(decided.activation)}`);
  return parts.join(", ");
}
