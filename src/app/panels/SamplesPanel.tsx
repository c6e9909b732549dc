import { useRun } from "../store/run";
import { ClassBalance } from "./ClassBalance";
import { ImageSamples } from "./ImageSamples";
import { NumbersSamples } from "./NumbersSamples";
import { TextSamples } from "./TextSamples";

/** Samples of the test data with what they are and what the network takes them for. */
export default function SamplesPanel() {
  const samples = useRun((state) => state.samples);
  const data = useRun((state) => state.data);
  if (!samples || !data) return <p className="empty">Samples appear here as soon as the data is open.</p>;
  const { labels } = samples.data;
  const wrong = samples.predictions ? labels.filter((label, i) => label !== samples.predictions?.[i]).length : 0;
  return (
    <div className="samples-panel">
      <div>
        <p className="help">
          {samples.predictions
            ? `${samples.by}: ${labels.length - wrong} of ${labels.length} right. ${LEGENDS[data.kind]}`
            : "Start a search: predictions appear after its first epoch."}
        </p>
        {data.kind === "text" && "tokens" in samples.data && <TextSamples samples={samples} split={samples.data} data={data} />}
        {data.kind === "images" && "images" in samples.data && (
          <ImageSamples samples={samples} split={samples.data} data={data} />
        )}
        {data.kind === "numbers" && "values" in samples.data && (
          <NumbersSamples samples={samples} split={samples.data} data={data} />
        )}
      </div>
      <ClassBalance data={data} />
    </div>
  );
}

const LEGENDS = {
  images: "A cross shows what an image was taken for.",
  text: "A cross shows what was expected in place of the truth.",
  numbers: "A cross shows what a row was taken for. Numbers have mean 0 and deviation 1 over the training rows.",
} as const;
