import { useMemo, useRef, useState, type ReactNode } from "react";
import { ReactFlowProvider } from "@xyflow/react";
import { FLOAT_BITS } from "../../../core/cost";
import { drawNetwork } from "../../../core/network/rows";
import type { Described } from "../../../core/protocol";
import type { SearchSpace } from "../../../core/search";
import { useNetworkView } from "../../store/network";
import { shownDescription, useRun, useSpace } from "../../store/run";
import { useSchemes } from "../candidate-looks";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { useSize } from "../frame/use-size";
import { SpaceLegend } from "../BitLegend";
import { historyNow } from "../use-live-history";
import { NetworkControls } from "./NetworkControls";
import { NetworkExplanation } from "./NetworkExplanation";
import { NetworkGraph } from "./NetworkGraph";
import { NetworkReadout } from "./NetworkReadout";
import { networkPicture } from "./picture";
import { NetworkContext, networkState } from "./state";
import { networkTable } from "./table";
import { useNetworkLayout } from "./use-network-layout";
import { useNetworkState } from "./use-network-state";
import { roomIn } from "./viewport";
import "./network.css";

/** The network as a graph, as it is or with its quantizing vertices, in the colours of its bits. */
export function NetworkChart() {
  const described = useRun(shownDescription);
  const space = useSpace();
  if (!described || !space) return <ChartEmpty>The network appears here once its data is ready.</ChartEmpty>;
  return (
    <ReactFlowProvider>
      <LiveState space={space}>
        <Frame {...{ described, space }} />
      </LiveState>
    </ReactFlowProvider>
  );
}

/** What moves with the search goes past the drawing, straight to its patches. */
const LiveState = ({ space, children }: { readonly space: SearchSpace; readonly children: ReactNode }) => (
  <NetworkContext value={useNetworkState(space)}>{children}</NetworkContext>
);

interface Props {
  readonly described: Described;
  readonly space: SearchSpace;
}

function Frame({ described, space }: Props) {
  const view = useNetworkView((state) => state.view);
  const [pointed, setPointed] = useState<string | null>(null);
  const [found, setFound] = useState<string | null>(null);
  const { shown, problem } = useNetworkLayout(described, view);
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  const drawing = useMemo(
    () => (shown && size && size.width > 0 && size.height > 0 ? drawNetwork(shown.layout, roomIn(size)) : null),
    [shown, size],
  );
  const schemes = useSchemes();
  const box = drawing?.boxes.find((place) => place.box.id === (pointed ?? found))?.box;
  const hasCells = shown?.view === "plain";
  const stateNow = () => networkState(space, historyNow(), schemes);
  return (
    <ChartFrame
      title="Graph of the network"
      note={<SpaceLegend space={space} besides={[FLOAT_BITS]} />}
      fileName={`bitloom-network-${view}`}
      table={() => networkTable(described.graph, space, stateNow())}
      {...(drawing && { picture: () => networkPicture(drawing, stateNow(), hasCells) })}
      explanation={<NetworkExplanation />}
      controls={drawing && <NetworkControls drawing={drawing} onFind={setFound} />}
    >
      <div className="network-graph" ref={element}>
        {problem !== null && <ChartEmpty>{problem}</ChartEmpty>}
        {!problem && !shown && <ChartEmpty>The network is being laid out.</ChartEmpty>}
        {!problem && drawing && size && <NetworkGraph {...{ drawing, size, hasCells, found }} onPoint={setPointed} />}
        {box && <NetworkReadout {...{ space, box }} />}
      </div>
    </ChartFrame>
  );
}
