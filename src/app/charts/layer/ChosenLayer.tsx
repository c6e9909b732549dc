import { memo, useState } from "react";
import { ToggleButton } from "react-aria-components/ToggleButton";
import type { LayerView } from "../../../core/views";
import { hasSchemes, type SearchSpace } from "../../../core/search";
import { compact } from "../../format";
import { useShownMethod } from "../../store/method";
import { useRun, useSpace } from "../../store/run";
import { useSelection } from "../../store/selection";
import { ChartEmpty } from "../frame/ChartEmpty";
import { ChartFrame } from "../frame/ChartFrame";
import { historyNow } from "../use-live-history";
import { ChosenLayerExplanation } from "./ChosenLayerExplanation";
import { ROLE_TITLES, SitePanel, type SiteKind } from "./SitePanel";
import { siteSeries, siteTable } from "./site-series";

interface Props {
  /** Tensors of the selected layer as the worker last saw them, null before that. */
  readonly view: LayerView | null;
}

/** One layer in full: its bits over the search, and its values against the levels that they allow. */
export function ChosenLayer({ view }: Props) {
  const space = useSpace();
  const layer = useSelection((state) => state.layer);
  const isWidth = useShownMethod()?.sampling === false && !(space && hasSchemes(space));
  const kind = isWidth ? "width" : "candidates";
  const policy = useRun((state) => state.history.policy?.layers.find(({ name }) => name === layer));
  const decidesKernels = typeof policy?.weight.bits === "object" || typeof policy?.activation.bits === "object";
  return <LayerFigure {...{ space, layer, kind, decidesKernels }} view={view?.layer === layer ? view : null} />;
}

interface FigureProps extends Props {
  readonly space: SearchSpace | null;
  readonly layer: string | null;
  readonly kind: SiteKind;
  /** Whether the policy gives kernels of this layer widths of their own. */
  readonly decidesKernels: boolean;
}

const LayerFigure = memo(function LayerFigure({ space, layer: name, kind, decidesKernels, view }: FigureProps) {
  const [asLines, setAsLines] = useState(false);
  const [asValues, setAsValues] = useState(false);
  const layer = space?.layers.find((known) => known.name === name);
  const sites = space?.sites.filter((site) => site.layer.name === name) ?? [];
  const kernelWise = decidesKernels || sites.some(({ kernels }) => kernels > 1);
  const title = layer?.name ?? "Chosen layer";
  return (
    <ChartFrame
      title={title}
      note={layer && `${layer.kind}  ${channels(layer.input)}\u2192${channels(layer.output)}  ${compact(layer.macs, "MACs")}`}
      fileName={`bitloom-${title}`}
      table={() => siteTable(space ? sites.map((site) => siteSeries(historyNow(), space, site)) : [])}
      explanation={<ChosenLayerExplanation kind={kind} isKernelWise={kernelWise} />}
      controls={
        <>
          {kernelWise && <Toggle label="Values" isOn={asValues} onChange={setAsValues} />}
          {(kernelWise || kind === "candidates") && (
            <Toggle label={kind === "candidates" ? "Lines" : "Mean"} isOn={asLines} onChange={setAsLines} />
          )}
        </>
      }
    >
      {space && sites.length > 0 ? (
        <div className="layer-sites">
          {sites.map((site) => (
            <section className="layer-site" aria-label={ROLE_TITLES[site.role]} key={site.role}>
              <SitePanel {...{ space, site, kind, asLines, asValues }} view={view?.[site.role] ?? null} />
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

interface ToggleProps {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (on: boolean) => void;
}

const Toggle = ({ label, isOn, onChange }: ToggleProps) => (
  <ToggleButton className="button chart-toggle" isSelected={isOn} onChange={onChange}>
    {label}
  </ToggleButton>
);

const channels = (shape: readonly number[]): string => String(shape.at(-1) ?? "");
