import { memo, useLayoutEffect, useMemo, useRef, useState } from "react";
import { hasSchemes, type SearchSpace } from "../../../core/search";
import { useSpace } from "../../store/run";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { setDrawing } from "../frame/export-picture";
import { canvasPainter } from "../frame/painter";
import { useColourScheme } from "../frame/use-colour-scheme";
import { useSize, type Size } from "../frame/use-size";
import { useSchemes } from "../candidate-looks";
import { readPalette, type Palette } from "../theme";
import { drawLoom } from "./draw";
import { loomLayout } from "./layout";
import { LoomExplanation } from "./LoomExplanation";
import { LoomPointer } from "./LoomPointer";
import { LoomReadout } from "./LoomReadout";
import { SearchSwitch } from "./SearchSwitch";
import { loomModel, type LoomModel } from "./model";
import { loomTable } from "./table";
import { historyNow, useLiveHistory } from "../use-live-history";

/** All searched layers over the time of the search; colour is the expected bit-width, or the most probable scheme. */
export function Loom() {
  const space = useSpace();
  const [pointed, setPointed] = useState<string | null>(null);
  return (
    <ChartFrame
      title={`${space && hasSchemes(space) ? "Scheme" : "Bits"} of each layer during the search`}
      note={space && <LoomReadout {...{ space, pointed }} />}
      fileName="bitloom-layers-over-time"
      table={() => (space ? loomTable(historyNow(), space) : { columns: [], rows: [] })}
      explanation={<LoomExplanation />}
      controls={<SearchSwitch />}
    >
      {space ? (
        <LiveLoom {...{ space, pointed, setPointed }} />
      ) : (
        <ChartEmpty>The network appears here once its data is ready.</ChartEmpty>
      )}
    </ChartFrame>
  );
}

interface LiveProps {
  readonly space: SearchSpace;
  /** Name of the layer under the pointer. */
  readonly pointed: string | null;
  readonly setPointed: (layer: string | null) => void;
}

const LiveLoom = memo(function LiveLoom({ space, ...pointing }: LiveProps) {
  const live = useLiveHistory("loom");
  const model = useMemo(() => loomModel(live.history, space), [space, live]);
  return <LoomBody model={model} {...pointing} />;
});

type BodyProps = Omit<LiveProps, "space"> & { readonly model: LoomModel };

function LoomBody({ model, pointed, setPointed }: BodyProps) {
  const element = useRef<HTMLDivElement>(null);
  const size = useSize(element);
  return (
    <div className="loom-body" ref={element}>
      {size && size.width > 0 && size.height > 0 && <LoomCanvas {...{ model, pointed, setPointed, size }} />}
    </div>
  );
}

function LoomCanvas({ model, pointed, setPointed, size }: BodyProps & { readonly size: Size }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColourScheme();
  const schemes = useSchemes();
  const names = useMemo(() => model.rows.map(({ layer }) => layer.name), [model]);
  const layout = useMemo(() => loomLayout(size, names), [size, names]);
  const { plot } = layout;
  const palette = useRef<{ readonly scheme: string; readonly colours: Palette } | null>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context) return;
    const ratio = window.devicePixelRatio;
    canvas.current.width = Math.round(size.width * ratio);
    canvas.current.height = Math.round(size.height * ratio);
    context.scale(ratio, ratio);
    if (palette.current?.scheme !== scheme) palette.current = { scheme, colours: readPalette(canvas.current) };
    const { colours } = palette.current;
    drawLoom(canvasPainter(context, getComputedStyle(canvas.current).fontFamily), model, layout, colours, schemes);
    setDrawing(canvas.current, (painter) => drawLoom(painter, model, layout, colours, schemes));
  }, [model, layout, size, scheme, schemes]);
  return (
    <>
      <canvas ref={canvas} className="loom-canvas" style={{ width: size.width, height: size.height }} aria-hidden="true" />
      <LoomPointer {...{ model, layout, pointed, setPointed }} />
      {!model.extent && (
        <p className="chart-over" style={{ left: plot.left + plot.width / 2, top: plot.top + plot.height / 2 }}>
          Press Start: each layer&rsquo;s bits are woven here, step by step, as the search moves them.
        </p>
      )}
    </>
  );
}
