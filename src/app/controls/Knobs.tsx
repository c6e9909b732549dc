import { KNOBS } from "../../core/config";
import { useChosenMethod, usedKnobs } from "../store/method";
import { isBusy, useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { KnobSlider } from "./KnobSlider";
import { TargetKnob } from "./TargetKnob";

/** What acts on the running search: the knobs that the method reads under its options. They look like nothing else on the page. */
export function Knobs() {
  const method = useChosenMethod();
  const options = useSettings((state) => state.config.options);
  const live = useRun((state) => isBusy(state.status) && state.stage?.kind === "search");
  const used = method ? usedKnobs(method, options) : [];
  if (used.length === 0) return method ? null : <section className="knobs" aria-label="Knobs" />;
  return (
    <section className="knobs" aria-label="Knobs">
      <p className={live ? "knob-live" : "help"}>{live ? "Live: acts on this search" : "Can be moved during a search"}</p>
      {used.map(({ knob, help }, i) => {
        const spec = help === undefined ? KNOBS[knob] : { ...KNOBS[knob], help };
        return knob === "target" ? (
          <TargetKnob key={knob} spec={spec} />
        ) : (
          <KnobSlider key={knob} knob={knob} spec={spec} isSmall={i > 0} />
        );
      })}
    </section>
  );
}
