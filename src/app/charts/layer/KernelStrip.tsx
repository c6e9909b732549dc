import { memo, useLayoutEffect, useRef, useState } from "react";
import { bits as bitsText } from "../../format";
import { setDrawing } from "../frame/export-picture";
import { canvasPainter, hatch, type Painter } from "../frame/painter";
import { useColourScheme } from "../frame/use-colour-scheme";
import { useSize, type Size } from "../frame/use-size";
import { bitTable, readPalette, type Palette } from "../theme";
import type { Kernels } from "./kernels";

interface Props {
  readonly kernels: Kernels;
}

/** All kernels side by side in channel order, each in the colour of its bits; pruned ones are hatched. */
export const KernelStrip = memo(function KernelStrip({ kernels: { bits } }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const [pointed, setPointed] = useState<number | null>(null);
  const width = pointed === null ? undefined : bits[pointed];
  return (
    <div className="kernel-strip">
      <span className="kernel-readout">
        {width === undefined ? summary(bits) : `kernel ${(pointed ?? 0) + 1}: ${bitsText(width)} bits`}
      </span>
      <div
        className="kernel-cells"
        ref={element}
        onPointerLeave={() => setPointed(null)}
        onPointerMove={({ clientX, currentTarget }) => {
          const { left, width: full } = currentTarget.getBoundingClientRect();
          setPointed(Math.min(bits.length - 1, Math.max(0, Math.floor(((clientX - left) / full) * bits.length))));
        }}
      >
        {size && size.width > 0 && <Strip bits={bits} size={size} />}
      </div>
    </div>
  );
});

function summary(bits: readonly number[]): string {
  const pruned = bits.filter((width) => width === 0).length;
  return pruned === 0 ? `${bits.length} kernels` : `${bits.length} kernels, ${pruned} pruned`;
}

interface StripProps {
  readonly bits: readonly number[];
  readonly size: Size;
}

function Strip({ bits, size }: StripProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColourScheme();
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = Math.round(size.width * ratio);
    canvas.current.height = Math.round(size.height * ratio);
    context.scale(ratio, ratio);
    const palette = readPalette(canvas.current);
    draw(canvasPainter(context, ""), bits, size, palette);
    setDrawing(canvas.current, (painter) => draw(painter, bits, size, palette));
  }, [bits, size, scheme]);
  return <canvas ref={canvas} style={{ width: size.width, height: size.height }} aria-hidden="true" />;
}

/** Cells this wide have a line of the background between them. */
const GAP_FROM = 5;

function draw(painter: Painter, bits: readonly number[], { width, height }: Size, palette: Palette): void {
  const colour = bitTable(palette);
  const cell = width / bits.length;
  painter.cells({ columns: bits.length, rows: 1, colour: (i) => colour(bits[i] ?? 0) }, { x: 0, y: 0, width, height });
  bits.forEach((value, i) => {
    if (value === 0) hatch(painter, { x: i * cell, y: 0, width: cell, height }, palette.text2);
    if (cell >= GAP_FROM && i > 0) painter.rect({ x: i * cell - 0.5, y: 0, width: 1, height }, palette.surface);
  });
}
