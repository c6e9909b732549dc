import { useRun } from "../store/run";
import { useSettings } from "../store/settings";
import { modelLabel } from "../store/models";

/** The name, and what the charts show: the run that was made, or the settings of the next one. */
export function Title() {
  const ran = useRun((state) => state.ran);
  const data = useRun((state) => state.data);
  const network = useRun((state) => state.network);
  const methods = useRun((state) => state.catalog?.methods);
  const config = useSettings((state) => state.config);
  const shown = ran?.config ?? config;
  const method = methods?.find(({ id }) => id === shown.method)?.label ?? shown.method;
  const words = `${modelLabel(shown.model, ran ? ran.network : network)} on ${(ran?.data ?? data)?.name ?? shown.data} \u2013 ${method}`;
  return (
    <div className="title">
      <h1>
        <img src="./icon.svg" alt="" width="20" height="20" />
        Bitloom
      </h1>
      <p title={words}>{words}</p>
    </div>
  );
}
