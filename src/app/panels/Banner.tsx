import { Button } from "react-aria-components/Button";
import type { FailureCode } from "../../core/protocol";
import { connect } from "../bridge/session";
import { Icon } from "../controls/Icon";
import { IconButton } from "../controls/IconButton";
import { useRun } from "../store/run";
import { useSettings } from "../store/settings";

/** What to do about failures whose own sentence does not say it. */
const ADVICE: Readonly<Record<FailureCode, string>> = {
  backend: "",
  "device-lost": "The graphics device went away. Try again, or choose WASM under Advanced.",
  "not-finite": "",
  data: "",
  config: "",
  memory: "Choose a smaller width or batch, then start again.",
  internal: "Try again; the settings are kept.",
};

/** Failures and remarks about the address, in place and in words. */
export function Banner() {
  const status = useRun((state) => state.status);
  const problems = useSettings((state) => state.problems);
  const dismiss = useSettings((state) => state.dismissProblems);
  if (status.type !== "failed" && problems.length === 0) return null;
  return (
    <div className="banners">
      {status.type === "failed" && (
        <div className="banner failure" role="alert">
          <Icon name="warning" />
          <p>
            {status.message} <span className="advice">{ADVICE[status.code]}</span>
          </p>
          <Button className="button" onPress={connect}>
            Try again
          </Button>
        </div>
      )}
      {problems.length > 0 && (
        <div className="banner" role="status">
          <Icon name="warning" />
          <p>Some settings of the address could not be used. {problems.join(" ")}</p>
          <IconButton icon="close" label="Dismiss" hint="Dismiss" onPress={dismiss} />
        </div>
      )}
    </div>
  );
}
