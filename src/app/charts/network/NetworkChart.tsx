import { useState, type ReactNode } from "react";
import { ReactFlowProvider } from "@xyflow/react";
import { FLOAT_BITS } from "../../../core/cost";
import type { Described } from "../../../core/protocol";
import type { SearchSpace } from "../../../core/search";
import { useNetworkView } from "../../store/network";
import { shownDescription, useRun, useSpace } from "../../store/run";
import { useSchemes } from "../candidate-looks";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
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
  const schemes = useSchemes();
  const box = shown?.layout.boxes.find((place) => place.box.id === (pointed ?? found))?.box;
  const stateNow = () => networkState(space, historyNow(), schemes);
  return (
    <ChartFrame
      title="Graph of the network"
      note={<SpaceLegend space={space} besides={[FLOAT_BITS]} />}
      fileName={`bitloom-network-${view}`}
      table={() => networkTable(described.graph, space, stateNow())}
      {...(shown && { picture: () => networkPicture(shown.layout, stateNow(), shown.view === "plain") })}
      explanation={<NetworkExplanation />}
      controls={shown && <NetworkControls layout={shown.layout} onFind={setFound} />}
    >
      {problem ? (
        <ChartEmpty>{problem}</ChartEmpty>
      ) : shown ? (
        <NetworkGraph {...{ shown, found }} onPoint={setPointed} />
      ) : (
        <ChartEmpty>The network is being laid out.</ChartEmpty>
      )}
      {box && <NetworkReadout {...{ space, box }} />}
    </ChartFrame>
  );
}
