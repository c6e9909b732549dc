/** The whole network as a picture, also what is out of sight on the page. */
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import type { NetworkDrawing } from "../../../core/network/rows";
import { svgOf } from "../frame/export-picture";
import { BoxDrawing, NetworkHatching } from "./BoxDrawing";
import { Lines } from "./Lines";
import { NetworkContext, type NetworkState } from "./state";

/** Text of an SVG file with the colours of the theme. */
export function networkPicture({ boxes, lines, width, height }: NetworkDrawing, state: NetworkState, hasCells: boolean): string {
  const host = document.createElement("div");
  host.className = "network-picture";
  document.body.append(host);
  const root = createRoot(host);
  try {
    flushSync(() =>
      root.render(
        <NetworkContext value={state}>
          <svg width={width} height={height}>
            <NetworkHatching />
            <Lines lines={lines} />
            {boxes.map((place) => (
              <g key={place.box.id} transform={`translate(${place.x} ${place.y})`}>
                <BoxDrawing {...{ place, hasCells }} />
              </g>
            ))}
          </svg>
        </NetworkContext>,
      ),
    );
    return svgOf(host);
  } finally {
    root.unmount();
    host.remove();
  }
}
