import type { ReactElement } from "react";
import type { SchemeInfo } from "../../core/catalog";
import type { Layer } from "../../core/layers";
import type { PolicyTensor } from "../../core/policy";
import type { Role } from "../../core/search";
import { editTensor } from "../bridge/policy-edit";
import { schemeLook, useSchemes } from "../charts/candidate-looks";
import { Swatch } from "../charts/BitLegend";
import { useRun } from "../store/run";
import { useSelection } from "../store/selection";

interface Props {
  readonly layer: Layer;
  readonly role: Role;
}

const ROLE_NAMES: Readonly<Record<Role, string>> = { weight: "weights", activation: "activations" };

/** The scheme and the width of one tensor of the policy, to choose. */
export function SchemeCell({ layer, role }: Props) {
  const schemes = useSchemes();
  const tensor = useRun(({ history }) => history.policy?.layers.find(({ name }) => name === layer.name)?.[role]);
  const scheme = schemes.find(({ id }) => id === tensor?.scheme);
  if (!tensor || !scheme || typeof tensor.bits !== "number") return <span className="float-bits">&ndash;</span>;
  return <Choices {...{ layer, role, tensor, scheme, schemes }} bits={tensor.bits} />;
}

interface ChoicesProps extends Props {
  readonly tensor: PolicyTensor;
  readonly bits: number;
  readonly scheme: SchemeInfo;
  readonly schemes: readonly SchemeInfo[];
}

function Choices({ layer, role, tensor, bits, scheme, schemes }: ChoicesProps): ReactElement {
  const select = useSelection((state) => state.select);
  const of = `${ROLE_NAMES[role]} of ${layer.name}`;
  const { minBits, maxBits } = scheme;
  const widths = Array.from({ length: maxBits - minBits + 1 }, (_, i) => minBits + i);
  return (
    <span className="scheme-cell" data-edited={tensor.edited === true} onFocus={() => select(layer.name)}>
      <select
        aria-label={`Scheme of the ${of}`}
        title={scheme.label}
        value={scheme.id}
        onChange={({ target: { value } }) => {
          const chosen = schemes.find(({ id }) => id === value);
          if (chosen) editTensor({ layer: layer.name, role, scheme: chosen, bits });
        }}
      >
        {schemes
          .filter(({ roles }) => roles.includes(role))
          .map((known) => (
            <option key={known.id} value={known.id}>
              {shortName(known)}
            </option>
          ))}
      </select>
      <select
        aria-label={`Bits of the ${of}`}
        value={bits}
        disabled={widths.length === 1}
        onChange={({ target: { value } }) => editTensor({ layer: layer.name, role, scheme, bits: Number(value) })}
      >
        {widths.map((width) => (
          <option key={width} value={width}>
            {width}
          </option>
        ))}
      </select>
      <Swatch look={schemeLook(scheme.id, schemes)} />
    </span>
  );
}

/** "ClipQ" of "ClipQ (clipped uniform)": the whole name is the tip. */
const shortName = ({ label }: SchemeInfo): string => label.split(" (")[0] ?? label;
