/** A chart on the page as a picture file: everything visible in an element, with the colours that the theme gives it now. */
import { escapeXml, svgPainter, type Painter } from "./painter";

/** Drawing functions of canvases, so that an exported canvas stays a vector drawing. */
const drawings = new WeakMap<HTMLCanvasElement, (painter: Painter) => void>();

/** Says how the picture on a canvas is drawn. */
export const setDrawing = (canvas: HTMLCanvasElement, draw: (painter: Painter) => void): void => void drawings.set(canvas, draw);

/** Elements marked with this attribute are controls, no part of the picture. */
export const SKIP_EXPORT = { "data-export": "skip" } as const;

/** Pixels of a PNG for each CSS pixel: sharp in print and on slides. */
const PNG_SCALE = 2;
/** Browsers draw no larger canvases. */
const MAX_PNG_SIDE = 16_384;
/** Pixels around an exported chart. */
const MARGIN = 8;

/** SVG text of what is visible in `root`. */
export function svgOf(root: HTMLElement): string {
  const bounds = root.getBoundingClientRect();
  const [width, height] = [Math.ceil(bounds.width) + 2 * MARGIN, Math.ceil(bounds.height) + 2 * MARGIN];
  const parts: string[] = [];
  collect(root, { left: bounds.left - MARGIN, top: bounds.top - MARGIN }, parts);
  const background = solid(getComputedStyle(root).getPropertyValue("--surface"));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" fill="${background}"/>`,
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/** The picture of an SVG text as a PNG. */
export async function pngOf(svg: string): Promise<Blob> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const { naturalWidth, naturalHeight } = image;
    const scale = Math.min(PNG_SCALE, MAX_PNG_SIDE / Math.max(naturalWidth, naturalHeight));
    const canvas = new OffscreenCanvas(Math.floor(naturalWidth * scale), Math.floor(naturalHeight * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: "image/png" });
  } finally {
    URL.revokeObjectURL(url);
  }
}

interface Origin {
  readonly left: number;
  readonly top: number;
}

function collect(element: Element, origin: Origin, parts: string[]): void {
  if (element.matches(`[data-export="skip"], .visually-hidden`)) return;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (style.display === "none" || style.visibility === "hidden" || style.opacity === "0") return;
  const [x, y] = [box.left - origin.left, box.top - origin.top];
  if (element instanceof SVGSVGElement) {
    parts.push(inlinedSvg(element, x, y));
    return;
  }
  if (element instanceof HTMLCanvasElement) {
    const { painter, elements } = svgPainter(style.fontFamily);
    drawings.get(element)?.(painter);
    parts.push(`<g transform="translate(${x} ${y})">`, elements(), "</g>");
    return;
  }
  const background = solid(style.backgroundColor);
  if (background !== "none") {
    parts.push(
      `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="${parseFloat(style.borderRadius) || 0}" fill="${background}"/>`,
    );
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) collect(child, origin, parts);
    else if (child instanceof Text) parts.push(...textLines(child, style, origin));
  }
}

/** One SVG text a line, as wide as on the page whatever font shows the file. */
function textLines(node: Text, style: CSSStyleDeclaration, origin: Origin): readonly string[] {
  const range = document.createRange();
  const lines: { text: string; box: DOMRect; right: number }[] = [];
  for (const { index, 0: word } of node.data.matchAll(/\S+\s*/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.trimEnd().length);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const line = lines.at(-1);
    if (line && Math.abs(line.box.top - box.top) < 2) {
      line.text += word;
      line.right = box.right;
    } else lines.push({ text: word, box, right: box.right });
  }
  return lines.map(({ text, box, right }) => {
    const at = `x="${box.left - origin.left}" y="${(box.top + box.bottom) / 2 - origin.top}" dy="0.35em"`;
    const look = `fill="${solid(style.color)}" font-family="${escapeXml(style.fontFamily)}" font-size="${parseFloat(style.fontSize)}" font-weight="${style.fontWeight}"`;
    return `<text ${at} textLength="${right - box.left}" lengthAdjust="spacingAndGlyphs" ${look}>${escapeXml(text.trimEnd())}</text>`;
  });
}

const COLOURS = ["fill", "stroke"] as const;
const LOOKS = [
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "paint-order",
  "fill-opacity",
  "stroke-opacity",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
  "dominant-baseline",
] as const;

/** A copy whose elements carry their computed look as attributes: no style sheet follows a file. */
function inlinedSvg(svg: SVGSVGElement, x: number, y: number): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = svg.querySelectorAll<SVGElement>("*");
  copy.querySelectorAll<SVGElement>("*").forEach((element, i) => {
    const original = originals[i];
    if (!original || !(original instanceof SVGGraphicsElement)) return;
    const style = getComputedStyle(original);
    for (const name of COLOURS) element.setAttribute(name, solid(style.getPropertyValue(name)));
    for (const name of LOOKS) element.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["style", "class", "tabindex", "role"]) element.removeAttribute(name);
  });
  copy.removeAttribute("style");
  copy.removeAttribute("class");
  for (const [name, value] of Object.entries({ x, y, overflow: "visible" })) copy.setAttribute(name, String(value));
  return new XMLSerializer().serializeToString(copy);
}

let probe: OffscreenCanvasRenderingContext2D | null = null;

/** Any CSS colour as `rgb()`, which every program reads; "none" for a transparent one. References to gradients and clips stay. */
function solid(colour: string): string {
  if (colour === "none" || colour.startsWith("url(")) return colour;
  probe ??= new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  if (!probe) return colour;
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = colour;
  probe.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = probe.getImageData(0, 0, 1, 1).data;
  if (alpha === 0) return "none";
  return alpha === 255 ? `rgb(${red},${green},${blue})` : `rgba(${red},${green},${blue},${(alpha / 255).toFixed(3)})`;
}
