import { memo, useMemo } from "react";
import { FLOAT_BITS } from "../../core/cost";
import { isMoving, standingPolicy } from "../../core/history";
import type { Layer } from "../../core/layers";
import { hasSchemes, meanBits, ROLES, type SearchSpace } from "../../core/search";
import { bits, compact, decidedBits, kernelRange, percent } from "../format";
import { useRun, useSpace } from "../store/run";
import { useSelection } from "../store/selection";
import { Swatch } from "../charts/BitLegend";
import { schemeLook, useSchemes } from "../charts/candidate-looks";
import { bitOpsShare, shownBits } from "./layer-bits";
import { SchemeCell } from "./SchemeCell";
import { SearchedCell } from "./SearchedCell";

const KIND = { policy: "policy", expected: "expected", none: "" } as const;

/**
 * All costly layers with their bits: the policy's once there is one, the expected ones before it and while a search moves on from it; in
 * editing, choices for the policy's. A row selects its layer; for the keyboard the names are one group of radio buttons.
 */
export const PolicyTable = memo(function PolicyTable({ isEditing }: { readonly isEditing: boolean }) {
  const space = useSpace();
  if (!space) return <p className="empty">The layers of the network appear here as soon as the data is open.</p>;
  return (
    <table className={isEditing ? "table choosing editing" : "table choosing"} aria-label="Layers and their bits">
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col">Type</th>
          <th scope="col">Shape in &rarr; out</th>
          <th scope="col" className="number">
            MACs
          </th>
          <th scope="col" className="number">
            Weights
          </th>
          <th scope="col" className="number">
            Weight bits
          </th>
          <th scope="col" className="number">
            Activation bits
          </th>
          <th scope="col" className="number">
            Share of BitOps
          </th>
          <th scope="col">Search</th>
        </tr>
      </thead>
      <tbody>
        {space.layers.map((layer) => (
          <LayerRow key={layer.name} {...{ layer, space, isEditing }} />
        ))}
      </tbody>
      <tfoot>
        <TotalsRow space={space} />
      </tfoot>
    </table>
  );
});

interface RowProps {
  readonly layer: Layer;
  readonly space: SearchSpace;
}

function LayerRow({ layer, space, isEditing }: RowProps & { readonly isEditing: boolean }) {
  const select = useSelection((state) => state.select);
  const isSelected = useSelection((state) => state.layer === layer.name);
  const isEdited = isEditing && space.searched.includes(layer);
  const choose = (): void => select(layer.name);
  return (
    <tr onClick={choose} data-selected={isSelected}>
      <th scope="row" className="mono">
        <label>
          <input type="radio" className="visually-hidden" name="layer" checked={isSelected} onChange={choose} />
          {layer.name}
        </label>
      </th>
      <td>{layer.kind}</td>
      <td>
        {layer.input.join("\u00d7")} &rarr; {layer.output.join("\u00d7")}
      </td>
      <td className="number">{compact(layer.macs)}</td>
      <td className="number">{compact(layer.weights)}</td>
      <td className="number">
        {isEdited ? <SchemeCell layer={layer} role="weight" /> : <Bits layer={layer} space={space} role="weight" />}
      </td>
      <td className="number">
        {isEdited ? <SchemeCell layer={layer} role="activation" /> : <Bits layer={layer} space={space} role="activation" />}
      </td>
      <td className="number">
        <Share layer={layer} space={space} />
      </td>
      <td>
        <SearchedCell layer={layer} />
      </td>
    </tr>
  );
}

/** What moves is a component of its own, so that a snapshot does not rebuild the table around it. */
function useShown(space: SearchSpace) {
  const history = useRun((state) => state.history);
  // A policy stays through the trainings that follow it, and so does the table.
  const latest = useRun(({ history: known }) => standingPolicy(known) ?? known.points.at(-1));
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the history changes in place; what is latest in it says when.
  return useMemo(() => shownBits(space, history), [space, history, latest]);
}

function Bits({ layer, space, role }: RowProps & { readonly role: "weight" | "activation" }) {
  const shown = useShown(space);
  const schemes = useSchemes();
  const history = useRun((state) => state.history);
  const decided = (history.policy?.layers ?? []).filter(({ searched }) => searched);
  const differ = ROLES.some((of) => new Set(decided.map((known) => known[of].scheme)).size > 1);
  const isOfSchemes =
    hasSchemes(space) || (differ && decided.every((known) => schemes.some(({ id }) => id === known[role].scheme)));
  const own = shown.bits[space.layers.indexOf(layer)];
  if (!space.searched.includes(layer)) return <span className="float-bits">float 32</span>;
  if (!own) return <span className="float-bits">&ndash;</span>;
  const tensor = own[role];
  const value = meanBits(tensor);
  if (value >= FLOAT_BITS) return <span className="float-bits">float 32</span>;
  const scheme = decided.find(({ name }) => name === layer.name)?.[role].scheme;
  if (isOfSchemes && scheme !== undefined && (shown.of === "policy" || isMoving(history))) {
    const look = schemeLook(scheme, schemes);
    return (
      <span className="bits-cell" title={look.name}>
        {look.short} {shown.of === "policy" ? decidedBits(tensor) : bits(value)}
        <Swatch look={look} />
      </span>
    );
  }
  const kernels = kernelRange(tensor);
  const note = kernels && kernelNote(kernels);
  // Uniform schemes serve other methods too; their letters tell nothing apart there, and the name is the tip.
  const info = schemes.find(({ id }) => id === scheme);
  return (
    <span className="bits-cell" title={info?.label}>
      {note && <span className="float-bits">{note}</span>}
      {shown.of === "policy" ? decidedBits(tensor) : bits(value)}
      <i className={`swatch bit-${value === 0 ? 0 : Math.min(8, Math.max(1, Math.round(value)))}`} aria-hidden="true" />
    </span>
  );
}

/** What the mean does not say: "0\u20134, 3 pruned"; nothing where all kernels are alike. */
const kernelNote = ({ range, pruned }: NonNullable<ReturnType<typeof kernelRange>>): string =>
  [range.includes("\u2013") ? range : "", pruned > 0 ? `${pruned} pruned` : ""].filter(Boolean).join(", ");

function Share({ layer, space }: RowProps) {
  const share = bitOpsShare(layer, space, useShown(space));
  if (share === null) return <span className="float-bits">{space.searched.includes(layer) ? "\u2013" : "not counted"}</span>;
  return (
    <span className="share">
      <span className="share-bar" aria-hidden="true">
        <span style={{ width: `${100 * share}%` }} />
      </span>
      {percent(share)}
    </span>
  );
}

/** Totals over the searched layers, which it names. */
function TotalsRow({ space }: { readonly space: SearchSpace }) {
  const { searched, layers } = space;
  const sum = (of: (layer: Layer) => number): string => compact(searched.reduce((total, layer) => total + of(layer), 0));
  return (
    <tr>
      <th scope="row">
        Searched layers, {searched.length} of {layers.length}
      </th>
      <td />
      <td>
        <Totals space={space} of="kind" />
      </td>
      <td className="number">{sum(({ macs }) => macs)}</td>
      <td className="number">{sum(({ weights }) => weights)}</td>
      <td className="number">
        <Totals space={space} of="averageWeightBits" />
      </td>
      <td className="number">
        <Totals space={space} of="averageActivationBits" />
      </td>
      <td className="number">
        <Totals space={space} of="bitOps" />
      </td>
      <td />
    </tr>
  );
}

function Totals({
  space,
  of,
}: {
  readonly space: SearchSpace;
  readonly of: "kind" | "averageWeightBits" | "averageActivationBits" | "bitOps";
}) {
  const { of: kind, totals } = useShown(space);
  if (of === "kind") return <>{KIND[kind]}</>;
  if (!totals) return <>&ndash;</>;
  return <>{of === "bitOps" ? compact(totals.bitOps, "BitOps") : `mean ${bits(totals[of])}`}</>;
}
