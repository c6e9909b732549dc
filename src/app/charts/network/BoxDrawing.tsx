import { memo, use } from "react";
import type { PlacedBox } from "../../../core/network/layout";
import { CELL_WIDTH, LINE_HEIGHT, linesOf, PADDING } from "../../../core/network/sizes";
import type { OperationBox } from "../../../core/network/boxes";
import { siteId } from "../../../core/search";
import { Hatching } from "../Hatching";
import { UNKNOWN } from "./site-look";
import { NetworkContext } from "./state";

interface Props {
  readonly place: PlacedBox;
  /** Whether layers show their bits inside, where no quantizing vertices are drawn. */
  readonly hasCells: boolean;
}

/** One box, from its upper left corner on. The same on the page and in a saved picture. */
export const BoxDrawing = memo(function BoxDrawing({ place: { box, width, height }, hasCells }: Props) {
  switch (box.kind) {
    case "weight":
      return (
        <>
          <rect className="network-weight" width={width} height={height} />
          <text className="network-text" x={width / 2} y={height / 2} textAnchor="middle" dominantBaseline="central">
            W
          </text>
        </>
      );
    case "quantizer":
      return <Patch site={box.site} area={{ x: 0, y: 0, width, height, rx: height / 2 }} />;
    case "operation":
      return <Operation {...{ box, width, height, hasCells }} />;
  }
});

interface OperationProps {
  readonly box: OperationBox;
  readonly width: number;
  readonly height: number;
  readonly hasCells: boolean;
}

/** Its bits where they belong here, weights above activations, and its words. */
function Operation({ box, width, height, hasCells }: OperationProps) {
  const cells = hasCells ? box.layers : [];
  const lines = linesOf(box);
  const top = height / 2 - ((lines.length - 1) * LINE_HEIGHT) / 2;
  return (
    <>
      <rect className={box.layers.length > 0 ? "network-box costly" : "network-box"} width={width} height={height} rx={3} />
      {cells.map((layer, i) => (
        <g key={layer}>
          <Patch site={siteId(layer, "weight")} area={{ x: i * CELL_WIDTH, y: 0, width: CELL_WIDTH, height: height / 2 }} />
          <Patch
            site={siteId(layer, "activation")}
            area={{ x: i * CELL_WIDTH, y: height / 2, width: CELL_WIDTH, height: height / 2 }}
          />
        </g>
      ))}
      {lines.map((line, i) => (
        <text
          key={line}
          className={i === 0 ? "network-text network-name" : "network-text"}
          x={cells.length * CELL_WIDTH + PADDING}
          y={top + i * LINE_HEIGHT}
          dominantBaseline="central"
        >
          {line}
        </text>
      ))}
    </>
  );
}

interface PatchProps {
  readonly site: string;
  readonly area: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly rx?: number;
  };
}

/** A quantizer in the colour of its bits. The only part of the drawing that a search moves. */
function Patch({ site, area }: PatchProps) {
  const { text, colour, textColour, isNone } = use(NetworkContext).looks.get(site) ?? UNKNOWN;
  return (
    <>
      <rect className="network-patch" {...area} style={{ fill: isNone ? `url(#${HATCHING})` : colour }} />
      <text
        className="network-bits"
        x={area.x + area.width / 2}
        y={area.y + area.height / 2}
        textAnchor="middle"
        dominantBaseline="central"
        style={{ fill: textColour }}
      >
        {text}
      </text>
    </>
  );
}

const HATCHING = "network-hatching";

/** What hatched patches refer to, once in a page or a picture. */
export const NetworkHatching = () => <Hatching id={HATCHING} />;
