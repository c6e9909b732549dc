import { useMemo, type ReactElement } from "react";
import { FLOAT_BITS } from "../../../core/cost";
import { standingPolicy, type History } from "../../../core/history";
import type { TensorView } from "../../../core/views";
import type { Bits, Role, SearchSpace, Site } from "../../../core/search";
import { useSelection } from "../../store/selection";
import { ChartEmpty } from "../frame/ChartEmpty";
import { useLiveHistory } from "../use-live-history";
import { CandidateLegend } from "./CandidateLegend";
import { KernelHistogram } from "./KernelHistogram";
import { KernelStrip } from "./KernelStrip";
import { kernelsNow, type Kernels } from "./kernels";
import { ProbabilityChart } from "./ProbabilityChart";
import { siteSeries, type SiteSeries } from "./site-series";
import { TensorHistogram } from "./TensorHistogram";
import { WidthChart } from "./WidthChart";
import { WidthLegend } from "./WidthLegend";

export const ROLE_TITLES: { readonly [R in Role]: string } = { weight: "Weights", activation: "Activations" };

/** What a method searches for a tensor: probabilities of candidates, or a real-valued width. */
export type SiteKind = "candidates" | "width";

interface Props {
  readonly space: SearchSpace;
  readonly site: Site;
  readonly kind: SiteKind;
  /** Candidates as lines instead of bands; for kernels the mean width instead of the bands of their shares. */
  readonly asLines: boolean;
  /** The tensor's values instead of its kernels. */
  readonly asValues: boolean;
  readonly view: TensorView | null;
}

/** One tensor of the chosen layer. Weights and activations have turns of their own: each draws a whole chart. */
export function SitePanel({ space, site, kind, asLines, asValues, view }: Props) {
  const { role } = site;
  const live = useLiveHistory(role);
  const series = useMemo(() => siteSeries(live.history, space, site), [live, space, site]);
  const kernels = useMemo(() => kernelsNow(live.history, space, site), [live, space, site]);
  const { history } = live;
  const values = <TensorHistogram view={view} role={role} />;
  if (site.pinned && !kernels) return <Fixed site={site}>{values}</Fixed>;
  const decided = decidedBits(history, site);
  if (kernels) {
    return <KernelPanel {...{ series, kernels, decided, asLines, role, history }} values={asValues ? values : null} />;
  }
  if (kind === "width") return <WidthPanel {...{ series, decided, role, history, view }} />;
  return (
    <>
      <CandidateLegend title={`${ROLE_TITLES[role]}: probabilities`} site={series} />
      <div className="layer-plots">
        <ProbabilityChart site={series} asLines={asLines} history={history} />
        {values}
      </div>
    </>
  );
}

interface PanelProps {
  readonly series: SiteSeries;
  readonly decided: Bits | null;
  readonly role: Role;
  readonly history: History;
}

/** A real-valued width over time, and the levels of the two whole ones that it lies between. */
function WidthPanel({ series, decided, role, history, view }: PanelProps & { readonly view: TensorView | null }) {
  const hovered = useSelection((state) => state.hoverTime);
  const width = series.at(hovered)?.bits ?? NaN;
  const [lower, upper] = [Math.floor(width), Math.ceil(width)];
  const between = useMemo(
    () => view && { ...view, levels: view.levels.filter(({ bits }) => bits === lower || bits === upper) },
    [view, lower, upper],
  );
  return (
    <>
      <WidthLegend title={`${ROLE_TITLES[role]}: bit-width`} site={series} kernels={null} decided={decided} />
      <div className="layer-plots">
        <WidthChart site={series} decided={decided} history={history} />
        <TensorHistogram view={between} role={role} />
      </div>
    </>
  );
}

interface KernelProps extends PanelProps {
  readonly kernels: Kernels;
  readonly asLines: boolean;
  /** The tensor's values if they are wanted in place of the kernels. */
  readonly values: ReactElement | null;
}

/** Widths of the kernels: how they spread over time, how they stand, and each of them. */
function KernelPanel({ series, kernels, decided, asLines, role, history, values }: KernelProps) {
  const widths = useMemo(() => {
    const whole = [...series.candidates.map(({ bits }) => bits), ...kernels.bits.map(Math.round)];
    return [...new Set(whole)].sort((a, b) => a - b);
  }, [series, kernels]);
  return (
    <>
      <WidthLegend title={`${ROLE_TITLES[role]} by kernel`} site={series} kernels={kernels} decided={decided} />
      <div className="layer-plots">
        {asLines ? (
          <WidthChart site={series} decided={decided} history={history} />
        ) : (
          <ProbabilityChart site={series} asLines={false} history={history} />
        )}
        {values ?? <KernelHistogram kernels={kernels} widths={widths} />}
      </div>
      {kernels.bits.length > 0 && <KernelStrip kernels={kernels} />}
    </>
  );
}

/** A tensor whose width nothing searches: a convention of the method fixes it, or its scheme has no other. */
function Fixed({ site: { role, candidates }, children }: { readonly site: Site; readonly children: ReactElement }) {
  const bits = candidates[0]?.bits ?? 0;
  return (
    <>
      <div className="candidate-legend">
        <h3>{`${ROLE_TITLES[role]}: ${bits >= FLOAT_BITS ? "float" : `${bits} ${bits === 1 ? "bit" : "bits"}`}, fixed`}</h3>
      </div>
      <div className="layer-plots">
        <ChartEmpty>This width is not searched: a convention of the method, or the tensor&rsquo;s scheme, fixes it.</ChartEmpty>
        {children}
      </div>
    </>
  );
}

const decidedBits = (history: History, { layer, role }: Site): Bits | null =>
  standingPolicy(history)?.layers.find(({ name }) => name === layer.name)?.[role].bits ?? null;
