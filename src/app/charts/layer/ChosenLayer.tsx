import { memo, useMemo, useState } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import type { LayerView, TensorView } from "../../../core/protocol";
import type { Role, SearchSpace, Site } from "../../../core/search";
import { compact } from "../../format";
import { useSelection } from "../../store/selection";
import { useSpace } from "../../store/run";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { CandidateLegend } from "./CandidateLegend";
import { ChosenLayerExplanation } from "./ChosenLayerExplanation";
import { ProbabilityChart } from "./ProbabilityChart";
import { TensorHistogram } from "./TensorHistogram";
import { siteSeries, siteTable } from "./site-series";
import { historyNow, useLiveHistory } from "../use-live-history";

interface Props {
  /** Tensors of the selected layer as the worker last saw them, null before that. */
  readonly view: LayerView | null;
}

/** One layer in full: its candidates' probabilities over the search, and its values against the candidates' levels. */
export function ChosenLayer({ view }: Props) {
  const space = useSpace();
  const layer = useSelection((state) => state.layer);
  return <LayerFigure {...{ space, layer }} view={view?.layer === layer ? view : null} />;
}

interface FigureProps extends Props {
  readonly space: SearchSpace | null;
  readonly layer: string | null;
}

const ROLE_TITLES: { readonly [R in Role]: string } = { weight: "Weights", activation: "Activations" };

const LayerFigure = memo(function LayerFigure({ space, layer: name, view }: FigureProps) {
  const [asLines, setAsLines] = useState(false);
  const layer = space?.layers.find((known) => known.name === name);
  const sites = space?.sites.filter((site) => site.layer.name === name) ?? [];
  const title = layer?.name ?? "Chosen layer";
  return (
    <ChartFrame
      title={title}
      note={layer && `${layer.kind}  ${channels(layer.input)}\u2192${channels(layer.output)}  ${compact(layer.macs, "MACs")}`}
      fileName={`bitloom-${title}`}
      table={() => siteTable(space ? sites.map((site) => siteSeries(historyNow(), space, site)) : [])}
      explanation={<ChosenLayerExplanation />}
      controls={
        <ToggleButton className="button chart-toggle" isSelected={asLines} onChange={setAsLines}>
          Lines
        </ToggleButton>
      }
    >
      {space && sites.length > 0 ? (
        <div className="layer-sites">
          {sites.map((site) => (
            <section className="layer-site" aria-label={ROLE_TITLES[site.role]} key={site.role}>
              <SitePanel {...{ space, site, asLines }} view={view?.[site.role] ?? null} />
            </section>
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

interface PanelProps {
  readonly space: SearchSpace;
  readonly site: Site;
  readonly asLines: boolean;
  readonly view: TensorView | null;
}

/** Weights and activations have turns of their own: each draws a whole chart. */
function SitePanel({ space, site, asLines, view }: PanelProps) {
  const { role } = site;
  const live = useLiveHistory(role);
  const series = useMemo(() => siteSeries(live.history, space, site), [live, space, site]);
  return (
    <>
      <CandidateLegend title={`${ROLE_TITLES[role]}: probabilities`} site={series} />
      <div className="layer-plots">
        <ProbabilityChart site={series} asLines={asLines} history={live.history} />
        <TensorHistogram view={view} role={role} />
      </div>
    </>
  );
}

const channels = (shape: readonly number[]): string => String(shape.at(-1) ?? "");
