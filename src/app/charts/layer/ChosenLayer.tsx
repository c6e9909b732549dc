import { memo, useMemo, useState } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import type { History } from "../../../core/history";
import type { LayerView } from "../../../core/protocol";
import type { Role, SearchSpace } from "../../../core/search";
import { compact } from "../../format";
import { useSelection } from "../../store/selection";
import { useSpace } from "../../store/settings";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { CandidateLegend } from "./CandidateLegend";
import { ChosenLayerExplanation } from "./ChosenLayerExplanation";
import { ProbabilityChart } from "./ProbabilityChart";
import { TensorHistogram } from "./TensorHistogram";
import { siteSeries, siteTable, type SiteSeries } from "./site-series";
import { useLiveHistory, type LiveHistory } from "../use-live-history";

interface Props {
  /** Tensors of the selected layer as the worker last saw them, null before that. */
  readonly view: LayerView | null;
}

/** One layer in full: its candidates' probabilities over the search, and its values against the candidates' levels. */
export function ChosenLayer({ view }: Props) {
  const space = useSpace();
  const layer = useSelection((state) => state.layer);
  const live = useLiveHistory();
  return <LayerFigure {...{ space, layer, live }} view={view?.layer === layer ? view : null} />;
}

interface FigureProps extends Props {
  readonly live: LiveHistory;
  readonly space: SearchSpace | null;
  readonly layer: string | null;
}

const ROLE_TITLES: { readonly [R in Role]: string } = { weight: "Weights", activation: "Activations" };

const LayerFigure = memo(function LayerFigure({ space, layer: name, live, view }: FigureProps) {
  const [asLines, setAsLines] = useState(false);
  const layer = space?.layers.find((known) => known.name === name);
  const series = useMemo(() => (space && name ? siteSeries(live.history, space, name) : []), [live, space, name]);
  const title = layer?.name ?? "Chosen layer";
  return (
    <ChartFrame
      title={title}
      note={layer && `${layer.kind}  ${channels(layer.input)}\u2192${channels(layer.output)}  ${compact(layer.macs, "MACs")}`}
      fileName={`bitloom-${title}`}
      table={() => siteTable(series)}
      explanation={<ChosenLayerExplanation />}
      controls={
        <ToggleButton className="button chart-toggle" isSelected={asLines} onChange={setAsLines}>
          Lines
        </ToggleButton>
      }
    >
      {series.length > 0 ? (
        <div className="layer-sites">
          {series.map((site) => (
            <SitePanel key={site.role} {...{ site, asLines, view }} history={live.history} />
          ))}
        </div>
      ) : (
        <ChartEmpty>
          {layer
            ? "This layer is not searched: it stays float. Choose another layer above."
            : "Choose a layer above: its candidates appear here."}
        </ChartEmpty>
      )}
    </ChartFrame>
  );
});

interface PanelProps extends Props {
  readonly history: History;
  readonly site: SiteSeries;
  readonly asLines: boolean;
}

const SitePanel = ({ site, asLines, history, view }: PanelProps) => (
  <section className="layer-site" aria-label={ROLE_TITLES[site.role]}>
    <CandidateLegend title={`${ROLE_TITLES[site.role]}: probabilities`} site={site} />
    <div className="layer-plots">
      <ProbabilityChart {...{ site, asLines, history }} />
      <TensorHistogram view={view?.[site.role] ?? null} role={site.role} />
    </div>
  </section>
);

const channels = (shape: readonly number[]): string => String(shape.at(-1) ?? "");
